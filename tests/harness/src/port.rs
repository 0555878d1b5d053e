//! Ports for servers that start a moment later.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Result, bail};

/// From here on, and below what Linux gives to a connection or a server that asks for any port
/// (`ip_local_port_range` begins at 32,768): nobody is given one of these between its being chosen and
/// its server's start, nor while that server is away for a while.
const FIRST: u16 = 16_384;
/// As many.
const COUNT: u16 = 16_384;
/// So many are tried.
const TRIES: u16 = 1_000;

/// A port of the loopback interface that is free for TCP and for UDP, and that this process was not
/// given before.
///
/// # Errors
/// If there is none.
pub(crate) fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    next_free(std::process::id(), &NEXT)
}

fn next_free(process: u32, next: &AtomicU16) -> Result<u16> {
    for _ in 0..TRIES {
        let port = FIRST + place(process, next.fetch_add(1, Ordering::Relaxed));
        let address = (Ipv4Addr::LOCALHOST, port);
        if TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok() {
            return Ok(port);
        }
    }
    bail!("there is no free port")
}

/// Runs that go on side by side begin far from each other: the golden ratio spreads what is near.
fn place(process: u32, next: u16) -> u16 {
    let start = (process.wrapping_mul(0x9e37_79b9) >> 16) as u16;
    start.wrapping_add(next) % COUNT
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::{TcpListener, UdpSocket};
    use std::sync::atomic::AtomicU16;

    use super::{COUNT, FIRST, free_port, next_free, place};

    #[test]
    fn no_port_is_given_twice_and_none_that_others_are_given() {
        let ports: Vec<_> = (0..100).map(|_| free_port().unwrap()).collect();
        let different: HashSet<_> = ports.iter().collect();
        assert_eq!(different.len(), ports.len());
        assert!(ports.iter().all(|port| (FIRST..32_768).contains(port)));
    }

    #[test]
    fn what_is_in_use_is_passed_over() {
        let held = next_free(1, &AtomicU16::new(0)).unwrap();
        let _tcp = TcpListener::bind(("127.0.0.1", held)).unwrap();
        let second = next_free(1, &AtomicU16::new(0)).unwrap();
        assert_ne!(second, held);
        let _udp = UdpSocket::bind(("127.0.0.1", second)).unwrap();
        let third = next_free(1, &AtomicU16::new(0)).unwrap();
        assert!(![held, second].contains(&third));
    }

    #[test]
    fn runs_side_by_side_begin_far_from_each_other() {
        let near = (1..2_000_u32)
            .filter(|&process| place(process, 0).abs_diff(place(process + 1, 0)).min(COUNT) < 200);
        assert_eq!(near.count(), 0);
    }
}
