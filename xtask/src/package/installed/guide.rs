//! The commands of docs/deploy.md, run as they stand there.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::On;
use super::published::Published;
use crate::process::{output, root, run, succeeds};
use crate::release::VERSION;

/// Where whoever reads the guide has what they were given.
const GIVEN: &str = "root/given";
/// Where packages are in the guide, and in the systems.
const FROM: [&str; 2] = ["https://packages.example/apt", "file:/srv/packages/apt"];
/// In a bare system nothing comes along that a package only recommends: it would take minutes.
const BARE: &str = "APT::Install-Recommends \"false\";\n";

impl On<'_> {
    /// Installs, points to the repository, starts with the desktop and takes away, in the guide's own words.
    ///
    /// # Errors
    /// If a command fails, or does not do what the guide says.
    pub(super) fn follows_the_guide(&self, published: &Published) -> Result<()> {
        let program = &self.brand.program;
        let guide = fs::read_to_string(root().join("docs/deploy.md"))?;
        let key = format!("{program}.asc");
        let source = self
            .root
            .at(&format!("etc/apt/sources.list.d/{program}.sources"));
        // What was tried before.
        fs::remove_file(&source)?;
        fs::remove_file(self.root.at("etc/apt/keyrings").join(&key))?;
        fs::write(self.root.at("etc/apt/apt.conf.d/98bare"), BARE)?;
        self.is_offered(&published.newer)?;
        let given = self.root.at(GIVEN);
        fs::create_dir_all(&given)?;
        let package = published.package.file_name();
        fs::copy(
            &published.package,
            given.join(package.context("a package without a name")?),
        )?;
        fs::copy(published.newer.join(&key), given.join(&key))?;
        let text = blocks(&guide, "").find(|text| text.starts_with("Types: deb\n"));
        let text = text.context("the guide has no source for apt")?;
        ensure!(text.contains(FROM[0]), "the guide's source is {text}");
        let commands: Vec<_> = blocks(&guide, "sh").flat_map(str::lines).collect();
        ensure!(commands.len() >= 8, "the guide's commands are {commands:?}");
        for command in commands {
            // The file beside the key, which the guide shows next.
            if command == "apt-get update" {
                fs::write(&source, text.replace(FROM[0], FROM[1]))?;
            }
            self.obeys(command)?;
            if command.contains(".deb") {
                self.has_version(VERSION)?;
            }
        }
        let mut offered = self.root.enter("apt-cache");
        let offered = output(offered.args(["madison", program])).unwrap_or_default();
        ensure!(
            offered.contains("file:/srv/packages/apt"),
            "apt is offered {offered:?}"
        );
        let id = &self.brand.id;
        let link = self.root.at(&format!("etc/xdg/autostart/{id}.desktop"));
        let entry = fs::read_link(&link)?;
        ensure!(
            self.root
                .at(entry.strip_prefix("/")?.to_str().unwrap_or_default())
                .is_file(),
            "with the desktop starts {}",
            entry.display()
        );
        let kiosk = self
            .root
            .at(&format!("root/.config/autostart/{id}.desktop"));
        run(Command::new("desktop-file-validate").arg(&kiosk))?;
        let starts = "\nExec=salon \"salon://join?room=reception\"\n";
        ensure!(
            fs::read_to_string(&kiosk)?.contains(starts),
            "{} does not lead into the meeting",
            kiosk.display()
        );
        let purge = "apt-get purge --yes salon";
        ensure!(guide.contains(purge), "the guide no longer says `{purge}`");
        self.obeys(purge)?;
        if succeeds(self.root.enter("dpkg-query").args(["-W", program])) {
            bail!("the system still knows it");
        }
        Ok(fs::remove_file(link)?)
    }

    fn obeys(&self, command: &str) -> Result<()> {
        let command = command.replace("VERSION", VERSION);
        println!("$ {command}");
        let mut shell = self.root.enter("sh");
        run(shell.args(["-c", &format!("cd /{GIVEN} && {command}")]))
    }
}

/// What stands between fences of this language, in its order.
fn blocks<'a>(text: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    // Every other piece is between fences.
    let fenced = text.split("```").skip(1).step_by(2);
    let begin = format!("{language}\n");
    fenced.filter_map(move |fenced| fenced.strip_prefix(begin.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_a_language_are_found() {
        let text = "a\n```sh\none\ntwo\n```\nb `c`\n```\nplain\n```\n```sh\nthree\n```\n";
        let found: Vec<_> = blocks(text, "sh").collect();
        assert_eq!(found, ["one\ntwo\n", "three\n"]);
        assert_eq!(blocks(text, "").collect::<Vec<_>>(), ["plain\n"]);
    }
}
