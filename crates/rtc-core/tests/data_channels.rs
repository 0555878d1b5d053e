//! Data channels: reliable, unreliable, negotiated, opened by either side, and closed.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Network, Pair};
use rtc_core::{
    DataChannelId, DataChannelInit, DataChannelState, DtlsState, Event, MAX_DATA_BUFFER, SctpState,
};

const ONE: DataChannelId = DataChannelId(1);
const TWO: DataChannelId = DataChannelId(2);

fn open(pair: &mut Pair, id: DataChannelId) -> DataChannelId {
    let arrived = |p: &Pair| {
        p.b.count(|e| matches!(e, Event::DataChannel { .. })) > 0
            && p.a.pc.data_channel(id).unwrap().state == DataChannelState::Open
    };
    // A handshake that loses the same flight again and again waits twice as long each time.
    assert!(pair.run_until(Duration::from_secs(120), arrived));
    pair.b
        .events
        .iter()
        .find_map(|e| match e {
            Event::DataChannel { channel, .. } => Some(*channel),
            _ => None,
        })
        .unwrap()
}

fn messages(events: &[Event]) -> Vec<Vec<u8>> {
    let pick = |e: &Event| match e {
        Event::DataChannelMessage { data, .. } => Some(data.clone()),
        _ => None,
    };
    events.iter().filter_map(pick).collect()
}

#[test]
fn messages_arrive_in_order_and_back() {
    let mut pair = Pair::with(Network {
        loss: 0.05,
        ..Network::default()
    });
    pair.a
        .pc
        .create_data_channel(ONE, "chat", DataChannelInit::default())
        .unwrap();
    assert!(pair.a.pc.negotiation_needed());
    pair.negotiate();
    let remote = open(&mut pair, ONE);
    assert_eq!(pair.a.pc.sctp().unwrap().state, SctpState::Connected);
    assert_eq!(pair.a.pc.sctp().unwrap().max_message_size, 262_144);
    for index in 0..100u32 {
        pair.a.pc.send(ONE, true, &index.to_be_bytes()).unwrap();
    }
    pair.b.pc.send(remote, false, "grüße".as_bytes()).unwrap();
    pair.run(Duration::from_secs(10));
    let expected: Vec<Vec<u8>> = (0..100u32).map(|i| i.to_be_bytes().to_vec()).collect();
    assert_eq!(messages(&pair.b.events), expected);
    assert_eq!(messages(&pair.a.events), ["grüße".as_bytes()]);
}

#[test]
fn an_unreliable_channel_keeps_its_parameters_and_loses() {
    let network = Network {
        loss: 0.2,
        jitter: Duration::from_millis(20),
        ..Network::default()
    };
    let mut pair = Pair::new();
    let init = DataChannelInit {
        ordered: false,
        max_retransmits: Some(0),
        ..DataChannelInit::default()
    };
    pair.a.pc.create_data_channel(ONE, "lossy", init).unwrap();
    pair.negotiate();
    let remote = open(&mut pair, ONE);
    // Only now: how often the handshake is lost is not what this is about.
    pair.network = network;
    let info = pair.b.pc.data_channel(remote).unwrap();
    assert_eq!(info.label, "lossy");
    assert!(!info.init.ordered);
    assert_eq!(info.init.max_retransmits, Some(0));
    for index in 0..200u32 {
        pair.a.pc.send(ONE, true, &index.to_be_bytes()).unwrap();
        pair.run(Duration::from_millis(10));
    }
    pair.run(Duration::from_secs(3));
    let count = messages(&pair.b.events).len();
    assert!((100..200).contains(&count), "{count} of 200 arrived");
}

#[test]
fn negotiated_channels_need_no_announcement() {
    let mut pair = Pair::new();
    let init = DataChannelInit {
        negotiated: true,
        id: Some(5),
        ..DataChannelInit::default()
    };
    pair.a
        .pc
        .create_data_channel(ONE, "both", init.clone())
        .unwrap();
    pair.b.pc.create_data_channel(TWO, "both", init).unwrap();
    pair.connect();
    pair.run(Duration::from_secs(1));
    pair.a.pc.send(ONE, false, b"hello").unwrap();
    pair.run(Duration::from_secs(1));
    assert_eq!(messages(&pair.b.events), [b"hello"]);
    assert_eq!(pair.b.count(|e| matches!(e, Event::DataChannel { .. })), 0);
}

