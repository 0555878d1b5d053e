//! What happens in calls of the Stream double, as far as the coordinator knows.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod stream_common;

use reqwest::Method;
use salon_support::stream::Seen;
use serde_json::{Value, json};
use stream_common::{CALL, Client, double};

const CID: &str = "default:meeting";

fn path(rest: &str) -> String {
    format!("call/{CALL}{rest}")
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

#[tokio::test]
async fn types_and_calls_that_there_are_not_are_not_found() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    let (status, body) = amina.ask(Method::GET, &path(""), json!({})).await;
    assert_eq!((status, &body["code"]), (404, &json!(16)), "{body}");
    let unknown = amina
        .refused("call/unheard-of/x/join", json!({ "location": "LO5" }))
        .await;
    assert_eq!(unknown, (404, 16));
    let nothing = amina
        .refused(&path("/join"), json!({ "location": "LO5" }))
        .await;
    assert_eq!(nothing, (404, 16));
    let created = json!({ "location": "LO5", "create": true });
    assert_eq!(amina.post(&path("/join"), created).await["created"], true);
}

#[tokio::test]
async fn what_is_said_reaches_all_who_watch_and_whoever_says_it() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    amina.post(&path(""), json!({})).await;
    bruno.ask(Method::GET, &path(""), json!({})).await;
    amina
        .post(&path("/event"), json!({ "custom": { "text": "Hello" } }))
        .await;
    for client in [&mut amina, &mut bruno] {
        let event = client.hears("custom").await;
        assert_eq!(event["custom"]["text"], "Hello");
        assert_eq!(event["user"]["id"], "amina");
        assert_eq!(event["call_cid"], CID);
    }
    let hand = json!({ "type": "raised-hand", "emoji_code": ":raise-hand:" });
    bruno.post(&path("/reaction"), hand).await;
    let reaction = amina.hears("call.reaction_new").await["reaction"].clone();
    assert_eq!(reaction["emoji_code"], ":raise-hand:");
    assert_eq!(reaction["user"]["id"], "bruno");
}

#[tokio::test]
async fn an_event_of_five_kilobytes_goes_through_and_a_longer_one_does_not() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    amina.post(&path(""), json!({})).await;
    let of = |size: usize| json!({ "custom": { "a": "x".repeat(size - r#"{"a":""}"#.len()) } });
    amina.post(&path("/event"), of(5 * 1024)).await;
    assert_eq!(
        amina.refused(&path("/event"), of(5 * 1024 + 1)).await,
        (400, 4)
    );
}

#[tokio::test]
async fn calls_do_not_hear_of_each_other() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    let bruno = Client::connect(&double, "bruno").await;
    amina.post(&path(""), json!({})).await;
    bruno.post("call/default/other", json!({})).await;
    bruno
        .post("call/default/other/event", json!({ "custom": {} }))
        .await;
    assert_eq!(amina.hears_up_to_now().await, ["call.created"]);
}

#[tokio::test]
async fn a_member_is_rung_without_watching_and_the_caller_hears_what_becomes_of_it() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    let members = json!([{ "user_id": "amina" }, { "user_id": "bruno" }]);
    amina
        .post(
            &path(""),
            json!({ "ring": true, "data": { "members": members } }),
        )
        .await;
    let ring = bruno.hears("call.ring").await;
    assert_eq!(
        (&ring["user"]["id"], &ring["call"]["cid"]),
        (&json!("amina"), &json!(CID))
    );
    assert_eq!(ring["session_id"], ring["call"]["session"]["id"]);
    bruno
        .post(&path("/reject"), json!({ "reason": "busy" }))
        .await;
    let rejected = amina.hears("call.rejected").await;
    assert_eq!(
        (&rejected["user"]["id"], &rejected["reason"]),
        (&json!("bruno"), &json!("busy"))
    );
    amina.post(&path("/ring"), json!({})).await;
    bruno.hears("call.ring").await;
    bruno.post(&path("/accept"), json!({})).await;
    let accepted = amina.hears("call.accepted").await;
    assert!(accepted["call"]["session"]["accepted_by"]["bruno"].is_string());
}

#[tokio::test]
async fn an_ended_call_is_told_to_all_and_cannot_be_joined() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    amina.post(&path(""), json!({})).await;
    bruno.ask(Method::GET, &path(""), json!({})).await;
    assert_eq!(
        bruno.refused(&path("/mark_ended"), json!({})).await,
        (403, 17)
    );
    amina.post(&path("/mark_ended"), json!({})).await;
    for client in [&mut amina, &mut bruno] {
        let ended = client.hears("call.ended").await;
        assert!(ended["call"]["ended_at"].is_string());
    }
    let join = json!({ "location": "LO5" });
    assert_eq!(bruno.refused(&path("/join"), join).await, (403, 17));
}

