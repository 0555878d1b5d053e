//! Tries the installers under Wine: installed without a question, the scheme registered, started, upgraded
//! while it runs and when it does not, taken away again, and nothing left but what the user made.

mod brands;
mod package;
mod running;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::LINKER;
use super::installers::Installers;
use super::wine::Wine;
use crate::process::run as run_command;

/// What an installer and the program end with where WebView2 is missing.
const WEBVIEW2_MISSING: i32 = 3;
/// What an installer ends with that cannot write.
const NOT_WRITTEN: i32 = 2;
/// What an installer ends with that was told not to wait for the program, and an uninstaller, which never does.
const IN_USE: i32 = 4;
/// What an installer ends with where the other one for everybody has been.
const OTHER_INSTALLER: i32 = 5;
/// What an installer ends with that finds a later version.
const OVERTAKEN: i32 = 6;
const PLACE: &str = "C:\\Trial\\Salon";
const SCHEME: &str = "Software\\Classes\\salon\\shell\\open\\command";
const UNINSTALL: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Salon";
const RUN: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Run";

/// Installers that were signed.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    pub(super) installers: Installers,
    /// To know the signatures by.
    pub(super) certificate: &'a Path,
}

/// Tries each of them; `before`: of an earlier version; `other`: of another product, whose maker signs.
///
/// # Errors
/// At the first thing that is not as it should be.
pub(super) fn run(
    installers: &Installers,
    before: &Installers,
    other: &Signed<'_>,
    wine: &Wine,
) -> Result<()> {
    step("a computer that nobody has used", || wine.begin_anew())?;
    let of_user = (&installers.user, &before.user, "HKCU");
    let of_machine = (&installers.machine, &before.machine, "HKLM");
    for (installer, earlier, root) in [of_user, of_machine] {
        println!("=== {}", installer.display());
        let trial = Trial {
            wine,
            installer,
            earlier,
            versions: [before, installers].map(|of| of.version.to_string()),
            root,
        };
        step("installs", || trial.installs())?;
        step("starts nobody else's program", || {
            trial.starts_nobody_elses_program()
        })?;
        step("starts", || trial.starts())?;
        step("upgrades", || trial.upgrades())?;
        step("is not overtaken", || trial.is_not_overtaken())?;
        step("leaves alone what runs", || trial.leaves_what_runs_alone())?;
        step("goes beside what runs", || {
            trial.goes_beside_a_running_one()
        })?;
        if root == "HKLM" {
            step("stands in the package's way", || {
                package::refuses_beside_the_other(wine, installers)
            })?;
        }
        step("leaves WebView2 to the system", || {
            trial.leaves_webview2_to_the_system()
        })?;
        step("is gone", || trial.is_gone())?;
    }
    println!("=== {}", installers.package.display());
    package::run(wine, installers, before)?;
    brands::run(wine, installers, other)
}

/// Does one part of it, and says for how long.
fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let done = work().with_context(|| name.to_owned())?;
    println!("{name}: {} s", start.elapsed().as_secs());
    Ok(done)
}

struct Trial<'a> {
    wine: &'a Wine,
    installer: &'a Path,
    /// That of an earlier version.
    earlier: &'a Path,
    /// Of the earlier one, and of this one.
    versions: [String; 2],
    /// Where the registry says it.
    root: &'static str,
}

