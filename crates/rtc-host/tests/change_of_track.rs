//! What a viewer sees who comes when another track has taken the section of the one before.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use common::{LIMIT, VIDEO, capture, host};
use rtc_host::core::{
    Configuration, Direction, Kind, OfferOptions, SdpType, SessionDescription, TransceiverId,
    TransceiverInit,
};
use rtc_host::{
    Connection, ConnectionEvent, ConnectionHandle, Host, LocalTrack, Picture, TrackNumbers,
};

/// Nothing tells that a picture is kept for somebody yet to come: it is looked at this often.
const LOOK: Duration = Duration::from_millis(50);
/// Whoever shows something.
const SINK: u32 = 1;

struct Side {
    connection: ConnectionHandle,
    events: Receiver<ConnectionEvent>,
}

impl Side {
    fn new(host: &Host) -> Self {
        let (send, events) = channel();
        let emit = move |event| drop(send.send(event));
        let connection = host.connect(Configuration::default(), TrackNumbers::default(), emit);
        Self {
            connection: connection.unwrap(),
            events,
        }
    }

    fn ask<T: Send + 'static>(&self, run: impl FnOnce(&mut Connection) -> T + Send + 'static) -> T {
        let (send, answer) = channel();
        self.connection
            .post(move |connection| drop(send.send(run(connection))));
        answer.recv().unwrap()
    }

    fn gathered(&self) {
        let last = |event| matches!(event, ConnectionEvent::IceCandidate(None));
        while !last(self.events.recv_timeout(LIMIT).unwrap()) {}
    }

    /// The next picture that is shown.
    fn picture(&self) -> Picture {
        loop {
            let event = self.events.recv_timeout(LIMIT).unwrap();
            if let ConnectionEvent::Picture(picture) = event {
                return picture;
            }
        }
    }
}

/// A camera's pictures go from the first to the second, where nobody looks yet.
fn connected(host: &Host, camera: Arc<LocalTrack>) -> (Side, Side) {
    let (from, to) = (Side::new(host), Side::new(host));
    from.ask(move |connection| {
        let init = TransceiverInit {
            direction: Direction::SendOnly,
            track_id: Some("before".into()),
            ..TransceiverInit::default()
        };
        connection
            .add_transceiver(VIDEO, Kind::Video, init)
            .unwrap();
        connection
            .set_sender_track(VIDEO, Some(camera), Some("before".into()))
            .unwrap();
        connection.set_local_description(None).unwrap();
    });
    from.gathered();
    let offer = from.ask(|connection| connection.peer().pending_local_description());
    to.ask(move |connection| {
        connection.set_remote_description(offer.unwrap()).unwrap();
        connection.set_local_description(None).unwrap();
    });
    to.gathered();
    let answer = to.ask(|connection| connection.peer().current_local_description());
    from.ask(move |connection| connection.set_remote_description(answer.unwrap()).unwrap());
    (from, to)
}

/// The only one that receives.
fn receiving(connection: &Connection) -> Option<TransceiverId> {
    let all = connection.peer().transceivers();
    all.first().map(|transceiver| transceiver.id)
}

/// Pictures that are kept for somebody yet to come.
fn keeps_pictures(connection: &Connection) -> bool {
    !format!("{connection:?}").contains("pictures: 0")
}

#[test]
fn pictures_that_nobody_comes_to_see_are_freed() {
    let host = host();
    let (from, to) = connected(&host, capture(&host, Kind::Video).unwrap());
    while !to.ask(|connection| {
        let keeps = keeps_pictures(connection);
        if let (false, Some(id)) = (keeps, receiving(connection)) {
            connection.restart_video(id);
        }
        keeps
    }) {
        std::thread::sleep(LOOK);
    }
    // Nothing comes any more that could push them out.
    from.ask(|connection| connection.set_sender_track(VIDEO, None, None))
        .unwrap();
    while to.ask(|connection| keeps_pictures(connection)) {
        std::thread::sleep(LOOK);
    }
}

#[test]
fn nothing_is_seen_of_the_track_before() {
    let host = host();
    let (from, to) = connected(&host, capture(&host, Kind::Video).unwrap());
    let offer = from.ask(|connection| connection.create_offer(OfferOptions::default()));
    let SessionDescription { sdp, .. } = offer.unwrap();
    assert!(sdp.contains("before"), "{sdp}");
    let another = SessionDescription {
        kind: SdpType::Offer,
        sdp: sdp.replace("before", "after"),
    };
    let changed = loop {
        let another = another.clone();
        // In one turn, so that there are pictures of the one before when the change comes.
        let changed = to.ask(move |connection| {
            if !keeps_pictures(connection) {
                let id = receiving(connection);
                id.inspect(|id| connection.restart_video(*id));
                return None;
            }
            connection.set_remote_description(another).unwrap();
            connection.set_local_description(None).unwrap();
            Some(Instant::now())
        });
        if let Some(changed) = changed {
            break changed;
        }
        std::thread::sleep(LOOK);
    };
    to.ask(|connection| {
        let id = receiving(connection).unwrap();
        connection.attach_video(id, SINK, true);
    });
    let first = to.picture();
    assert!(first.key_frame);
    assert!(first.arrival > changed, "the past was seen");
    assert!(to.picture().arrival > changed);
}
