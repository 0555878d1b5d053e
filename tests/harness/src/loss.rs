//! Packets of a media server that are lost at random, for everybody whom it sends to.

use anyhow::Result;

use crate::packet_filter::Table;

pub use crate::packet_filter::can_change as can_lose;

/// Drops packets of the media server until it is dropped itself.
#[derive(Debug)]
pub struct Loss(#[allow(dead_code, reason = "ends with this")] Table);

impl Loss {
    /// Lets this many of a hundred of the UDP packets that leave this port of ours be lost.
    ///
    /// # Errors
    /// If the system's packet filter can't be changed: only root may, by `nft`.
    pub fn of(port: u16, per_cent: u32) -> Result<Self> {
        let rule = format!("udp sport {port} numgen random mod 100 < {per_cent} drop");
        let table = Table::of_leaving(&format!("salon_harness_{port}"), &[rule])?;
        Ok(Self(table))
    }
}
