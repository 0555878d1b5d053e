//! Relays that the media server tells its clients of.

use std::fmt::Write as _;

/// A TURN server.
#[derive(Clone, Copy, Debug)]
pub struct Relay<'a> {
    /// Its name.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// `udp`, `tcp` or `tls`.
    pub protocol: &'a str,
    /// Whom it lets in.
    pub username: &'a str,
    /// And with what.
    pub credential: &'a str,
}

/// As part of what the server's configuration says of `rtc`.
pub(crate) fn lines(relays: &[Relay<'_>]) -> String {
    let mut lines = String::new();
    if relays.is_empty() {
        return lines;
    }
    lines += "  turn_servers:\n";
    for relay in relays {
        let Relay {
            host,
            port,
            protocol,
            username,
            credential,
        } = relay;
        // Writing to a text does not fail.
        let _ = writeln!(
            lines,
            "  - {{host: {host}, port: {port}, protocol: {protocol}, username: {username}, \
             credential: {credential}}}"
        );
    }
    lines
}
