//! The double's media server, with clients that are as small as can be.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod client;

use std::time::Duration;

use client::{Client, How, LIMIT, Noted, Packet};
use salon_support::stream::sfu::{
    Advice, CallFault, Event, Grant, JoinFault, MediaServer, Strike, TrackKind,
};

const CID: &str = "default:garden";
const ALL: [TrackKind; 4] = [
    TrackKind::Audio,
    TrackKind::Video,
    TrackKind::ScreenShare,
    TrackKind::ScreenShareAudio,
];

fn token(server: &MediaServer, user: &str) -> String {
    // Another test may have been faster.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    server.admit(Grant {
        cid: CID.into(),
        user: user.into(),
        name: user.to_uppercase(),
        publish: ALL.to_vec(),
    })
}

async fn joined(server: &MediaServer, user: &str) -> Client {
    let session = format!("{user}-1");
    let client = Client::join(server, &token(server, user), &session, How::First).await;
    client.until_event("joinResponse").await;
    client
}

/// Amina publishes, Bruno is there.
async fn two(server: &MediaServer) -> (Client, Client) {
    let amina = joined(server, "amina").await;
    let bruno = joined(server, "bruno").await;
    amina.publish(&["AUDIO", "VIDEO"]).await;
    bruno.until_event("trackPublished").await;
    (amina, bruno)
}

/// Waits until pictures of this layer arrive.
async fn sees(who: &Client, whom: &Client, layer: char) -> Vec<Packet> {
    let such = |noted: &Noted| {
        let packets = noted.packets_of(whom, "VIDEO");
        packets.last().is_some_and(|packet| packet.layer == layer)
    };
    let noted = who.until(&format!("layer {layer}"), such).await;
    noted.packets_of(whom, "VIDEO").to_vec()
}

fn count(noted: &Noted, whom: &Client, kind: &str) -> usize {
    noted.packets_of(whom, kind).len()
}

/// Waits until further packets have come.
async fn goes_on(who: &Client, whom: &Client, kind: &str) {
    let before = count(&who.noted(), whom, kind);
    let such = |noted: &Noted| count(noted, whom, kind) > before + 10;
    who.until(&format!("more {kind}"), such).await;
}

#[tokio::test]
async fn who_is_in_sees_and_hears_the_other() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    let heard = |noted: &Noted| count(noted, &amina, "AUDIO") > 10;
    bruno.until("sound, without asking for it", heard).await;
    assert_eq!(count(&bruno.noted(), &amina, "VIDEO"), 0);
    bruno.watch(&[&amina], 320).await;
    let packets = sees(&bruno, &amina, 'q').await;
    assert!(packets[0].key_frame, "{:?}", packets[0]);
    let levels = bruno.until_event("audioLevelChanged").await;
    assert_eq!(levels["audioLevels"][0]["sessionId"], amina.session);
    assert_eq!(levels["audioLevels"][0]["isSpeaking"], true);
    let quality = bruno.until_event("connectionQualityChanged").await;
    let quality = &quality["connectionQualityUpdates"][0];
    assert_eq!(quality["connectionQuality"], 3);
    // The one who publishes gets nothing of it back.
    assert!(amina.noted().packets.is_empty());
}

#[tokio::test]
async fn who_comes_late_is_told_who_is_there_and_what_is_published() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    bruno.watch(&[&amina], 1280).await;
    sees(&bruno, &amina, 'f').await;
    let clara = joined(&server, "clara").await;
    let welcome = clara.until_event("joinResponse").await;
    let participants = welcome["callState"]["participants"].as_array().unwrap();
    let of_amina = participants
        .iter()
        .find(|p| p["userId"] == "amina")
        .unwrap();
    assert_eq!(participants.len(), 3);
    assert_eq!(of_amina["name"], "AMINA");
    let published = of_amina["publishedTracks"].to_string();
    assert_eq!(published, r#"["TRACK_TYPE_AUDIO","TRACK_TYPE_VIDEO"]"#);
    clara.watch(&[&amina], 320).await;
    assert!(sees(&clara, &amina, 'q').await[0].key_frame);
    goes_on(&bruno, &amina, "VIDEO").await;
}

