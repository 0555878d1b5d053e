//! A company's network around one program: what it may not send does not leave.

use anyhow::Result;

use crate::packet_filter::Table;

pub use crate::packet_filter::can_change as can_build;

/// The group of the program behind it, which nobody else is in.
pub const GROUP: u32 = 42_424;

/// Stands until it is dropped.
#[derive(Debug)]
pub struct Wall(#[allow(dead_code, reason = "ends with this")] Table);

impl Wall {
    /// Lets no datagram out.
    ///
    /// # Errors
    /// If the system's packet filter can't be changed: only root may, by `nft`.
    pub fn without_udp() -> Result<Self> {
        Self::of(&[])
    }

    /// Nor anything to this port.
    ///
    /// # Errors
    /// As [`without_udp`](Self::without_udp).
    pub fn without_udp_and(port: u16) -> Result<Self> {
        Self::of(&[format!("meta skgid {GROUP} tcp dport {port} drop")])
    }

    /// Lets datagrams out from this network's addresses alone, and nothing to these ports over TCP.
    ///
    /// # Errors
    /// As [`without_udp`](Self::without_udp).
    pub fn but_from(network: &str, ports: &[u16]) -> Result<Self> {
        let elsewhere = format!("meta skgid {GROUP} meta l4proto udp ip saddr != {network} drop");
        let other = format!("meta skgid {GROUP} meta l4proto udp meta nfproto ipv6 drop");
        let tcp = ports
            .iter()
            .map(|port| format!("meta skgid {GROUP} tcp dport {port} drop"));
        let rules: Vec<_> = [elsewhere, other].into_iter().chain(tcp).collect();
        Table::of_leaving("salon_harness_wall", &rules).map(Self)
    }

    fn of(more: &[String]) -> Result<Self> {
        let udp = format!("meta skgid {GROUP} meta l4proto udp drop");
        let rules = [&[udp], more].concat();
        Table::of_leaving("salon_harness_wall", &rules).map(Self)
    }
}
