//! The programs of a Mac, as they are called to sign.

use std::ffi::OsString;
use std::process::Command;

/// Where they are, and what they do not see.
#[derive(Debug)]
pub(super) struct Tools {
    /// Folders in place of the usual ones.
    pub(super) path: Option<OsString>,
    /// Variables of this process alone: secrets.
    pub(super) without: &'static [&'static str],
}

impl Tools {
    /// A call of one.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        for name in self.without {
            command.env_remove(name);
        }
        command
    }
}