#[tokio::test]
async fn the_layer_follows_the_size_of_the_tile_without_a_seam() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    for (width, layer) in [(320, 'q'), (1280, 'f'), (640, 'h')] {
        bruno.watch(&[&amina], width).await;
        sees(&bruno, &amina, layer).await;
        let only = |noted: &Noted| {
            let active = noted.active.clone().unwrap_or_default();
            active.into_iter().eq([layer.to_string()])
        };
        amina.until("only this layer is wanted", only).await;
    }
    let mut packets = bruno.noted().packets_of(&amina, "VIDEO").to_vec();
    // A machine that is too slow loses some, which come later.
    packets.sort_by_key(|packet| packet.number);
    for pair in packets.windows(2) {
        let [before, after] = pair else {
            unreachable!()
        };
        assert_eq!(before.ssrc, after.ssrc);
        // Each picture is one packet.
        let pictures = after.picture_id.unwrap() - before.picture_id.unwrap();
        assert_eq!(
            after.number - before.number,
            u64::from(pictures),
            "{pair:?}"
        );
        assert!(
            after.time.wrapping_sub(before.time) < u32::MAX / 2,
            "{pair:?}"
        );
        let changes = before.layer != after.layer && pictures == 1;
        assert!(!changes || after.key_frame, "{pair:?}");
    }
}

#[tokio::test]
async fn a_picture_that_is_lost_is_asked_for_at_its_publisher() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    bruno.watch(&[&amina], 640).await;
    sees(&bruno, &amina, 'h').await;
    a_key_frame_can_be_asked_for(&bruno, &amina, "h").await;
}

/// Whoever watches asks, and the publisher hears of it.
async fn a_key_frame_can_be_asked_for(who: &Client, whom: &Client, layer: &str) {
    let asked = |noted: &Noted| noted.asked.get(layer).copied().unwrap_or_default();
    let before = asked(&whom.noted());
    who.ask_key_frame().await;
    whom.until("the request", |noted| asked(noted) > before)
        .await;
}

#[tokio::test]
async fn a_camera_that_is_off_sends_nothing_and_comes_back_in_the_same_section() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    bruno.watch(&[&amina], 320).await;
    let before = sees(&bruno, &amina, 'q').await;
    let sections = bruno.noted().sections.len();
    amina.mute("VIDEO", true).await;
    let gone = bruno.until_event("trackUnpublished").await;
    assert_eq!(gone["type"], "TRACK_TYPE_VIDEO");
    assert_eq!(gone["cause"], 1);
    let empty = |noted: &Noted| noted.sections.iter().any(|section| section == "inactive");
    bruno.until("an empty section", empty).await;
    amina.mute("VIDEO", false).await;
    let again = |noted: &Noted| {
        let last = noted.packets_of(&amina, "VIDEO").last();
        last.is_some_and(|packet| packet.ssrc != before[0].ssrc)
    };
    let noted = bruno.until("pictures again", again).await;
    assert_eq!(noted.sections.len(), sections);
    let after = noted.packets_of(&amina, "VIDEO");
    let first = after.iter().find(|packet| packet.ssrc != before[0].ssrc);
    assert!(first.unwrap().key_frame);
    // It is another stream: feedback on it counts as well.
    a_key_frame_can_be_asked_for(&bruno, &amina, "q").await;
    goes_on(&bruno, &amina, "AUDIO").await;
}