#[tokio::test]
async fn who_only_watches_a_livestream_asks_and_is_let_in() {
    let double = double().await;
    double
        .ask(
            "POST",
            "livestream:show",
            json!({ "data": { "created_by_id": "amina" } }),
        )
        .unwrap();
    let path = |rest: &str| format!("call/livestream/show{rest}");
    let mut amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    amina.ask(Method::GET, &path(""), json!({})).await;
    let (_, state) = bruno.ask(Method::GET, &path(""), json!({})).await;
    assert!(!names(&state["own_capabilities"]).contains(&"send-audio"));
    assert_eq!(
        bruno.refused("call/livestream/mine", json!({})).await,
        (403, 17)
    );

    let wanted = json!({ "permissions": ["send-audio"] });
    bruno.post(&path("/request_permission"), wanted).await;
    let request = amina.hears("call.permission_request").await;
    assert_eq!(names(&request["permissions"]), ["send-audio"]);
    assert_eq!(request["user"]["id"], "bruno");
    assert!(
        !bruno
            .hears_up_to_now()
            .await
            .contains(&"call.permission_request".into())
    );
    let grant = json!({ "user_id": "bruno", "grant_permissions": ["send-audio"] });
    assert_eq!(
        bruno
            .refused(&path("/user_permissions"), grant.clone())
            .await,
        (403, 17)
    );
    amina.post(&path("/user_permissions"), grant).await;
    let told = bruno.hears("call.permissions_updated").await;
    assert!(names(&told["own_capabilities"]).contains(&"send-audio"));
    let take = json!({ "user_id": "bruno", "revoke_permissions": ["send-audio"] });
    amina.post(&path("/user_permissions"), take).await;
    let told = bruno.hears("call.permissions_updated").await;
    assert!(!names(&told["own_capabilities"]).contains(&"send-audio"));
}

#[tokio::test]
async fn permissions_that_nobody_has_to_ask_for_cannot_be_asked_for() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    amina.post(&path(""), json!({})).await;
    let wanted = json!({ "permissions": ["send-audio"] });
    assert_eq!(
        amina.refused(&path("/request_permission"), wanted).await,
        (400, 4)
    );
}

#[tokio::test]
async fn moderation_is_told_and_is_the_hosts() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    amina.post(&path(""), json!({})).await;
    bruno.ask(Method::GET, &path(""), json!({})).await;
    let who = json!({ "user_id": "amina" });
    for (rest, body) in [
        ("/kick", who.clone()),
        ("/block", who),
        (
            "/mute_users",
            json!({ "user_ids": ["amina"], "audio": true }),
        ),
    ] {
        assert_eq!(bruno.refused(&path(rest), body).await, (403, 17), "{rest}");
    }
    let whom = json!({ "user_id": "bruno" });
    let muted = json!({ "user_ids": ["bruno"], "audio": true });
    amina.post(&path("/mute_users"), muted).await;
    let told = bruno.hears("call.user_muted").await;
    assert_eq!(
        (&told["from_user_id"], names(&told["muted_user_ids"])),
        (&json!("amina"), vec!["bruno"])
    );
    amina.post(&path("/kick"), whom.clone()).await;
    let told = bruno.hears("call.kicked_user").await;
    assert_eq!(told["kicked_by_user"]["id"], "amina");
    let join = json!({ "location": "LO5" });
    bruno.post(&path("/join"), join.clone()).await;
    amina.post(&path("/block"), whom.clone()).await;
    bruno.hears("call.blocked_user").await;
    assert_eq!(bruno.refused(&path("/join"), join.clone()).await, (403, 17));
    amina.post(&path("/unblock"), whom).await;
    bruno.hears("call.unblocked_user").await;
    bruno.post(&path("/join"), join).await;
}

#[tokio::test]
async fn recording_and_captions_are_known_to_all_and_to_whoever_comes_later() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    amina.post(&path(""), json!({})).await;
    for (start, started) in [
        ("/start_recording", "call.recording_started"),
        ("/start_closed_captions", "call.closed_captions_started"),
        ("/start_transcription", "call.transcription_started"),
    ] {
        amina.post(&path(start), json!({})).await;
        amina.hears(started).await;
        assert_eq!(amina.refused(&path(start), json!({})).await, (400, 4));
    }
    let bruno = Client::connect(&double, "bruno").await;
    let (_, state) = bruno.ask(Method::GET, &path(""), json!({})).await;
    for what in ["recording", "captioning", "transcribing"] {
        assert_eq!(state["call"][what], true, "{what}");
    }
    double.caption(CID, "amina", "Good morning.");
    let caption = amina.hears("call.closed_caption").await["closed_caption"].clone();
    assert_eq!(
        (&caption["text"], &caption["user"]["id"]),
        (&json!("Good morning."), &json!("amina"))
    );
    for (stop, stopped) in [
        ("/stop_recording", "call.recording_stopped"),
        ("/stop_closed_captions", "call.closed_captions_stopped"),
        ("/stop_transcription", "call.transcription_stopped"),
    ] {
        amina.post(&path(stop), json!({})).await;
        amina.hears(stopped).await;
    }
    assert_eq!(
        bruno.refused(&path("/start_recording"), json!({})).await,
        (403, 17)
    );
}

