//! Wine, which runs programs of Windows: the system's, or where that is too old Debian 13's, in a root file
//! system of its own.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::TARGET;
use crate::elsewhere::folder;
use crate::process::{find, output, root, run};
use crate::{setup, tools};

/// The oldest that has what Rust's standard library asks for (`bcryptprimitives.dll`).
const OLDEST: u32 = 9;
/// The distribution whose Wine is new enough.
const SUITE: &str = "trixie";
const MIRROR: &str = "http://deb.debian.org/debian";
/// No program takes longer, also where twenty others are at work: the longest, an installation, takes half a minute on a
/// machine that is as good as idle.
pub(super) const LONGEST: Duration = Duration::from_mins(20);

/// How a program of Windows is run: what stands before it, and the variables.
#[derive(Debug)]
pub(crate) struct Wine {
    before: Vec<String>,
    prefix: PathBuf,
}

/// Wine, set up if it has to be.
///
/// # Errors
/// If there is none to be had.
pub(crate) fn get(yes: bool) -> Result<Wine> {
    let prefix = folder().join("wine");
    let temporary = folder().join("tmp");
    for folder in [&prefix, &temporary] {
        std::fs::create_dir_all(folder)?;
    }
    let settings = [
        ("WINEPREFIX", text(&prefix)?),
        ("HOME", text(&prefix)?),
        // Where the tests find WebView2's loader.
        (
            "WINEPATH",
            Wine::path_of(&folder().join(TARGET).join("debug"))?,
        ),
        // Its own complaints, and the offer to fetch what nobody here needs.
        ("WINEDEBUG", "-all".to_owned()),
        ("WINEDLLOVERRIDES", "mscoree,mshtml=".to_owned()),
    ];
    if !own_will_do() {
        setup::tools_for_wine(yes)?;
    }
    let wine = if own_will_do() {
        let set = settings
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let before = ["env".to_owned()].into_iter().chain(set);
        Wine {
            before: before.chain(["wine".to_owned()]).collect(),
            prefix: prefix.clone(),
        }
    } else {
        let system = root_file_system()?;
        let mut before = vec!["bwrap".to_owned()];
        let mut add = |words: &[&str]| before.extend(words.iter().map(|word| (*word).to_owned()));
        for folder in ["/usr", "/etc"] {
            add(&["--ro-bind", &format!("{}{folder}", text(&system)?), folder]);
        }
        for folder in ["lib", "lib64", "bin"] {
            add(&["--symlink", &format!("usr/{folder}"), &format!("/{folder}")]);
        }
        add(&["--dev", "/dev", "--proc", "/proc"]);
        // The same for all, as Wine's server listens there.
        add(&["--bind", &text(&temporary)?, "/tmp"]);
        for shared in [root(), folder()] {
            let shared = text(&shared)?;
            add(&["--bind", &shared, &shared]);
        }
        for (name, value) in &settings {
            add(&["--setenv", name, value]);
        }
        add(&["wine"]);
        Wine {
            before,
            prefix: prefix.clone(),
        }
    };
    if !prefix.join("system.reg").is_file() {
        println!("Setting up Wine (a minute)");
        wine.boot()?;
    }
    Ok(wine)
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().context("a folder's name is no UTF-8")?;
    Ok(text.to_owned())
}

/// Whether the system's is new enough.
fn own_will_do() -> bool {
    let version = output(Command::new("wine").arg("--version"));
    version.and_then(|version| parse(&version)) >= Some(OLDEST)
}

