//! The faults that tests of clients ask for.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reference_backend::{Faults, TokenFault};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::contracts::{claims, is_right_livekit_token};
use crate::support::{Backend, LIVEKIT_SECRET, Person, STREAM_SECRET, text};

const ROOM: &str = "reading-club-7";

/// The claims of P4's token, whose signature is right whatever else is not.
async fn club_token(backend: &Backend, who: &Person) -> Value {
    let asked = json!({ "reading_club_id": 7, "participant_name": "Ann" });
    let path = "/api/reading-clubs/meetings/token";
    let (status, body) = backend.post(who, path, asked).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["room_name"], ROOM);
    signed(text(&body["token"]))
}

fn signed(token: &str) -> Value {
    let key = DecodingKey::from_secret(LIVEKIT_SECRET.as_bytes());
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &key, &validation)
        .unwrap()
        .claims
}

fn only(livekit_token: TokenFault) -> Faults {
    Faults {
        livekit_token,
        ..Faults::default()
    }
}

#[tokio::test]
async fn a_token_has_the_fault_that_is_asked_for_and_no_other() {
    let backend = Backend::start_with(|config| config.faults = only(TokenFault::EmptyGrants)).await;
    let ann = backend.person("Ann").await;
    // What it would be without the fault.
    let repaired = |mut claims: Value, field: &str, right: Value| {
        claims[field] = right;
        is_right_livekit_token(&claims, "Club.Ann", "Ann", ROOM);
    };
    let empty = club_token(&backend, &ann).await;
    assert_eq!(empty["video"], json!({}));

    backend.running.set_faults(Faults::default());
    let right = club_token(&backend, &ann).await;
    is_right_livekit_token(&right, "Club.Ann", "Ann", ROOM);
    let video = &right["video"];
    repaired(empty, "video", video.clone());

    backend.running.set_faults(only(TokenFault::OtherRoom));
    let claims = club_token(&backend, &ann).await;
    assert_eq!(claims["video"]["room"], "not-reading-club-7");
    repaired(claims, "video", video.clone());

    backend.running.set_faults(only(TokenFault::OtherIdentity));
    let claims = club_token(&backend, &ann).await;
    assert_eq!(claims["sub"], "not-Club.Ann");
    repaired(claims, "sub", right["sub"].clone());

    backend.running.set_faults(only(TokenFault::Expired));
    let claims = club_token(&backend, &ann).await;
    let ago = right["iat"].as_i64().unwrap() - claims["exp"].as_i64().unwrap();
    assert!((3540..=3600).contains(&ago), "{ago}");
    is_right_livekit_token(&claims, "Club.Ann", "Ann", ROOM);

    backend.running.set_faults(only(TokenFault::StreamKind));
    let claims = club_token(&backend, &ann).await;
    assert_eq!(claims["user_id"], "Club.Ann");
    let mut names: Vec<_> = claims.as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["exp", "iat", "user_id"]);
}

#[tokio::test]
async fn tokens_for_meetings_have_it_too() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    backend.running.set_faults(only(TokenFault::OtherRoom));
    let path = format!("/api/v1/meeting-sessions/{id}/token");
    let (status, body) = backend.post(&ben, &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let claims = signed(text(&body["token"]));
    let expected = format!("not-{}", text(&body["room"]));
    assert_eq!(claims["video"]["room"], expected);
}

#[tokio::test]
async fn a_token_for_stream_is_for_another_if_that_is_asked_for() {
    let backend = Backend::start_with(|config| config.faults.stream_for_another = true).await;
    let ann = backend.person("Ann").await;
    let (status, body) = backend
        .post(&ann, "/api/v1/stream/token", Value::Null)
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (token, named) = (text(&body["data"]["token"]), &body["data"]["userId"]);
    assert_eq!(
        claims(token, STREAM_SECRET)["user_id"],
        format!("not-{}", text(named))
    );
    let asked = json!({ "userId": "ann" });
    let (status, body) = backend.post(&ann, "/api/video-call/token", asked).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let expected = format!("not-{}", text(&body["userId"]));
    assert_eq!(
        claims(text(&body["token"]), STREAM_SECRET)["user_id"],
        expected
    );
}
