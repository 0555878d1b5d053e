//! An address of this computer that comes and goes, as in another network. Only root may have it, by `ip`.

use std::net::Ipv4Addr;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Of a network for documentation (RFC 5737), so that nobody has it.
pub const NETWORK: &str = "198.51.100.0/24";

/// There until it is dropped.
#[derive(Debug)]
pub struct Address(Ipv4Addr);

impl Address {
    /// The one of this number in [`NETWORK`].
    ///
    /// # Errors
    /// If the system refuses.
    pub fn new(number: u8) -> Result<Self> {
        let address = Self(Ipv4Addr::new(198, 51, 100, number));
        address.change("add")?;
        Ok(address)
    }

    /// As `getStats` has it.
    #[must_use]
    pub fn ip(&self) -> String {
        self.0.to_string()
    }

    fn change(&self, how: &str) -> Result<()> {
        let address = format!("{}/32", self.0);
        let output = Command::new("ip")
            .args(["address", how, &address, "dev", "lo"])
            .output()
            .context("ip does not start")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("the address {address} is not changed: {}", said.trim());
        }
        Ok(())
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        // What could not be made can't be taken away.
        let _ = self.change("del");
    }
}
