//! Bare Debian systems in folders of this machine, made by its own tools from the archive that it is set up
//! with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{is_root, output, run};
use crate::tools;

/// Runs a program in a root, in a mount namespace of its own that ends with it. The root is entered by
/// `pivot_root`: in a mere chroot no program may make namespaces, and the page's process would have no sandbox.
/// Screen, sound and bus of whoever tests lie in `/tmp` and are shared, and with them what stands in for the
/// browser of its desktop.
const ENTER: &str = r#"
set -e
root=$1
shift
mount --bind "$root" "$root"
for shared in dev sys proc tmp; do
  mount --rbind "/$shared" "$root/$shared"
done
cd "$root"
mkdir -p outside
pivot_root . outside
umount -l /outside
cd /
own=
IFS=:
for folder in $PATH; do
  case $folder in /tmp/*) own=$own$folder: ;; esac
done
exec env PATH="$own/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root "$@"
"#;
/// The settings by which apt believes lists that are out of date, the first of them whatever the second says, and how
/// they are written then.
const OLD_LISTS: [&str; 2] = ["Acquire::Check-Date ", "Acquire::Check-Valid-Until "];
const OFF: [&str; 4] = ["\"false\"", "\"no\"", "\"off\"", "\"0\""];
/// Services do not begin in there.
const NO_SERVICES: &str = "#!/bin/sh\nexit 101\n";

/// A system in a folder.
#[derive(Debug)]
pub(crate) struct Root {
    folder: PathBuf,
}

/// An archive of packages that this machine is set up with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Archive {
    address: String,
    /// As `bookworm-security`.
    suite: String,
    components: String,
}

/// Whether this may make and enter such systems.
///
/// # Errors
/// Without the rights of root.
pub(crate) fn need_rights() -> Result<()> {
    ensure!(is_root(), "systems in folders are made and entered as root");
    Ok(())
}

impl Root {
    /// A new system of this suite, as bare as it gets.
    ///
    /// # Errors
    /// Without the rights of root, debootstrap, or an archive.
    pub(crate) fn bare(suite: &str, folder: PathBuf) -> Result<Self> {
        let archives = archives()?;
        let kept = tools::cache()?.join("roots").join(suite);
        // Written last: what was broken off is begun again.
        let whole = kept.with_extension("whole");
        if !whole.is_file() {
            println!("A bare {suite} (a few minutes)");
            if kept.exists() {
                fs::remove_dir_all(&kept)?;
            }
            fs::create_dir_all(&kept)?;
            let mut make = Command::new("debootstrap");
            make.args(["--variant=minbase", suite]).arg(&kept);
            run(make.arg(&main(&archives)?.address))?;
            fs::write(&whole, "")?;
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.parent().context("no folder above")?)?;
        run(Command::new("cp")
            .args(["-a", "--reflink=auto"])
            .arg(&kept)
            .arg(&folder))?;
        let root = Self { folder };
        root.reach_the_archive(suite, &archives)?;
        Ok(root)
    }

    fn reach_the_archive(&self, suite: &str, archives: &[Archive]) -> Result<()> {
        // As outside, with its proxies.
        let said = output(Command::new("apt-config").args(["dump", "Acquire"])).unwrap_or_default();
        let (settings, believes_old) = apart(&said);
        fs::write(self.at("etc/apt/apt.conf.d/99outside"), settings)?;
        let sources = sources(archives, suite, believes_old)?;
        fs::write(self.at("etc/apt/sources.list"), sources)?;
        for file in ["etc/resolv.conf", "etc/hosts"] {
            fs::copy(Path::new("/").join(file), self.at(file))?;
        }
        let policy = self.at("usr/sbin/policy-rc.d");
        fs::write(&policy, NO_SERVICES)?;
        fs::set_permissions(policy, fs::Permissions::from_mode(0o755))?;
        run(self.enter("apt-get").args(["update", "--quiet", "--quiet"]))
    }

    /// A file of it, as seen from outside.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Takes it away. What was mounted went with those who had entered.
    ///
    /// # Errors
    /// If a file cannot be removed.
    pub(crate) fn remove(self) -> Result<()> {
        Ok(fs::remove_dir_all(self.folder)?)
    }

    /// Brings all that is there up to date.
    ///
    /// # Errors
    /// If apt fails.
    pub(crate) fn upgrade(&self) -> Result<()> {
        let mut apt = self.enter("apt-get");
        apt.args(["dist-upgrade", "--quiet", "--quiet", "--yes"]);
        run(apt.env("DEBIAN_FRONTEND", "noninteractive"))
    }

    /// A program in it, to be run.
    pub(crate) fn enter(&self, program: &str) -> Command {
        let mut enter = Command::new("unshare");
        enter.args([
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            ENTER,
            "sh",
        ]);
        enter
            .arg(&self.folder)
            .arg(program)
            .env("DEBIAN_FRONTEND", "noninteractive");
        enter
    }

    /// Writes a program that is the one of this name in here, for whoever starts it from outside.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn door(&self, program: &str) -> Result<PathBuf> {
        let enter = self.folder.with_extension("enter");
        fs::write(&enter, ENTER)?;
        let door = self
            .folder
            .with_extension(program.rsplit('/').next().unwrap_or(program));
        let script = format!(
            "#!/bin/sh\nexec unshare --mount --propagation private sh '{}' '{}' '{program}' \"$@\"\n",
            enter.display(),
            self.folder.display(),
        );
        fs::write(&door, script)?;
        fs::set_permissions(&door, fs::Permissions::from_mode(0o755))?;
        Ok(door)
    }

    /// Installs a package and all that it depends on, and nothing that it only recommends.
    ///
    /// # Errors
    /// If something is missing.
    pub(crate) fn install(&self, package: &Path) -> Result<()> {
        let name = package.file_name().context("a package without a name")?;
        fs::copy(package, self.at("root").join(name))?;
        let place = Path::new("/root").join(name);
        self.add(&[place.to_str().context("a package with an odd name")?])
    }

    /// The same with packages of the distribution's.
    ///
    /// # Errors
    /// If one is missing.
    pub(crate) fn add(&self, packages: &[&str]) -> Result<()> {
        let mut install = self.enter("apt-get");
        install.args([
            "install",
            "--quiet",
            "--quiet",
            "--yes",
            "--no-install-recommends",
        ]);
        run(install.args(packages))
    }
}

/// What this machine's own package manager asks.
fn archives() -> Result<Vec<Archive>> {
    let mut ask = Command::new("apt-get");
    ask.args([
        "indextargets",
        "--format",
        "$(REPO_URI) $(RELEASE) $(COMPONENT)",
    ]);
    let said =
        output(ask.arg("Created-By: Packages")).context("apt-get does not say what it asks")?;
    Ok(read(&said))
}

fn read(said: &str) -> Vec<Archive> {
    let mut archives: Vec<Archive> = Vec::new();
    for line in said.lines() {
        let [address, suite, component] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            continue;
        };
        let known = archives
            .iter_mut()
            .find(|known| known.address == address && known.suite == suite);
        match known {
            Some(known) if !known.components.split(' ').any(|known| known == component) => {
                known.components = format!("{} {component}", known.components);
            }
            Some(_) => {}
            None => archives.push(Archive {
                address: address.into(),
                suite: suite.into(),
                components: component.into(),
            }),
        }
    }
    archives
}

/// The one with the release itself, not its updates or something of somebody else's.
fn main(archives: &[Archive]) -> Result<&Archive> {
    let own = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let own = own.map(|own| own.trim_matches('"')).unwrap_or_default();
    let main = archives.iter().find(|archive| archive.suite == own);
    main.context("this machine is set up with no archive of its own release")
}

/// What apt is set up with here, and whether it believes lists that are out of date. Where it does, that is meant for
/// the archive of this machine, and not for what is tried in the systems.
fn apart(said: &str) -> (String, bool) {
    let is_about_old = |line: &&str| OLD_LISTS.iter().any(|name| line.starts_with(name));
    let (about_old, others): (Vec<_>, Vec<_>) = said.lines().partition(is_about_old);
    let believes = about_old
        .iter()
        .any(|line| OFF.iter().any(|off| line.contains(off)));
    let settings = others.iter().map(|line| format!("{line}\n")).collect();
    (settings, believes)
}

/// The same archives in another release; `believes_old`: also by lists that are out of date.
fn sources(archives: &[Archive], suite: &str, believes_old: bool) -> Result<String> {
    let option = if believes_old {
        "[check-date=no check-valid-until=no] "
    } else {
        ""
    };
    let own = &main(archives)?.suite;
    let lines = archives.iter().filter_map(|archive| {
        let which = archive.suite.strip_prefix(own.as_str())?;
        Some(format!(
            "deb {option}{} {suite}{which} {}\n",
            archive.address, archive.components
        ))
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        bail!("no archive has {suite}");
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_read_as_apt_says_them() {
        let said = "http://a.example/debian/ bookworm main\nhttp://a.example/debian/ bookworm contrib\n\
                    http://a.example/debian/ bookworm main\nhttp://b.example/ bookworm-security main\n";
        let archives = read(said);
        assert_eq!(archives.len(), 2);
        assert_eq!(archives[0].components, "main contrib");
        assert_eq!(archives[1].suite, "bookworm-security");
    }

    #[test]
    fn that_old_lists_are_believed_holds_for_the_archive_alone() {
        let said =
            "Acquire \"\";\nAcquire::Check-Valid-Until \"false\";\nAcquire::Retries \"3\";\n";
        let (settings, believes) = apart(said);
        assert_eq!(settings, "Acquire \"\";\nAcquire::Retries \"3\";\n");
        assert!(believes);
        assert!(!apart("Acquire::Check-Valid-Until \"true\";\n").1);
        assert!(apart("Acquire::Check-Date \"false\";\n").1);
        assert!(!apart("Acquire::Retries \"0\";\n").1);
    }
}