#[test]
fn what_waits_leaves_and_arrives_whole() {
    let mut pair = Pair::new();
    pair.a
        .pc
        .create_data_channel(ONE, "bulk", DataChannelInit::default())
        .unwrap();
    pair.negotiate();
    open(&mut pair, ONE);
    for _ in 0..40 {
        pair.a.pc.send(ONE, true, &[7; 50_000]).unwrap();
    }
    assert!(pair.a.pc.data_channel(ONE).unwrap().buffered_amount > 1_000_000);
    pair.run(Duration::from_secs(30));
    assert_eq!(pair.a.pc.data_channel(ONE).unwrap().buffered_amount, 0);
    assert!(
        pair.a
            .count(|e| matches!(e, Event::DataChannelBuffered { amount: 0, .. }))
            == 1,
        "the page is told when the last byte has left"
    );
    assert_eq!(messages(&pair.b.events).len(), 40);
}

#[test]
fn what_does_not_fit_is_refused_and_what_was_taken_arrives() {
    const SIZE: usize = 65_536;
    let mut pair = Pair::with(Network {
        delay: Duration::from_millis(1),
        ..Network::default()
    });
    for id in [ONE, TWO] {
        pair.a
            .pc
            .create_data_channel(id, "bulk", DataChannelInit::default())
            .unwrap();
    }
    pair.negotiate();
    open(&mut pair, ONE);
    pair.run(Duration::from_secs(1));
    let mut taken = 0u32;
    let error = loop {
        let mut message = vec![7; SIZE];
        message[..4].copy_from_slice(&taken.to_be_bytes());
        if let Err(error) = pair.a.pc.send(ONE, true, &message) {
            break error;
        }
        taken += 1;
    };
    assert_eq!(error.name(), "OperationError");
    let waiting = pair.a.pc.data_channel(ONE).unwrap().buffered_amount;
    assert_eq!(waiting, taken as usize * SIZE);
    assert!(waiting <= MAX_DATA_BUFFER && waiting + SIZE > MAX_DATA_BUFFER);
    // Another channel has its own room.
    pair.a.pc.send(TWO, true, b"still open").unwrap();
    let empty = |p: &Pair| p.a.pc.data_channel(ONE).unwrap().buffered_amount == 0;
    assert!(pair.run_until(Duration::from_secs(120), empty));
    pair.run(Duration::from_secs(1));
    let remote = messages(&pair.b.events);
    let numbers: Vec<u32> = remote
        .iter()
        .filter(|m| m.len() == SIZE)
        .map(|m| u32::from_be_bytes(m[..4].try_into().unwrap()))
        .collect();
    assert_eq!(numbers, (0..taken).collect::<Vec<_>>());
    assert!(remote.contains(&b"still open".to_vec()));
    pair.a.pc.send(ONE, true, &[7; SIZE]).unwrap();
}

#[test]
fn channels_opened_and_closed_all_day_are_forgotten() {
    let mut pair = Pair::with(Network {
        delay: Duration::from_millis(1),
        ..Network::default()
    });
    pair.a
        .pc
        .create_data_channel(ONE, "first", DataChannelInit::default())
        .unwrap();
    pair.negotiate();
    open(&mut pair, ONE);
    for round in 0..300 {
        let id = DataChannelId(100 + round);
        pair.a
            .pc
            .create_data_channel(id, "short", DataChannelInit::default())
            .unwrap();
        pair.run(Duration::from_millis(20));
        pair.a.pc.close_data_channel(id).unwrap();
        pair.run(Duration::from_millis(20));
    }
    let told = |s: &&rtc_core::Stats| matches!(s, rtc_core::Stats::DataChannel(_));
    let stats = pair.b.pc.get_stats(pair.now);
    let count = stats.entries.iter().filter(told).count();
    assert!((2..=130).contains(&count), "{count} channels are kept");
    pair.a.pc.send(ONE, false, b"still here").unwrap();
    pair.run(Duration::from_secs(1));
    assert_eq!(messages(&pair.b.events), [b"still here"]);
}