#[tokio::test]
async fn members_come_and_go() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    amina.post(&path(""), json!({})).await;
    let add = json!({ "update_members": [{ "user_id": "bruno", "role": "host" }] });
    amina.post(&path("/members"), add).await;
    let added = bruno.hears("call.member_added").await;
    assert_eq!(added["members"][0]["role"], "host");
    // Whoever has a role in the call may do what it allows.
    bruno.post(&path("/start_recording"), json!({})).await;
    amina
        .post(&path("/members"), json!({ "remove_members": ["bruno"] }))
        .await;
    let removed = bruno.hears("call.member_removed").await;
    assert_eq!(names(&removed["members"]), ["bruno"]);
    assert_eq!(
        bruno.refused(&path("/stop_recording"), json!({})).await,
        (403, 17)
    );
    let stranger = json!({ "update_members": [{ "user_id": "nobody" }] });
    assert_eq!(amina.refused(&path("/members"), stranger).await, (400, 4));
}

#[tokio::test]
async fn settings_are_changed_by_the_host_and_told() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    let over = json!({ "audio": { "mic_default_on": false } });
    amina
        .post(&path(""), json!({ "data": { "settings_override": over } }))
        .await;
    let change = json!({ "settings_override": { "video": { "camera_default_on": false } } });
    let (status, state) = amina.ask(Method::PATCH, &path(""), change).await;
    assert_eq!(status, 200);
    let told = amina.hears("call.updated").await;
    for settings in [&state["call"]["settings"], &told["call"]["settings"]] {
        assert_eq!(settings["audio"]["mic_default_on"], false);
        assert_eq!(settings["audio"]["speaker_default_on"], true);
        assert_eq!(settings["video"]["camera_default_on"], false);
    }
}

#[tokio::test]
async fn a_client_that_comes_back_watches_its_calls_again() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    amina.post(&path(""), json!({})).await;
    amina.post("call/default/other", json!({})).await;
    drop(amina);
    let mut amina = Client::connect(&double, "amina").await;
    let mine = json!({ "watch": true, "filter_conditions": { "cid": { "$in": [CID] } } });
    let found = amina.post("calls", mine).await;
    assert_eq!(found["calls"][0]["call"]["cid"], CID);
    assert_eq!(found["calls"].as_array().unwrap().len(), 1);
    double.tell(
        CID,
        "call.moderation_warning",
        json!({ "message": "Please stay polite." }),
    );
    double.tell("default:other", "call.moderation_warning", json!({}));
    let warning = amina.hears("call.moderation_warning").await;
    assert_eq!(warning["message"], "Please stay polite.");
    assert!(amina.hears_up_to_now().await.is_empty());
}

#[tokio::test]
async fn a_backend_may_do_what_users_may_not() {
    let double = double().await;
    double
        .ask("POST", CID, json!({ "data": { "created_by_id": "amina" } }))
        .unwrap();
    double
        .ask("POST block", CID, json!({ "user_id": "bruno" }))
        .unwrap();
    double.ask("POST mark_ended", CID, json!({})).unwrap();
    assert!(double.call(CID).unwrap()["call"]["ended_at"].is_string());
    assert_eq!(double.call("default:none").unwrap_err().code, 16);
    // The same over HTTP, with a token that only whoever has the secret can make.
    let token = double.token_with(&json!({ "server": true }));
    let asked = stream_common::request(&double, Method::GET, &path(""), &token);
    assert_eq!(stream_common::answer(asked).await.0, 200);
    let told = double.seen();
    let ended = Seen::Told {
        cid: CID.into(),
        event: "call.ended".into(),
    };
    assert!(told.contains(&ended), "{told:?}");
}
#[tokio::test]
async fn a_join_names_a_media_server_and_a_migration_another() {
    let double = double().await;
    let amina = Client::connect(&double, "amina").await;
    let join = json!({ "location": "LO5", "create": true });
    let first = amina.post(&path("/join"), join).await["credentials"].clone();
    let name = first["server"]["edge_name"].clone();
    let move_on = json!({ "location": "LO5", "migrating_from": name });
    let second = amina.post(&path("/join"), move_on).await["credentials"].clone();
    assert_ne!(second["server"]["edge_name"], name);
    // All who come later are sent where those are who were sent on.
    let bruno = Client::connect(&double, "bruno").await;
    let later = bruno
        .post(&path("/join"), json!({ "location": "LO5" }))
        .await;
    assert_eq!(later["credentials"]["server"], second["server"]);
    assert_ne!(later["credentials"]["token"], second["token"]);
    let nowhere = json!({
        "location": "LO5",
        "migrating_from_list": [name, second["server"]["edge_name"]],
    });
    assert_eq!(amina.refused(&path("/join"), nowhere).await, (503, 101));
}