#[tokio::test]
async fn who_leaves_is_out_for_the_others() {
    let server = MediaServer::start().await.unwrap();
    let mut events = server.events();
    let (amina, bruno) = two(&server).await;
    amina.leave().await;
    let left = bruno.until_event("participantLeft").await;
    assert_eq!(left["participant"]["sessionId"], amina.session);
    let empty = |noted: &Noted| noted.sections.iter().all(|section| section == "inactive");
    bruno.until("empty sections", empty).await;
    let mut names = Vec::new();
    while let Ok(event) = events.try_recv() {
        names.push(match event {
            Event::Joined { user, .. } => format!("{user} in"),
            Event::Left { user, .. } => format!("{user} out"),
            Event::Published { user, track, .. } => format!("{user} sends {track:?}"),
            Event::Unpublished { user, track, .. } => format!("{user} ends {track:?}"),
        });
    }
    let expected = [
        "amina in",
        "bruno in",
        "amina sends Audio",
        "amina sends Video",
        "amina out",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn who_is_removed_hears_why_and_the_others_that_it_happened() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    goes_on(&bruno, &amina, "AUDIO").await;
    server.remove(CID, "amina");
    assert_eq!(amina.until_event("callEnded").await["reason"], 3);
    amina
        .until("the end of its connection", |noted| {
            noted.gone && noted.closed
        })
        .await;
    bruno.until_event("participantLeft").await;
    server.end_call(CID);
    assert_eq!(bruno.until_event("callEnded").await["reason"], 1);
}

#[tokio::test]
async fn calls_do_not_hear_of_each_other() {
    let server = MediaServer::start().await.unwrap();
    let (_amina, bruno) = two(&server).await;
    let elsewhere = server.admit(Grant {
        cid: "default:kitchen".into(),
        user: "clara".into(),
        name: "Clara".into(),
        publish: ALL.to_vec(),
    });
    let clara = Client::join(&server, &elsewhere, "clara-1", How::First).await;
    let welcome = clara.until_event("joinResponse").await;
    assert_eq!(
        welcome["callState"]["participants"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    server.end_call("default:kitchen");
    clara.until_event("callEnded").await;
    assert_eq!(bruno.noted().of("callEnded").count(), 0);
    assert_eq!(bruno.noted().of("participantJoined").count(), 0);
}

#[tokio::test]
async fn signalling_that_breaks_is_taken_up_again_with_the_same_media() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    bruno.watch(&[&amina], 320).await;
    sees(&bruno, &amina, 'q').await;
    server.strike(CID, "bruno", Strike::DropSignalling);
    bruno.until("the break", |noted| noted.gone).await;
    goes_on(&bruno, &amina, "VIDEO").await;
    bruno.fast().await;
    let again = |noted: &Noted| noted.of("joinResponse").count() == 2;
    let noted = bruno.until("a second welcome", again).await;
    let welcome = noted.of("joinResponse").next_back().unwrap();
    assert_eq!(welcome["reconnected"], true);
    let answered = bruno.noted().answered;
    bruno.restart_ice().await;
    bruno
        .until("an offer with ICE anew", |noted| noted.answered > answered)
        .await;
    goes_on(&bruno, &amina, "VIDEO").await;
    assert_eq!(amina.noted().of("participantLeft").count(), 0);
}

#[tokio::test]
async fn a_lost_client_is_out_when_its_time_is_over_and_then_has_to_join_anew() {
    let server = MediaServer::start_keeping(Duration::from_secs(1))
        .await
        .unwrap();
    let (amina, bruno) = two(&server).await;
    let welcome = amina.until_event("joinResponse").await;
    assert_eq!(welcome["fastReconnectDeadlineSeconds"], 1);
    server.strike(CID, "amina", Strike::DropSignalling);
    bruno.until_event("participantLeft").await;
    amina.fast().await;
    let error = amina.until_event("error").await;
    assert_eq!(error["error"]["code"], 204);
    assert_eq!(error["reconnectStrategy"], 3);
}

#[tokio::test]
async fn joining_again_takes_the_place_of_the_connection_before() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    let how = How::Rejoin(&amina.session);
    let again = Client::join(&server, &token(&server, "amina"), "amina-2", how).await;
    let welcome = again.until_event("joinResponse").await;
    assert_eq!(
        welcome["callState"]["participants"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let left = bruno.until_event("participantLeft").await;
    assert_eq!(left["participant"]["sessionId"], amina.session);
    again.publish(&["AUDIO", "VIDEO"]).await;
    bruno.watch(&[&again], 320).await;
    sees(&bruno, &again, 'q').await;
}

#[tokio::test]
async fn somebody_elses_place_is_not_taken() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    let how = How::Rejoin(&amina.session);
    let clara = Client::join(&server, &token(&server, "clara"), "clara-1", how).await;
    let welcome = clara.until_event("joinResponse").await;
    assert_eq!(
        welcome["callState"]["participants"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(bruno.noted().of("participantLeft").count(), 0);
}

#[tokio::test]
async fn who_is_sent_to_another_media_server_stays_in_for_the_others() {
    let server = MediaServer::start().await.unwrap();
    let other = server.start_beside().await.unwrap();
    assert_ne!(server.name(), other.name());
    let (amina, bruno) = two(&server).await;
    bruno.watch(&[&amina], 320).await;
    sees(&bruno, &amina, 'q').await;
    server.strike(CID, "amina", Strike::GoAway);
    amina.until_event("goAway").await;
    let moved = token(&other, "amina");
    let moved = Client::join(&other, &moved, &amina.session, How::Migrate).await;
    moved.until_event("joinResponse").await;
    assert_eq!(amina.noted().of("participantMigrationComplete").count(), 0);
    moved.publish(&["AUDIO", "VIDEO"]).await;
    amina.until_event("participantMigrationComplete").await;
    amina.leave().await;
    amina
        .until("the end of the former connections", |noted| noted.closed)
        .await;
    goes_on(&bruno, &amina, "VIDEO").await;
    goes_on(&bruno, &amina, "AUDIO").await;
    let noted = bruno.noted();
    assert_eq!(noted.of("participantLeft").count(), 0);
    assert_eq!(noted.of("trackUnpublished").count(), 0);
    assert_eq!(noted.of("trackPublished").count(), 2);
}

#[tokio::test]
async fn an_offer_that_gets_lost_comes_again() {
    let server = MediaServer::start().await.unwrap();
    let amina = joined(&server, "amina").await;
    let bruno = joined(&server, "bruno").await;
    bruno.deaf(true).await;
    amina.publish(&["AUDIO"]).await;
    bruno.until_event("subscriberOffer").await;
    bruno.deaf(false).await;
    let heard = |noted: &Noted| count(noted, &amina, "AUDIO") > 10;
    bruno.until("sound", heard).await;
}

#[tokio::test]
async fn a_client_that_is_slow_answers_an_offer_twice() {
    let server = MediaServer::start().await.unwrap();
    let amina = joined(&server, "amina").await;
    let bruno = joined(&server, "bruno").await;
    bruno.busy(true).await;
    amina.publish(&["AUDIO"]).await;
    let twice = |noted: &Noted| noted.of("subscriberOffer").count() == 2;
    bruno.until("the offer again", twice).await;
    amina.publish(&["VIDEO"]).await;
    bruno.watch(&[&amina], 320).await;
    bruno.busy(false).await;
    sees(&bruno, &amina, 'q').await;
    assert!(bruno.noted().refused.is_empty());
}

#[tokio::test]
async fn what_may_not_be_published_is_refused_and_what_is_withdrawn_ends() {
    let server = MediaServer::start().await.unwrap();
    let amina = joined(&server, "amina").await;
    let bruno = joined(&server, "bruno").await;
    server.set_permissions(CID, "amina", &[TrackKind::Audio]);
    let grants = amina.until_event("callGrantsUpdated").await;
    assert_eq!(grants["currentGrants"]["canPublishAudio"], true);
    assert_eq!(grants["currentGrants"]["canPublishVideo"], false);
    amina.publish(&["VIDEO"]).await;
    amina
        .until("a refusal", |noted| noted.refused == [403])
        .await;
    server.set_permissions(CID, "bruno", &[TrackKind::Audio, TrackKind::Video]);
    bruno.publish(&["VIDEO"]).await;
    amina.until_event("trackPublished").await;
    server.set_permissions(CID, "bruno", &[TrackKind::Audio]);
    assert_eq!(amina.until_event("trackUnpublished").await["cause"], 2);
    // What is withdrawn stays announced, muted.
    bruno.mute("VIDEO", true).await;
    bruno.publish(&["AUDIO"]).await;
    let audible = |noted: &Noted| noted.of("trackPublished").count() == 2;
    amina.until("the microphone", audible).await;
    assert!(bruno.noted().refused.is_empty());
}

#[tokio::test]
async fn who_is_muted_by_a_moderator_is_told_so() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    server.mute(CID, "amina", &[TrackKind::Audio]);
    for client in [&amina, &bruno] {
        let gone = client.until_event("trackUnpublished").await;
        assert_eq!(gone["sessionId"], amina.session);
        assert_eq!(gone["type"], "TRACK_TYPE_AUDIO");
        assert_eq!(gone["cause"], 3);
    }
}

#[tokio::test]
async fn a_track_that_is_held_back_is_named_and_stops_for_one() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    bruno.watch(&[&amina], 320).await;
    sees(&bruno, &amina, 'q').await;
    server.pause(CID, "bruno", "amina", TrackKind::Video, true);
    let state = bruno.until_event("inboundStateNotification").await;
    assert_eq!(state["inboundVideoStates"][0]["paused"], true);
    goes_on(&bruno, &amina, "AUDIO").await;
    let held = count(&bruno.noted(), &amina, "VIDEO");
    goes_on(&bruno, &amina, "AUDIO").await;
    assert_eq!(count(&bruno.noted(), &amina, "VIDEO"), held);
    server.pause(CID, "bruno", "amina", TrackKind::Video, false);
    goes_on(&bruno, &amina, "VIDEO").await;
}

#[tokio::test]
async fn a_join_is_refused_as_ordered() {
    let server = MediaServer::start().await.unwrap();
    let refuse = JoinFault::Refuse {
        code: 403,
        advice: Advice::None,
    };
    let expected = [
        (JoinFault::Full, 700, 4),
        (JoinFault::ShuttingDown, 600, 4),
        (JoinFault::CallFull, 301, 1),
        (refuse, 403, 0),
    ];
    for (fault, code, advice) in expected {
        server.fail_next_join(fault);
        let token = token(&server, "amina");
        let amina = Client::join(&server, &token, "amina-1", How::First).await;
        let error = amina.until_event("error").await;
        assert_eq!(error["error"]["code"], code);
        assert_eq!(error["reconnectStrategy"], advice);
    }
    let nobody = Client::join(&server, "no token", "nobody", How::First).await;
    assert_eq!(nobody.until_event("error").await["error"]["code"], 401);
    joined(&server, "amina").await;
}

#[tokio::test]
async fn calls_over_http_fail_as_ordered() {
    let server = MediaServer::start().await.unwrap();
    let amina = joined(&server, "amina").await;
    server.fail_next_call("UpdateSubscriptions", CallFault::Refuse(429));
    amina.watch(&[], 0).await;
    amina
        .until("the refusal", |noted| noted.refused == [429])
        .await;
    let url = format!("{}/service/SetPublisher", server.url());
    let unknown = reqwest::Client::new()
        .post(url)
        .bearer_auth("?")
        .send()
        .await;
    assert_eq!(unknown.unwrap().status(), 401);
}

#[tokio::test]
async fn errors_silence_and_closed_media_reach_who_is_in() {
    let server = MediaServer::start().await.unwrap();
    let (amina, bruno) = two(&server).await;
    goes_on(&bruno, &amina, "AUDIO").await;
    let error = Strike::Error {
        code: 206,
        advice: Advice::Rejoin,
    };
    server.strike(CID, "amina", error);
    let error = amina.until_event("error").await;
    assert_eq!(error["reconnectStrategy"], 3);
    server.strike(CID, "bruno", Strike::SilentFor(Duration::from_secs(3600)));
    // It comes after the silence has begun.
    amina.mute("AUDIO", true).await;
    amina.until_event("trackUnpublished").await;
    server.strike(CID, "amina", Strike::CloseMedia);
    amina.until("closed media", |noted| noted.closed).await;
    assert_eq!(bruno.noted().of("trackUnpublished").count(), 0);
    // There is nothing left to restart.
    amina.restart_ice().await;
    amina
        .until("a refusal", |noted| noted.refused == [205])
        .await;
}

#[tokio::test]
async fn with_the_media_server_everything_ends() {
    let server = MediaServer::start().await.unwrap();
    let url = server.url();
    let (amina, bruno) = two(&server).await;
    drop(server);
    for client in [&amina, &bruno] {
        client.until("the end", |noted| noted.gone).await;
    }
    let ended = async {
        while reqwest::Client::new().get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, ended)
        .await
        .expect("the port is free");
}