impl Trial<'_> {
    fn installed(&self) -> PathBuf {
        self.wine.drive_c().join("Trial/Salon")
    }

    fn program(&self) -> String {
        format!("{PLACE}\\salon.exe")
    }

    /// An installer, silently, with these switches.
    fn silent(&self, installer: &Path, switches: &[&str]) -> Result<Command> {
        let mut silent = self.wine.program(&Wine::path_of(installer)?);
        silent.arg("/S").args(switches);
        Ok(silent)
    }

    /// This version's, to where the trial is.
    fn install(&self, switches: &[&str]) -> Result<i32> {
        // Last, and without a space: NSIS wants no quotes.
        let place = format!("/D={PLACE}");
        let switches = [switches, &[&place]].concat();
        self.wine
            .ended(&mut self.silent(self.installer, &switches)?)
    }

    /// Which version the system says that there is.
    fn version(&self) -> Result<String> {
        let said = self.registry(UNINSTALL, "DisplayVersion")?;
        let said = said.context("no version is registered")?;
        Ok(said
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_owned())
    }

    fn installs(&self) -> Result<()> {
        let place = format!("/D={PLACE}");
        let mut install = self.silent(self.earlier, &["/AUTOSTART", &place])?;
        let ended = self.wine.ended(&mut install)?;
        ensure!(
            ended == WEBVIEW2_MISSING && self.version()? == self.versions[0],
            "installing ended with {ended}, WebView2 is not there"
        );
        for file in ["salon.exe", "WebView2Loader.dll", "NOTICE", "uninstall.exe"] {
            ensure!(
                self.installed().join(file).is_file(),
                "{file} is not installed"
            );
        }
        let program = self.program();
        for (key, value, said) in [
            (SCHEME, "", format!("\"{program}\" \"%1\"")),
            (RUN, "Salon", format!("\"{program}\"")),
            (UNINSTALL, "InstallLocation", PLACE.to_owned()),
        ] {
            let found = self.registry(key, value)?.unwrap_or_default();
            ensure!(
                found.contains(&said),
                "{key} {value} says {found:?}, not {said:?}"
            );
        }
        Ok(())
    }

    /// What the registry has there, as `reg` prints it.
    fn registry(&self, key: &str, value: &str) -> Result<Option<String>> {
        let mut reg = self.wine.command();
        reg.args(["reg", "query", &format!("{}\\{key}", self.root)]);
        if value.is_empty() {
            reg.arg("/ve");
        } else {
            reg.args(["/v", value]);
        }
        let output = self.wine.output(&mut reg)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(output.status.success().then_some(text))
    }

    fn salon(&self, arguments: &[&str]) -> Result<Output> {
        let mut salon = self.wine.program(&self.program());
        self.wine.output(salon.args(arguments))
    }

    fn starts(&self) -> Result<()> {
        let paths = self.salon(&["config", "--path"])?;
        let printed = String::from_utf8_lossy(&paths.stdout);
        ensure!(
            printed.contains("Software\\Policies\\Salon"),
            "`salon config --path` prints {printed:?}"
        );
        let started = self.salon(&["salon://join?room=tea"])?;
        let (ended, said) = (
            started.status.code(),
            String::from_utf8_lossy(&started.stderr),
        );
        ensure!(
            ended == Some(WEBVIEW2_MISSING),
            "started, it ended with {ended:?}: {said}"
        );
        ensure!(
            said.contains("WebView2, which the app"),
            "started, it said {said:?}"
        );
        let logs = self.local_data().join("Salon/logs");
        let logged = std::fs::read_dir(&logs)
            .with_context(|| format!("there is no log in {}", logs.display()))?
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
        ensure!(
            logged.collect::<String>().contains("WebviewMissing"),
            "the log does not say that WebView2 is missing"
        );
        // What the user makes.
        std::fs::create_dir_all(self.settings().parent().context("no folder")?)?;
        Ok(std::fs::write(self.settings(), "name = 'Amina'\n")?)
    }

    fn local_data(&self) -> PathBuf {
        self.wine.user_folder().join("AppData/Local")
    }

    fn settings(&self) -> PathBuf {
        self.wine
            .user_folder()
            .join("AppData/Roaming/salon/settings.toml")
    }

    /// A program of somebody else's under the name of Microsoft's, in the folder that the installer is in.
    fn starts_nobody_elses_program(&self) -> Result<()> {
        let folder = self.earlier.parent().context("no folder")?;
        let source = folder.join("other.c");
        let planted = folder.join("MicrosoftEdgeWebview2Setup.exe");
        let ran = self.wine.drive_c().join("ran.txt");
        let text =
            "#include <stdio.h>\nint main(void) { return !fopen(\"C:\\\\ran.txt\", \"w\"); }\n";
        std::fs::write(&source, text)?;
        run_command(Command::new(LINKER).arg(&source).arg("-o").arg(&planted))?;
        // It would have done it.
        self.wine
            .run(&mut self.wine.program(&Wine::path_of(&planted)?))?;
        ensure!(ran.is_file(), "the planted program does nothing");
        std::fs::remove_file(&ran)?;
        let ended = self.wine.ended(&mut self.silent(self.earlier, &[])?);
        std::fs::remove_file(&planted)?;
        std::fs::remove_file(&source)?;
        let ended = ended?;
        ensure!(
            ended == WEBVIEW2_MISSING && !ran.exists(),
            "the installer ended with {ended}, and started what Microsoft has not signed: {}",
            ran.exists()
        );
        Ok(())
    }

    /// What an installer has brought of a fixed version goes where the system has one.
    fn leaves_webview2_to_the_system(&self) -> Result<()> {
        let brought = self.installed().join("WebView2");
        std::fs::create_dir_all(&brought)?;
        std::fs::write(brought.join("msedgewebview2.exe"), "old")?;
        // Where there is no other, it stays.
        let ended = self.install(&[])?;
        ensure!(
            ended == 0 && brought.exists(),
            "with a fixed WebView2, installing ended with {ended}"
        );
        let key = "HKLM\\Software\\Microsoft\\EdgeUpdate\\Clients\\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
        let reg = |words: &[&str]| {
            let mut reg = self.wine.command();
            self.wine.run(reg.arg("reg").args(words).arg("/reg:32"))
        };
        reg(&["add", key, "/v", "pv", "/d", "140.0.0.0", "/f"])?;
        let ended = self.install(&[]);
        reg(&["delete", key, "/f"])?;
        let ended = ended?;
        ensure!(
            ended == 0 && !brought.exists(),
            "with the system's WebView2, installing ended with {ended}, and the old one is there: {}",
            brought.exists()
        );
        Ok(())
    }

    fn uninstall(&self) -> Result<()> {
        let mut uninstall = self.wine.program(&format!("{PLACE}\\uninstall.exe"));
        let ended = self.wine.ended(uninstall.arg("/S"))?;
        ensure!(ended == 0, "uninstalling ended with {ended}");
        // It goes on in a copy of itself.
        self.wine.until_idle()
    }

    fn is_gone(&self) -> Result<()> {
        self.uninstall()?;
        ensure!(!self.installed().exists(), "{PLACE} is still there");
        for key in [SCHEME, UNINSTALL] {
            ensure!(self.registry(key, "")?.is_none(), "{key} is still there");
        }
        ensure!(
            self.registry(RUN, "Salon")?.is_none(),
            "it would still start with the system"
        );
        let once = self.registry(&format!("{RUN}Once"), "Salon before")?;
        ensure!(once.is_none(), "at signing in it would be looked for");
        let logs = self.local_data().join("Salon/logs");
        ensure!(!logs.exists(), "{} is still there", logs.display());
        ensure!(self.settings().is_file(), "what the user made is gone");
        Ok(())
    }
}
