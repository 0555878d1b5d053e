//! Tries the installers under Wine: installed without a question, the scheme registered, started, upgraded
//! while it runs and when it does not, taken away again, and nothing left but what the user made.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::installers::Installers;
use super::wine::Wine;

/// What an installer and the program end with where WebView2 is missing.
const WEBVIEW2_MISSING: i32 = 3;
/// What an installer ends with that was told not to wait for the program.
const IN_USE: i32 = 4;
/// What stands in a text of the version before.
const OLD: &str = "of an older version";
const PLACE: &str = "C:\\Trial\\Salon";
const SCHEME: &str = "Software\\Classes\\salon\\shell\\open\\command";
const UNINSTALL: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Salon";
const RUN: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Run";

/// Tries each of them.
///
/// # Errors
/// At the first thing that is not as it should be.
pub(super) fn run(installers: &Installers, wine: &Wine) -> Result<()> {
    for (installer, root) in [(&installers.user, "HKCU"), (&installers.machine, "HKLM")] {
        println!("=== {}", installer.display());
        let trial = Trial {
            wine,
            installer,
            root,
        };
        // What a trial that failed has left.
        if trial.installed().join("uninstall.exe").exists() {
            trial.uninstall()?;
        }
        trial.installs()?;
        trial.starts()?;
        trial.upgrades()?;
        trial.is_gone()?;
    }
    println!("=== {}", installers.package.display());
    package(wine, &installers.package)
}

struct Trial<'a> {
    wine: &'a Wine,
    installer: &'a Path,
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

    fn installer(&self) -> Result<Command> {
        Ok(self.wine.program(&Wine::path_of(self.installer)?))
    }

    /// Silently, with these switches.
    fn install(&self, switches: &[&str]) -> Result<i32> {
        let mut installer = self.installer()?;
        installer.arg("/S").args(switches);
        // Last, and without a space: NSIS wants no quotes.
        let status = installer.arg(format!("/D={PLACE}")).status()?;
        status.code().context("the installer was ended")
    }

    fn installs(&self) -> Result<()> {
        let ended = self.install(&["/AUTOSTART"])?;
        ensure!(
            ended == WEBVIEW2_MISSING,
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
        let output = reg.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(output.status.success().then_some(text))
    }

    fn salon(&self, arguments: &[&str]) -> Result<Output> {
        let mut salon = self.wine.program(&self.program());
        Ok(salon.args(arguments).output()?)
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

    /// An upgrade while the program runs: not with /NOWAIT, and otherwise once it has ended.
    fn upgrades(&self) -> Result<()> {
        let notice = self.installed().join("NOTICE");
        // The program's own time is that of its build, whenever it is installed.
        let is_old = || -> Result<bool> { Ok(std::fs::read_to_string(&notice)? == OLD) };
        std::fs::write(&notice, OLD)?;
        let mut salon = self.wine.program(&self.program());
        salon.args(["doctor", "--token", "-"]);
        // It goes on until its input ends.
        let mut salon = salon.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        self.until_it_runs("salon.exe")?;
        let ended = self.install(&["/NOWAIT"])?;
        ensure!(
            ended == IN_USE && is_old()?,
            "with the program running and /NOWAIT, installing ended with {ended}"
        );
        // Where it is, it finds out itself.
        let mut upgrade = self.installer()?.arg("/S").spawn()?;
        let name = self.installer.file_name().context("no name")?;
        self.until_it_runs(&name.to_string_lossy())?;
        ensure!(
            upgrade.try_wait()?.is_none() && is_old()?,
            "it did not wait for the running program"
        );
        drop(salon.stdin.take());
        salon.wait()?;
        let status = upgrade.wait()?;
        ensure!(
            status.code() == Some(WEBVIEW2_MISSING) && !is_old()?,
            "upgrading ended with {status}"
        );
        let shown = self.salon(&["config"])?;
        let shown = String::from_utf8_lossy(&shown.stdout);
        ensure!(shown.contains("Amina"), "the settings are gone: {shown}");
        Ok(())
    }

    /// Wine says when a program is there.
    fn until_it_runs(&self, name: &str) -> Result<()> {
        for _ in 0..600 {
            let tasks = self.wine.command().args(["tasklist"]).output()?;
            if String::from_utf8_lossy(&tasks.stdout).contains(name) {
                return Ok(());
            }
        }
        bail!("{name} does not run")
    }

    fn uninstall(&self) -> Result<()> {
        let mut uninstall = self.wine.program(&format!("{PLACE}\\uninstall.exe"));
        let status = uninstall.arg("/S").status()?;
        ensure!(status.success(), "uninstalling ended with {status}");
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
        let logs = self.local_data().join("Salon/logs");
        ensure!(!logs.exists(), "{} is still there", logs.display());
        ensure!(self.settings().is_file(), "what the user made is gone");
        Ok(())
    }
}

fn package(wine: &Wine, package: &Path) -> Result<()> {
    let msiexec = |verb: &str, properties: &[&str]| -> Result<()> {
        let mut msiexec = wine.command();
        msiexec.args(["msiexec", verb]).arg(package).arg("/qn");
        let status = msiexec.args(properties).status()?;
        ensure!(status.success(), "msiexec {verb} ended with {status}");
        Ok(())
    };
    let program = wine.drive_c().join("Program Files/Salon/salon.exe");
    let says = |key: &str| -> Result<bool> {
        let mut reg = wine.command();
        let found = reg
            .args(["reg", "query", &format!("HKLM\\{key}")])
            .output()?;
        Ok(String::from_utf8_lossy(&found.stdout).contains("Program Files\\Salon\\salon.exe"))
    };
    for (properties, starts_with_the_system) in
        [(&[][..], false), (&["ADDLOCAL=Salon,Autostart"][..], true)]
    {
        msiexec("/i", properties)?;
        ensure!(
            program.is_file() && says(SCHEME)? && says(RUN)? == starts_with_the_system,
            "the package does not install what it should with {properties:?}"
        );
        msiexec("/x", &[])?;
        ensure!(
            !program.exists() && !says(SCHEME)? && !says(RUN)?,
            "the package leaves something behind"
        );
    }
    Ok(())
}
