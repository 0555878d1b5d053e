//! The log: standard error and a daily file, without tokens.

use std::io::{self, Write};
use std::path::PathBuf;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::MakeWriterExt;

/// What is logged unless `SALON_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info";
/// Not to be had, whatever `SALON_LOG` says: they write out credentials that do not look like any,
/// and what functions log.
const QUIET: [&str; 4] = [
    "convex=warn",
    "convex_logs=off",
    "tungstenite=info",
    "tokio_tungstenite=info",
];
/// Daily files kept.
const FILES: usize = 7;

/// Keeps the log's writer alive; what is pending is written when it is dropped.
#[derive(Debug)]
pub(crate) struct Log(#[allow(dead_code, reason = "held for its drop")] Option<WorkerGuard>);

/// Passes on what is written, without tokens. A line is written in one piece.
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
        self.0.write_all(crate::redact::redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
    let file = folder.and_then(|folder| {
        std::fs::create_dir_all(&folder).ok()?;
        tracing_appender::rolling::Builder::new()
            .rotation(tracing_appender::rolling::Rotation::DAILY)
            .max_log_files(FILES)
            .filename_prefix("salon")
            .filename_suffix("log")
            .build(folder)
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
    // Instead of the default hook, which would print what it is given as it is.
    std::panic::set_hook(Box::new(|info| {
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(panic = %info, %backtrace, "a thread panicked");
    }));
    Log(guard)
}

/// Where the platform keeps logs.
pub(crate) fn folder() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    if cfg!(target_os = "windows") {
        Some(
            PathBuf::from(std::env::var_os("LOCALAPPDATA")?)
                .join("Salon")
                .join("logs"),
        )
    } else if cfg!(target_os = "macos") {
        Some(home()?.join("Library/Logs/Salon"))
    } else {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
        Some(
            state
                .or_else(|| Some(home()?.join(".local/state")))?
                .join("salon"),
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
        assert_eq!(log, b"token=[token] end");
    }
}
