//! The system's packet filter, which only root may change.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Rules that are there until this is dropped.
#[derive(Debug)]
pub(crate) struct Table(String);

impl Table {
    /// A table of this name, with one chain for what leaves.
    ///
    /// # Errors
    /// If the filter refuses.
    pub(crate) fn of_leaving(name: &str, rules: &[String]) -> Result<Self> {
        let table = Self(format!("inet {name}"));
        let rules = rules.join("\n  ");
        nft(&format!(
            "table {} {{\n chain out {{\n  type filter hook output priority 0;\n  {rules}\n }}\n}}\n",
            table.0
        ))?;
        Ok(table)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // What could not be made can't be taken away.
        let _ = nft(&format!("delete table {}\n", self.0));
    }
}

/// Whether it can be changed here.
///
/// # Errors
/// The reason why not.
pub fn can_change() -> Result<()> {
    nft("list tables\n")
}

fn nft(commands: &str) -> Result<()> {
    let mut program = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("nft does not start")?;
    if let Some(mut input) = program.stdin.take() {
        input.write_all(commands.as_bytes())?;
    }
    let output = program.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("the packet filter refuses: {}", said.trim());
    }
    Ok(())
}