/// Of `wine-10.0 (Debian 10.0~repack-6)` and the like.
fn parse(version: &str) -> Option<u32> {
    version
        .strip_prefix("wine-")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Debian with Wine, all of it or nothing.
fn root_file_system() -> Result<PathBuf> {
    let system = tools::cache()?.join(format!("{SUITE}-wine"));
    // A link, which leads to somewhere within.
    if system.join("usr/bin/wine").is_symlink() {
        return Ok(system);
    }
    if find("debootstrap").is_none() {
        bail!("Wine {OLDEST} or later is needed, or debootstrap, which makes a system that has it");
    }
    println!("Making a Debian with Wine (some minutes, 1 GB)");
    let unfinished = tools::cache()?.join(format!("{SUITE}-wine-new"));
    let place = text(&unfinished)?;
    let sudo = setup::sudo();
    let steps = [
        format!("{sudo}rm -rf '{place}'"),
        format!("{sudo}debootstrap --variant=minbase {SUITE} '{place}' {MIRROR}"),
        format!(
            "{sudo}chroot '{place}' env DEBIAN_FRONTEND=noninteractive apt-get install -y \
             --no-install-recommends wine wine64"
        ),
        format!("{sudo}mv '{place}' '{}'", text(&system)?),
    ];
    for step in steps {
        run(Command::new("sh").args(["-c", &step]))?;
    }
    Ok(system)
}

impl Wine {
    /// A command that has what it runs for arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.before[0]);
        command.args(&self.before[1..]);
        command
    }

    /// A program of Windows, with the code that it ends with: run directly, Wine loses it every other time
    /// if the program has threads.
    pub(super) fn program(&self, path: &str) -> Command {
        let mut command = self.command();
        command.args(["cmd", "/c", path]);
        command
    }

    /// What a program of Windows calls a file of ours.
    pub(super) fn path_of(file: &Path) -> Result<String> {
        Ok(format!("Z:{}", text(file)?.replace('/', "\\")))
    }

    /// What a start of the computer does.
    ///
    /// # Errors
    /// If it fails, or does not end.
    pub(super) fn boot(&self) -> Result<()> {
        self.run(self.command().args(["wineboot", "--init"]))
    }

    /// Begins with a computer that has nothing, whatever was tried on this one and broken off.
    ///
    /// # Errors
    /// If the old one cannot be deleted, or the new one not be set up.
    pub(super) fn begin_anew(&self) -> Result<()> {
        self.stop();
        std::fs::remove_dir_all(&self.prefix)?;
        std::fs::create_dir_all(&self.prefix)?;
        self.boot()
    }

    /// The drive `C:`.
    pub(super) fn drive_c(&self) -> PathBuf {
        self.prefix.join("drive_c")
    }

    /// The folder of who runs it.
    pub(super) fn user_folder(&self) -> PathBuf {
        let user = output(Command::new("id").arg("-un")).unwrap_or_default();
        self.drive_c().join("users").join(user)
    }

    /// Runs a program to its end. What it says is read of files, not of pipes: Wine's own services, which the first program
    /// starts, keep what that has for standard error, and go on as long as any program does.
    ///
    /// # Errors
    /// If it does not start, or not end.
    pub(super) fn output(&self, program: &mut Command) -> Result<Output> {
        let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        program.stdin(Stdio::null());
        program.stdout(stdout.try_clone()?);
        program.stderr(stderr.try_clone()?);
        let status = self.within(LONGEST, &format!("{program:?}"), || Ok(program.status()?))?;
        Ok(Output {
            status,
            stdout: content(&mut stdout)?,
            stderr: content(&mut stderr)?,
        })
    }

    /// What a program ends with.
    ///
    /// # Errors
    /// If it does not start, or not end, or is ended by somebody else.
    pub(super) fn ended(&self, program: &mut Command) -> Result<i32> {
        let code = self.output(program)?.status.code();
        code.with_context(|| format!("{program:?} was ended"))
    }

    /// Runs a program to its end, and fails if it does.
    ///
    /// # Errors
    /// The same, and with what it said.
    pub(super) fn run(&self, program: &mut Command) -> Result<()> {
        let Output {
            status,
            stdout,
            stderr,
        } = self.output(program)?;
        if !status.success() {
            let said = [stdout, stderr].concat();
            let said = String::from_utf8_lossy(&said);
            bail!("{program:?} failed: {status}: {}", said.trim());
        }
        Ok(())
    }

    /// Waits for something of Wine's; where that takes longer, all that runs is ended, so that the wait is over.
    ///
    /// # Errors
    /// Those of what is done, or that it took too long, with what ran then.
    pub(super) fn within<T>(
        &self,
        longest: Duration,
        what: &str,
        done: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let (doing, over) = mpsc::channel::<()>();
        let (came, stopped) = thread::scope(|scope| {
            let watch = scope.spawn(move || {
                let late = over.recv_timeout(longest) == Err(RecvTimeoutError::Timeout);
                late.then(|| self.stop())
            });
            let came = done();
            drop(doing);
            (came, watch.join())
        });
        match stopped {
            Ok(Some(ran)) => bail!(
                "{what}: not over after {} s; what ran:\n{}",
                longest.as_secs(),
                ran.join("\n")
            ),
            _ => came,
        }
    }

    /// Until all that runs under it has ended.
    pub(super) fn until_idle(&self) -> Result<()> {
        let what = "until nothing runs under Wine";
        self.within(LONGEST, what, || run(&mut self.server("--wait")))
    }

    /// Ends all that runs under it, and says what that was.
    fn stop(&self) -> Vec<String> {
        let ran = running();
        // It fails where there is nothing to end.
        let _ = run(&mut self.server("--kill"));
        ran
    }

    /// What all programs talk to.
    fn server(&self, wish: &str) -> Command {
        let mut command = Command::new(&self.before[0]);
        let before = self.before.len().saturating_sub(1);
        command.args(&self.before[1..before.max(1)]);
        command.args(["wineserver", wish]);
        command
    }
}