#[test]
fn closing_reaches_the_other_side() {
    let mut pair = Pair::new();
    pair.a
        .pc
        .create_data_channel(ONE, "short", DataChannelInit::default())
        .unwrap();
    pair.negotiate();
    let remote = open(&mut pair, ONE);
    pair.a.pc.close_data_channel(ONE).unwrap();
    assert_eq!(
        pair.a.pc.data_channel(ONE).unwrap().state,
        DataChannelState::Closing
    );
    pair.run(Duration::from_secs(2));
    assert_eq!(
        pair.a.pc.data_channel(ONE).unwrap().state,
        DataChannelState::Closed
    );
    assert_eq!(
        pair.b.pc.data_channel(remote).unwrap().state,
        DataChannelState::Closed
    );
    assert_eq!(
        pair.a.pc.send(ONE, true, b"x").unwrap_err().name(),
        "InvalidStateError"
    );
}

#[test]
fn bad_parameters_are_refused() {
    let mut pair = Pair::new();
    let both = DataChannelInit {
        max_retransmits: Some(1),
        max_packet_life_time: Some(1),
        ..DataChannelInit::default()
    };
    assert_eq!(
        pair.a
            .pc
            .create_data_channel(ONE, "x", both)
            .unwrap_err()
            .name(),
        "TypeError"
    );
    let nameless = DataChannelInit {
        negotiated: true,
        ..DataChannelInit::default()
    };
    assert_eq!(
        pair.a
            .pc
            .create_data_channel(ONE, "x", nameless)
            .unwrap_err()
            .name(),
        "TypeError"
    );
}

/// `b` takes no data for now; both have a channel that is open.
fn held() -> (Pair, DataChannelId) {
    let mut pair = Pair::new();
    pair.a
        .pc
        .create_data_channel(ONE, "chat", DataChannelInit::default())
        .unwrap();
    pair.negotiate();
    let remote = open(&mut pair, ONE);
    pair.b.pc.hold_data(true);
    (pair, remote)
}

#[test]
fn whoever_takes_nothing_still_sends_and_gets_it_all_later() {
    let (mut pair, remote) = held();
    let message = |number: u8| vec![number; 20_000];
    for number in 0..30 {
        pair.a.pc.send(ONE, true, &message(number)).unwrap();
        pair.b.pc.send(remote, true, &message(number)).unwrap();
    }
    let all: Vec<_> = (0..30).map(message).collect();
    let came = pair.run_until(Duration::from_secs(60), |pair| {
        messages(&pair.a.events).len() == all.len()
    });
    assert!(came, "{} of 30 came", messages(&pair.a.events).len());
    assert_eq!(messages(&pair.a.events), all);
    assert!(messages(&pair.b.events).is_empty());
    // Nothing that is acknowledged waits any more; what is not does.
    pair.run(Duration::from_secs(1));
    assert_eq!(pair.b.pc.data_channel(remote).unwrap().buffered_amount, 0);
    assert!(pair.a.pc.data_channel(ONE).unwrap().buffered_amount > 0);
    pair.b.pc.hold_data(false);
    let came = pair.run_until(Duration::from_secs(120), |pair| {
        messages(&pair.b.events).len() == all.len()
    });
    assert!(came, "{} of 30 came", messages(&pair.b.events).len());
    assert_eq!(messages(&pair.b.events), all);
}

#[test]
fn whoever_takes_nothing_sees_channels_and_connections_close() {
    let (mut pair, remote) = held();
    pair.a.pc.send(ONE, true, &[0; 50_000]).unwrap();
    // Opened before, with nothing on its way.
    pair.run(Duration::from_secs(1));
    pair.b.pc.close_data_channel(remote).unwrap();
    assert!(pair.run_until(Duration::from_secs(10), |pair| {
        pair.a.pc.data_channel(ONE).unwrap().state == DataChannelState::Closed
    }));
    pair.a.pc.close();
    assert!(pair.run_until(Duration::from_secs(10), |pair| {
        pair.b.pc.dtls_state() == DtlsState::Closed
    }));
    assert!(messages(&pair.b.events).is_empty());
}
