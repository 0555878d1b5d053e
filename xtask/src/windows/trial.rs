//! Tries the installers under Wine: installed without a question, the scheme registered, started, upgraded
//! while it runs and when it does not, taken away again, and nothing left but what the user made.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::LINKER;
use super::installers::Installers;
use super::wine::Wine;
use crate::process::run as run_command;

/// What an installer and the program end with where WebView2 is missing.
const WEBVIEW2_MISSING: i32 = 3;
/// What an installer ends with that was told not to wait for the program.
const IN_USE: i32 = 4;
/// What an installer ends with where the other one for everybody has been.
const OTHER_INSTALLER: i32 = 5;
/// What `msiexec` ends with if a package refuses (1603), as far as it gets through Wine: its last eight bits.
const REFUSED: i32 = 1603 & 0xff;
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
        trial.starts_nobody_elses_program()?;
        trial.starts()?;
        trial.upgrades()?;
        trial.goes_beside_a_running_one()?;
        if root == "HKLM" {
            let ended = msiexec(wine, "/i", &installers.package, &[])?;
            ensure!(
                ended == REFUSED,
                "beside the .exe, msiexec ended with {ended}"
            );
        }
        trial.leaves_webview2_to_the_system()?;
        trial.is_gone()?;
    }
    println!("=== {}", installers.package.display());
    package(wine, installers)
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

    fn until_it_runs(&self, name: &str) -> Result<()> {
        until_it_runs(self.wine, name)
    }

    /// A program of somebody else's under the name of Microsoft's, in the folder that the installer is in.
    fn starts_nobody_elses_program(&self) -> Result<()> {
        let folder = self.installer.parent().context("no folder")?;
        let source = folder.join("other.c");
        let planted = folder.join("MicrosoftEdgeWebview2Setup.exe");
        let ran = self.wine.drive_c().join("ran.txt");
        let text =
            "#include <stdio.h>\nint main(void) { return !fopen(\"C:\\\\ran.txt\", \"w\"); }\n";
        std::fs::write(&source, text)?;
        run_command(Command::new(LINKER).arg(&source).arg("-o").arg(&planted))?;
        // It would have done it.
        run_command(&mut self.wine.program(&Wine::path_of(&planted)?))?;
        ensure!(ran.is_file(), "the planted program does nothing");
        std::fs::remove_file(&ran)?;
        let ended = self.install(&[]);
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

    /// With /FORCE it does not wait, and what runs goes on.
    fn goes_beside_a_running_one(&self) -> Result<()> {
        let mut salon = self.wine.program(&self.program());
        salon.args(["doctor", "--token", "-"]);
        let mut salon = salon.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        self.until_it_runs("salon.exe")?;
        let notice = self.installed().join("NOTICE");
        std::fs::write(&notice, OLD)?;
        let ended = self.install(&["/FORCE"])?;
        ensure!(
            ended == WEBVIEW2_MISSING && std::fs::read_to_string(&notice)? != OLD,
            "with /FORCE, installing ended with {ended}"
        );
        ensure!(salon.try_wait()?.is_none(), "what ran was ended");
        ensure!(
            self.salon(&["config", "--path"])?.status.success(),
            "the new one does not start"
        );
        drop(salon.stdin.take());
        salon.wait()?;
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
        let reg =
            |words: &[&str]| run_command(self.wine.command().arg("reg").args(words).arg("/reg:32"));
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

/// Wine says when a program is there.
fn until_it_runs(wine: &Wine, name: &str) -> Result<()> {
    for _ in 0..600 {
        let tasks = wine.command().args(["tasklist"]).output()?;
        if String::from_utf8_lossy(&tasks.stdout).contains(name) {
            return Ok(());
        }
    }
    bail!("{name} does not run")
}

/// What it ends with.
fn msiexec(wine: &Wine, verb: &str, package: &Path, properties: &[&str]) -> Result<i32> {
    let mut msiexec = wine.command();
    msiexec.args(["msiexec", verb]).arg(package).arg("/qn");
    let status = msiexec.args(properties).status()?;
    status.code().context("msiexec was ended")
}

fn package(wine: &Wine, installers: &Installers) -> Result<()> {
    let program = wine.drive_c().join("Program Files/Salon/salon.exe");
    let done = |verb: &str, properties: &[&str]| -> Result<()> {
        let ended = msiexec(wine, verb, &installers.package, properties)?;
        ensure!(
            ended == 0,
            "msiexec {verb} {properties:?} ended with {ended}"
        );
        Ok(())
    };
    let says = |key: &str| -> Result<bool> {
        let mut reg = wine.command();
        let found = reg
            .args(["reg", "query", &format!("HKLM\\{key}")])
            .output()?;
        Ok(String::from_utf8_lossy(&found.stdout).contains("Program Files\\Salon\\salon.exe"))
    };
    if program.exists() {
        // What a trial that failed has left.
        done("/x", &[])?;
    }
    for (properties, starts_with_the_system) in
        [(&[][..], false), (&["ADDLOCAL=Salon,Autostart"][..], true)]
    {
        done("/i", properties)?;
        ensure!(
            program.is_file() && says(SCHEME)? && says(RUN)? == starts_with_the_system,
            "the package does not install what it should with {properties:?}"
        );
        if starts_with_the_system {
            refuses(wine, installers)?;
        }
        done("/x", &[])?;
        ensure!(
            !program.exists() && !says(SCHEME)? && !says(RUN)?,
            "the package leaves something behind"
        );
    }
    Ok(())
}

/// The package is installed: it leaves a running program alone, and the other installer leaves it alone.
fn refuses(wine: &Wine, installers: &Installers) -> Result<()> {
    let mut salon = wine.program("C:\\Program Files\\Salon\\salon.exe");
    salon.args(["doctor", "--token", "-"]);
    let mut salon = salon.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    until_it_runs(wine, "salon.exe")?;
    for verb in ["/i", "/x"] {
        let ended = msiexec(wine, verb, &installers.package, &[])?;
        ensure!(
            ended == REFUSED,
            "with the program running, msiexec {verb} ended with {ended}"
        );
    }
    ensure!(salon.try_wait()?.is_none(), "what ran was ended");
    drop(salon.stdin.take());
    salon.wait()?;
    let mut other = wine.program(&Wine::path_of(&installers.machine)?);
    let ended = other.arg("/S").status()?.code();
    ensure!(
        ended == Some(OTHER_INSTALLER),
        "beside the package, the .exe ended with {ended:?}"
    );
    Ok(())
}
