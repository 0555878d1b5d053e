//! What is left of those who came and went.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use common::{AUDIO, Call, host};
use rtc_host::core::{Kind, TransceiverId, TransceiverInit};

#[test]
fn two_hundred_participants_who_come_and_go_leave_nothing_behind() {
    let host = host();
    let mut call = Call::new(&host);
    call.send(AUDIO, Kind::Audio, None);
    call.negotiate();
    let mut first = None;
    for round in 0..20 {
        let ids = (0..10).map(move |number| TransceiverId(100 + round * 10 + number));
        let come = ids.clone();
        call.ask(move |connection| {
            for id in come {
                let init = TransceiverInit::default();
                connection.add_transceiver(id, Kind::Video, init).unwrap();
                connection
                    .set_sender_track(id, None, Some("camera".into()))
                    .unwrap();
                connection.attach_video(id, id.0, true);
            }
        });
        call.negotiate_again();
        let go = ids.clone();
        call.ask(move |connection| go.for_each(|id| connection.stop(id).unwrap()));
        call.negotiate_again();
        // Elements are taken away later.
        call.ask(move |connection| ids.for_each(|id| connection.detach_video(id, id.0)));
        // It tells how much is kept, behind states that change by themselves.
        let told = call.ask(|connection| format!("{connection:?}"));
        let (_, kept) = told.split_once("transceivers").unwrap();
        assert_eq!(first.get_or_insert_with(|| kept.to_owned()), kept);
    }
}
