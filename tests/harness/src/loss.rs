//! Packets of a media server that are lost at random, for everybody whom it sends to.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Drops packets of the media server until it is dropped itself.
#[derive(Debug)]
pub struct Loss {
    table: String,
}

impl Loss {
    /// Lets this many of a hundred of the UDP packets that leave this port of ours be lost.
    ///
    /// # Errors
    /// If the system's packet filter can't be changed: only root may, by `nft`.
    pub fn of(port: u16, per_cent: u32) -> Result<Self> {
        let loss = Self {
            table: format!("inet salon_harness_{port}"),
        };
        let rules = format!(
            "table {table} {{\n chain out {{\n  type filter hook output priority 0;\n  \
             udp sport {port} numgen random mod 100 < {per_cent} drop\n }}\n}}\n",
            table = loss.table
        );
        nft(&rules)?;
        Ok(loss)
    }
}

impl Drop for Loss {
    fn drop(&mut self) {
        // What could not be made can't be taken away.
        let _ = nft(&format!("delete table {}\n", self.table));
    }
}

/// Whether packets can be lost here; the reason why not.
///
/// # Errors
/// The reason.
pub fn can_lose() -> Result<()> {
    nft("list tables\n")
}

fn nft(commands: &str) -> Result<()> {
    use std::io::Write as _;
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
