//! The log: standard error and a daily file, without tokens. A line that is not indented is one of
//! ours: what a server says cannot make any.

mod file;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

use salon_product::FOLDER;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::MakeWriterExt;

/// What is logged unless `SALON_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info";
/// Not to be had, whatever `SALON_LOG` says: they write out credentials that do not look like any, what functions
/// log, and who is sent to.
const QUIET: [&str; 8] = [
    "convex=warn",
    "convex_logs=off",
    // A line for each packet, with whom it is for.
    "stun_proto=off",
    "stun_types=off",
    "turn_client_proto=off",
    "turn_types=off",
    "tungstenite=info",
    "tokio_tungstenite=info",
];
/// Before a line that goes on with what was said in the one before.
const GOES_ON: &str = "    ";

/// Keeps the log's writer alive; what is pending is written when it is dropped.
#[derive(Debug)]
pub(crate) struct Log(#[allow(dead_code, reason = "held for its drop")] Option<WorkerGuard>);

/// Passes on what is written, without tokens, and as one entry. Each is written in one piece.
#[derive(Clone, Debug)]
struct Redacting<M>(M);

struct RedactingWriter<W>(W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter(self.0.make_writer())
    }
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let entry = one_entry(&salon_base::redact::redact(&text));
        self.0.write_all(entry.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The entry so that whoever reads the log cannot be led astray by what is in it: of its lines only
/// the first begins like one, and nothing steers a terminal or turns the text around.
fn one_entry(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut entry = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        match c {
            '\n' => {
                entry.push('\n');
                entry.push_str(GOES_ON);
            }
            '\t' => entry.push(c),
            '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
                let _ = write!(entry, "{}", c.escape_unicode());
            }
            c if salon_base::plain::turns(c) => {
                let _ = write!(entry, "{}", c.escape_unicode());
            }
            c => entry.push(c),
        }
    }
    entry.push('\n');
    entry
}

/// Starts logging. Without a place for the file, only to standard error.
pub(crate) fn start(folder: Option<PathBuf>) -> Log {
    let mut filter =
        EnvFilter::try_from_env("SALON_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    for quiet in QUIET {
        if let Ok(directive) = quiet.parse() {
            filter = filter.add_directive(directive);
        }
    }
    let mut unfiled = None;
    let file = folder.and_then(|folder| {
        file::DailyFile::new(folder)
            .inspect_err(|error| unfiled = Some(error.kind()))
            .ok()
    });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false);
    let guard = match file {
        Some(file) => {
            let (file, guard) = tracing_appender::non_blocking(file);
            builder.with_writer(Redacting(io::stderr.and(file))).init();
            Some(guard)
        }
        None => {
            builder.with_writer(Redacting(io::stderr)).init();
            None
        }
    };
    if let Some(kind) = unfiled {
        tracing::warn!(%kind, "there is no file for the log");
    }
    // Instead of the default hook, which would print what it is given as it is.
    std::panic::set_hook(Box::new(|info| {
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(panic = %info, %backtrace, "a thread panicked");
    }));
    Log(guard)
}

/// Where this app's log is, for reading and erasing it.
#[derive(Clone, Debug)]
pub(crate) struct LogFolder(pub(crate) Option<PathBuf>);

impl LogFolder {
    /// The last lines of the newest file, at most so many.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn newest(&self, lines: usize) -> io::Result<String> {
        match &self.0 {
            Some(folder) if folder.exists() => file::newest(folder, lines),
            _ => Ok(String::new()),
        }
    }

    /// Erases what has been logged by now. The log goes on, in the same file.
    ///
    /// # Errors
    /// If a file cannot be changed.
    pub(crate) fn erase(&self) -> io::Result<()> {
        match &self.0 {
            Some(folder) if folder.exists() => file::erase(folder),
            _ => Ok(()),
        }
    }
}

/// Where the platform keeps logs.
pub(crate) fn folder() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    if cfg!(target_os = "windows") {
        Some(
            PathBuf::from(std::env::var_os("LOCALAPPDATA")?)
                .join(FOLDER)
                .join("logs"),
        )
    } else if cfg!(target_os = "macos") {
        Some(home()?.join("Library/Logs").join(FOLDER))
    } else {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
        Some(
            state
                .or_else(|| Some(home()?.join(".local/state")))?
                .join(FOLDER),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRASHING: &str = "SALON_TEST_CRASHES_INTO";
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";

    /// In a process of its own: there is one log and one panic hook for each.
    #[test]
    fn what_a_crash_says_holds_no_token() {
        if let Some(folder) = std::env::var_os(CRASHING) {
            let _log = start(Some(folder.into()));
            let thread = std::thread::spawn(|| panic!("cannot read the token {TOKEN}"));
            thread.join().unwrap_err();
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let name = std::thread::current().name().unwrap().to_owned();
        let crashed = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(CRASHING, folder.path())
            .output()
            .unwrap();
        let mut said = vec![
            String::from_utf8_lossy(&crashed.stdout).into_owned(),
            String::from_utf8_lossy(&crashed.stderr).into_owned(),
        ];
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            said.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
        }
        let told = |text: &&String| text.contains("cannot read the token [token]");
        // On standard error and in the file.
        assert_eq!(said.iter().filter(told).count(), 2, "{said:?}");
        assert!(!said.concat().contains(TOKEN));
    }

    #[test]
    fn no_token_reaches_the_log() {
        let mut log = Vec::new();
        RedactingWriter(&mut log)
            .write_all(b"token=eyJhbGciOiJIUzI1NiJ9.e30.c2ln end")
            .unwrap();
        assert_eq!(log, b"token=[token] end\n");
    }

    #[test]
    fn what_a_server_says_makes_no_line_of_its_own() {
        let mut log = Vec::new();
        let forged = "2026-11-27T10:00:00Z  INFO salon: signed in";
        let said =
            format!("2026 WARN refused: no\n{forged}\r{forged}\u{2028}\u{1b}[2Jx\u{202e}y\n");
        RedactingWriter(&mut log)
            .write_all(said.as_bytes())
            .unwrap();
        let log = String::from_utf8(log).unwrap();
        let entries = log.lines().filter(|line| !line.starts_with(GOES_ON));
        assert_eq!(entries.count(), 1, "{log}");
        assert!(log.ends_with("\n") && log.lines().count() == 2, "{log}");
        assert!(log.contains(forged), "{log}");
        let steers = |c: char| (c.is_control() && c != '\n') || salon_base::plain::turns(c);
        assert!(!log.contains(steers), "{log}");
    }

    /// Through the whole log, in a process of its own, with each way of writing a value.
    #[test]
    fn no_field_and_no_message_forges_an_entry() {
        const FORGING: &str = "SALON_TEST_FORGES_INTO";
        let forged = "\n2026-11-27T10:00:00.000000Z  INFO salon: signed in\r\n";
        if let Some(folder) = std::env::var_os(FORGING) {
            let _log = start(Some(folder.into()));
            let fault = salon_base::Fault::new(salon_base::Code::BackendError, forged);
            tracing::warn!(%fault, shown = %forged, debug = ?forged, plain = forged, "{forged}");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let name = std::thread::current().name().unwrap().to_owned();
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(FORGING, folder.path())
            .output()
            .unwrap();
        assert!(run.status.success());
        let files = file::files(folder.path()).unwrap();
        let log = std::fs::read_to_string(&files[0]).unwrap();
        let entries = log.lines().filter(|line| !line.starts_with(GOES_ON));
        assert_eq!(entries.count(), 1, "{log}");
    }
}
