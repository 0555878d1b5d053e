//! Stream's service on this machine: the double that the tests have, as no account is needed for it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::children::{Owned, program, secret};

/// API key of the demo's app.
const KEY: &str = "demo";
/// How long the double may take to listen.
const LIMIT: Duration = Duration::from_secs(20);

/// A running double.
pub(super) struct StreamService {
    _process: Owned,
    /// Where its coordinator is.
    pub(super) url: String,
    /// Made up anew each time: others on this machine cannot join.
    secret: String,
}

impl StreamService {
    /// Starts it on free ports of the loopback interface, and waits until it listens. `built`: the
    /// folder with the programs.
    pub(super) fn start(built: &Path) -> Result<Self> {
        println!("Starting a double of Stream's service on this machine");
        let secret = secret()?;
        let file = format!("stream-double{}", std::env::consts::EXE_SUFFIX);
        let mut process = Owned::start(
            trusted(&mut program(built.join(file)), &secret)
                .env("RUST_LOG", "warn")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        let about: Value = serde_json::from_str(&process.first_line("the double", LIMIT)?)?;
        let url = about["url"]
            .as_str()
            .context("it does not say where it is")?;
        Ok(Self {
            _process: process,
            url: url.to_owned(),
            secret,
        })
    }

    /// Lets a program sign tokens for it.
    pub(super) fn trust<'a>(&self, program: &'a mut Command) -> &'a mut Command {
        trusted(program, &self.secret)
    }
}

fn trusted<'a>(program: &'a mut Command, secret: &str) -> &'a mut Command {
    program
        .env("STREAM_API_KEY", KEY)
        .env("STREAM_API_SECRET", secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_on_no_command_line() {
        let mut command = Command::new("backend");
        trusted(&mut command, "planted").arg("serve");
        let given = |value: &std::ffi::OsStr| value.to_str() == Some("planted");
        assert!(!command.get_args().any(given));
        assert!(
            command
                .get_envs()
                .any(|(_, value)| value.is_some_and(given))
        );
    }
}