/// Programs of Windows that this computer runs, each with its process and for how long it has run.
pub(super) fn running() -> Vec<String> {
    let all = output(Command::new("ps").args(["-eo", "pid,etime,args"])).unwrap_or_default();
    let ours = all.lines().filter(|line| line.contains(".exe"));
    ours.map(str::to_owned).collect()
}

/// All that was written into a file.
pub(super) fn content(file: &mut File) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wine_that_is_too_old_is_told_from_one_that_is_not() {
        assert!(parse("wine-8.0 (Debian 8.0~repack-4)") < Some(OLDEST));
        assert_eq!(parse("wine-10.0 (Debian 10.0~repack-6)"), Some(10));
        assert_eq!(parse("something else"), None);
    }

    /// A Wine whose server is a script.
    #[cfg(unix)]
    fn with_server(folder: &Path, script: &str) -> Wine {
        use std::os::unix::fs::PermissionsExt as _;
        let server = folder.join("wineserver");
        std::fs::write(&server, script).unwrap();
        std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("PATH={}:/usr/bin:/bin", folder.display());
        Wine {
            before: ["env", &path, "wine"].map(str::to_owned).to_vec(),
            prefix: folder.to_owned(),
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_does_not_end_is_ended_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        std::os::unix::fs::symlink("/bin/sleep", place.join("hangs.exe")).unwrap();
        // A program says in a file who it is before it hangs; who ends it reads that once it is there.
        let server = format!(
            "#!/bin/sh\nuntil [ -s {0}/id ]; do :; done\nkill \"$(cat {0}/id)\"\n",
            place.display()
        );
        let wine = with_server(place, &server);
        let mut hangs = Command::new("sh");
        let script = "echo $$ > id.new; mv id.new id; exec ./hangs.exe 86402";
        hangs.args(["-c", script]).current_dir(place);
        let told = wine.within(Duration::ZERO, "a program", || Ok(hangs.status()?));
        let told = told.unwrap_err().to_string();
        assert!(told.starts_with("a program: not over after 0 s"), "{told}");
        assert!(!place.join("id.new").exists() && place.join("id").exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_runs_is_told_by_its_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("waits.exe");
        std::os::unix::fs::symlink("/bin/cat", &program).unwrap();
        let mut waits = Command::new(&program);
        let mut waits = waits.stdin(Stdio::piped()).spawn().unwrap();
        let ran = running();
        drop(waits.stdin.take());
        waits.wait().unwrap();
        assert!(ran.iter().any(|line| line.contains("waits.exe")), "{ran:?}");
    }

    /// As Wine's own services do with what the first program has.
    #[cfg(unix)]
    #[test]
    fn nobody_waits_for_who_keeps_what_a_program_says_something_on() {
        let folder = tempfile::tempdir().unwrap();
        let wine = with_server(folder.path(), "#!/bin/sh\n");
        let fifo = folder.path().join("end");
        run(Command::new("mkfifo").arg(&fifo)).unwrap();
        let mut program = Command::new("sh");
        // What goes on behind it ends once somebody writes, which is below.
        program.args(["-c", "cat \"$0\" & echo said; echo complained >&2; exit 5"]);
        let output = wine.output(program.arg(&fifo)).unwrap();
        std::fs::write(&fifo, "").unwrap();
        assert_eq!(output.status.code(), Some(5));
        assert_eq!(
            (&*output.stdout, &*output.stderr),
            (&b"said\n"[..], &b"complained\n"[..])
        );
    }
}
