//! Whatever may come out of the network at a connection that works.

use std::time::Duration;

use rtc_core::{Protocol, Transmit};

use crate::net::{CHANNEL, Datagram, Net};
use crate::records::{Record, records};

/// Connects two peers, then puts datagrams of the records' making among theirs.
pub fn datagrams(data: &[u8]) {
    let mut net = Net::connected();
    let mut seen: Vec<Datagram> = Vec::new();
    for record in records(data) {
        apply(&mut net, &mut seen, record);
        net.drain();
    }
    net.run(Duration::from_millis(100));
    for peer in &mut net.peers {
        peer.pc.get_stats(net.now);
    }
}

fn apply(net: &mut Net, seen: &mut Vec<Datagram>, record: Record<'_>) {
    let to = usize::from(record.what >> 7);
    let number = u64::from(record.number(0));
    match record.what & 0x0f {
        // From where the other peer is, or from anywhere.
        0 | 1 => {
            let elsewhere = ([192, 0, 2, record.what >> 4], 5000).into();
            let known = net.peers[1 - to].address;
            let source = if record.what & 1 == 0 {
                known
            } else {
                elsewhere
            };
            let transmit = Transmit {
                protocol: protocol(record.what),
                source,
                destination: net.peers[to].address,
                contents: record.bytes.to_vec(),
            };
            net.deliver(&Datagram { to, transmit });
        }
        // The next of the other peer's, damaged.
        2 => {
            if let Some(mut next) = net.in_flight.pop_front() {
                damage(&mut next.transmit.contents, record);
                net.deliver(&next);
                remember(seen, next);
            }
        }
        // The next, cut off or with more behind it.
        3 => {
            if let Some(mut next) = net.in_flight.pop_front() {
                next.transmit
                    .contents
                    .truncate(usize::from(record.number(0)));
                next.transmit.contents.extend(record.rest(2));
                net.deliver(&next);
            }
        }
        // The next, whole, twice, or not at all.
        4 => {
            if let Some(next) = net.in_flight.pop_front() {
                for _ in 0..record.what >> 4 & 3 {
                    net.deliver(&next);
                }
                remember(seen, next);
            }
        }
        // One of before, as it was or damaged.
        5 => {
            let index = usize::from(record.what >> 4) % seen.len().max(1);
            if let Some(mut before) = seen.get(index).cloned() {
                damage(&mut before.transmit.contents, record);
                net.deliver(&before);
            }
        }
        6 => net.run(Duration::from_millis(number % 300)),
        7 => net.skip_to(net.now + Duration::from_millis(number * 50)),
        // A datagram is told to have come earlier than it did.
        8 => {
            let now = net.now;
            net.now = now
                .checked_sub(Duration::from_millis(number))
                .unwrap_or(now);
            if let Some(next) = net.in_flight.pop_front() {
                net.deliver(&next);
            }
            net.now = now;
        }
        9 => {
            let binary = record.what & 0x10 != 0;
            let _ = net.peers[to].pc.send(CHANNEL, binary, record.bytes);
        }
        10 => net.peers[to].pc.restart_ice(),
        11 => net.close(to),
        // The rest of them is lost.
        12 => net.in_flight.clear(),
        // What is on its way arrives in the other order.
        13 => net.in_flight.make_contiguous().reverse(),
        _ => net.run(Duration::from_millis(20)),
    }
}

fn protocol(what: u8) -> Protocol {
    if what & 0x40 == 0 {
        Protocol::Udp
    } else {
        Protocol::Tcp
    }
}

/// Exclusive-ors the record's bytes over a datagram, from a place that the first two name.
fn damage(contents: &mut [u8], record: Record<'_>) {
    if contents.is_empty() {
        return;
    }
    let start = usize::from(record.number(0)) % contents.len();
    for (byte, change) in contents[start..].iter_mut().zip(record.rest(2)) {
        *byte ^= change;
    }
}

fn remember(seen: &mut Vec<Datagram>, datagram: Datagram) {
    if seen.len() < 16 {
        seen.push(datagram);
    }
}
