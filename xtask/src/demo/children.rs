//! What the demo starts, and what it leaves on the disk: nothing.

use std::fs::{DirBuilder, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

/// How long a guest may take to leave the meeting.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long what has been ended may still hold its files.
const TIDYING: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);
/// Lines of a log that are shown of a program that failed.
const SHOWN_LINES: usize = 6;
/// Variables that set up the app or the backend: those of whoever runs the demo are not for it.
const FOREIGN: [&str; 3] = ["SALON_", "LIVEKIT_", "STREAM_"];
/// This one says how much is logged.
const OURS: &str = "SALON_LOG";

/// A child that ends with us.
pub(super) struct Owned(pub(super) Child);

impl Owned {
    /// Starts it.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_owned();
        let child = command.spawn();
        Ok(Self(child.with_context(|| {
            format!("{} does not start", name.display())
        })?))
    }

    /// The line that it prints once it listens. `name` is what the terminal calls it when it prints
    /// errors.
    ///
    /// # Errors
    /// If it says nothing within `limit`.
    pub(super) fn first_line(&mut self, name: &'static str, limit: Duration) -> Result<String> {
        if let Some(errors) = self.0.stderr.take() {
            show_errors(name, errors);
        }
        let (sender, first) = channel();
        let output = self.0.stdout.take().context("it has no output")?;
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Of more than the first line, nobody wants to know.
                let _ = sender.send(line);
            }
        });
        let line = first.recv_timeout(limit);
        line.with_context(|| format!("{name} does not listen"))
    }

    /// Whether it ends by itself once its standard input does.
    fn leaves(&mut self, input: Option<ChildStdin>) -> bool {
        let Some(input) = input else {
            return false;
        };
        drop(input);
        let deadline = Instant::now() + FAREWELL;
        while Instant::now() < deadline {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return true;
            }
            std::thread::sleep(PAUSE);
        }
        false
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let input = self.0.stdin.take();
        if !self.leaves(input) {
            // It may have ended meanwhile.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// A program that is set up by the demo alone.
pub(super) fn program(path: impl AsRef<Path>) -> Command {
    let mut command = Command::new(path.as_ref());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_foreign) {
            command.env_remove(name);
        }
    }
    command
}

fn is_foreign(variable: &str) -> bool {
    variable != OURS && FOREIGN.iter().any(|prefix| variable.starts_with(prefix))
}

/// Reads what a server prints, so that it never blocks, and keeps all but its errors off the
/// terminal.
pub(super) fn show_errors(name: &'static str, output: impl Read + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains("ERROR") {
                let _ = writeln!(std::io::stderr(), "{name}: {line}");
            }
        }
    });
}

/// Random letters and digits, for what others on this machine must not guess.
pub(super) fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A folder for the user only, which is gone at the end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one.
    pub(super) fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("salon-demo-{}", &secret()?[..12]));
        #[cfg_attr(not(unix), allow(unused_mut, reason = "there is no mode"))]
        let mut folder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder
            .create(&path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }

    /// The path of something in it.
    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// A file for what a program prints.
    pub(super) fn log(&self, name: &str) -> Result<File> {
        Ok(File::create(self.log_path(name))?)
    }

    /// What is in there about a failure.
    pub(super) fn failure(&self, name: &str) -> String {
        let log = std::fs::read(self.log_path(name)).unwrap_or_default();
        failure(&String::from_utf8_lossy(&log))
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.log"))
    }
}

/// From the first error on, as what follows may be a long backtrace; without one, the end.
fn failure(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let error = lines.iter().position(|line| line.contains("ERROR"));
    let from = error.unwrap_or(lines.len().saturating_sub(SHOWN_LINES));
    let shown = lines.iter().skip(from).take(SHOWN_LINES);
    shown.copied().collect::<Vec<_>>().join("\n")
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a webview started ends a little after it, and may write until then.
        let deadline = Instant::now() + TIDYING;
        while let Err(error) = std::fs::remove_dir_all(&self.0) {
            if Instant::now() > deadline {
                let left = self.0.display();
                let _ = writeln!(std::io::stderr(), "{left} is left behind: {error}");
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_not_set_up_by_the_environment() {
        for foreign in ["SALON_BACKEND", "LIVEKIT_API_SECRET", "STREAM_API_KEY"] {
            assert!(is_foreign(foreign));
        }
        for kept in ["SALON_LOG", "PATH", "DISPLAY", "XDG_RUNTIME_DIR"] {
            assert!(!is_foreign(kept));
        }
    }

    #[test]
    fn of_a_log_the_error_is_shown_or_the_end() {
        let mut log: Vec<_> = (0..50).map(|line| line.to_string()).collect();
        let shown = failure(&log.join("\n"));
        assert_eq!(shown.lines().count(), SHOWN_LINES);
        assert!(shown.starts_with("44\n") && shown.ends_with("49"));
        log[20] = "20 ERROR it broke".into();
        let shown = failure(&log.join("\n"));
        assert!(shown.starts_with("20 ERROR it broke\n21\n") && shown.ends_with("25"));
        assert_eq!(failure("one"), "one");
        assert_eq!(failure(""), "");
    }

    #[test]
    fn the_scratch_folder_goes_with_what_is_in_it() {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.join("Amina");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("settings.toml"), "").unwrap();
        std::io::Write::write_all(&mut scratch.log("Amina").unwrap(), b"a\nb\n").unwrap();
        assert_eq!(scratch.failure("Amina"), "a\nb");
        assert_eq!(scratch.failure("Bruno"), "");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(scratch.join("")).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o700);
        }
        drop(scratch);
        assert!(!folder.exists());
    }
}
