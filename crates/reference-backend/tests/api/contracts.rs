use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use livekit_api::access_token::TokenVerifier;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Backend, LIVEKIT_SECRET, PASSWORD, STREAM_SECRET, answer, text};

const P1: &str = "/api/v1/stream/token";
const P2: &str = "/api/video-call/token";
const P2_CALL: &str = "/api/video-call";
const P4: &str = "/api/reading-clubs/meetings/token";

/// The claims of a token, after checking its signature and times.
pub(crate) fn claims(token: &str, secret: &str) -> Value {
    let key = DecodingKey::from_secret(secret.as_bytes());
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_nbf = true;
    jsonwebtoken::decode::<Value>(token, &key, &validation)
        .unwrap()
        .claims
}

/// Every claim and grant that the contract names, and no other.
pub(crate) fn is_right_livekit_token(claims: &Value, identity: &str, name: &str, room: &str) {
    let object = claims.as_object().unwrap();
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["exp", "iat", "iss", "jti", "name", "nbf", "sub", "video"]
    );
    assert_eq!(claims["iss"], "livekit-key");
    assert_eq!(claims["sub"], identity);
    assert_eq!(claims["name"], name);
    assert!(!text(&claims["jti"]).is_empty());
    let time = |name: &str| claims[name].as_i64().unwrap();
    assert!(time("nbf") <= time("iat"));
    assert_eq!(time("exp") - time("iat"), 3600);
    assert_eq!(
        claims["video"],
        json!({
            "room": room,
            "roomJoin": true,
            "canPublish": true,
            "canSubscribe": true,
            "canPublishData": true,
            "canUpdateOwnMetadata": true,
        })
    );
}

#[tokio::test]
async fn p1_gives_a_stream_token_for_who_asks() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let request = backend.request(Method::POST, P1).bearer_auth(&ann.token);
    let (status, body) = answer(request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["success"], true);
    assert_eq!(body["message"], "Token generated successfully");
    assert_eq!(body["data"]["userId"], "club_ann");
    let claims = claims(text(&body["data"]["token"]), STREAM_SECRET);
    assert_eq!(claims["user_id"], "club_ann");
    let (iat, exp) = (
        claims["iat"].as_i64().unwrap(),
        claims["exp"].as_i64().unwrap(),
    );
    assert_eq!(exp - iat, 3600);
    let expires: jiff::Timestamp = text(&body["data"]["expiresAt"]).parse().unwrap();
    assert_eq!(expires.as_second(), exp);

    // Somebody else's id in the body changes nothing.
    let (status, other) = backend.post(&ann, P1, json!({ "userId": "someone" })).await;
    assert_eq!(
        (status, &other["data"]["userId"]),
        (StatusCode::OK, &json!("club_ann"))
    );
}

#[tokio::test]
async fn p2_connects_who_is_signed_in_under_the_sanitised_id() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    for sent in ["Club.Ann", "someone-else", ""] {
        let (status, body) = backend.post(&ann, P2, json!({ "userId": sent })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["userId"], "club_ann");
        assert_eq!(
            claims(text(&body["token"]), STREAM_SECRET)["user_id"],
            "club_ann"
        );
        assert_eq!(body.as_object().unwrap().len(), 2);
    }
    let (status, body) = backend.post(&ann, P2, json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    text(&body["error"]);
}

#[tokio::test]
async fn p2_takes_the_cookie_that_signing_in_sets() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let body = json!({ "email": ann.email, "password": PASSWORD });
    let request = backend
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    let response = request.send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let attributes: Vec<_> = attributes.split("; ").collect();
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=600"] {
        assert!(attributes.contains(&wanted), "{cookie}");
    }
    assert!(pair.starts_with("salon_session="), "{cookie}");
    let request = backend
        .request(Method::POST, P2)
        .json(&json!({ "userId": "x" }));
    let (status, body) = answer(request.header("cookie", format!("a=b; {pair}"))).await;
    assert_eq!(
        (status, &body["userId"]),
        (StatusCode::OK, &json!("club_ann"))
    );
    // Only there: elsewhere a page of somebody else's could use it.
    let request = backend.request(Method::POST, P1).header("cookie", pair);
    assert_eq!(answer(request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn p2_over_https_takes_the_cookie_of_this_very_host_only() {
    let backend = Backend::start_with(|config| {
        config.public_url = Some("https://meet.example/".parse().unwrap());
    })
    .await;
    let ann = backend.person("Ann").await;
    let body = json!({ "email": ann.email, "password": PASSWORD });
    let request = backend
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    let response = request.send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    // What a browser wants to see before it takes such a name.
    let (_, token) = pair.split_once("__Host-salon_session=").unwrap();
    for wanted in ["Path=/; ", "; Secure"] {
        assert!(attributes.contains(wanted), "{cookie}");
    }
    assert!(!attributes.contains("Domain"), "{cookie}");
    for (name, expected) in [
        ("__Host-salon_session", StatusCode::OK),
        // Any host below the same domain can set this one.
        ("salon_session", StatusCode::UNAUTHORIZED),
    ] {
        let request = backend
            .request(Method::POST, P2)
            .json(&json!({ "userId": "x" }));
        let (status, _) = answer(request.header("cookie", format!("{name}={token}"))).await;
        assert_eq!(status, expected, "{name}");
    }
}

#[tokio::test]
async fn p2_tells_the_call_without_a_token() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let expected =
        json!({ "apiKey": "stream-key", "callType": "default", "callId": "call-club_ann" });
    assert_eq!(
        backend.get(&ann, P2_CALL).await,
        (StatusCode::OK, expected.clone())
    );
    assert_eq!(
        backend.post(&ann, P2_CALL, json!({})).await,
        (StatusCode::OK, expected)
    );
    let session = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let (_, session) = backend
        .get(&ann, &format!("/api/v1/meeting-sessions/{session}"))
        .await;
    for who in [&ann, &ben] {
        assert_eq!(
            backend.get(who, P2_CALL).await.1["callId"],
            session["callId"]
        );
    }
}

#[tokio::test]
async fn p4_gives_a_livekit_token_with_every_grant() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let asked = json!({ "reading_club_id": 123, "participant_name": " Ann B. " });
    let (status, body) = backend.post(&ann, P4, asked).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["room_name"], "reading-club-123");
    assert_eq!(body["participant_name"], "Ann B.");
    assert_eq!(body.as_object().unwrap().len(), 3);
    let claims = claims(text(&body["token"]), LIVEKIT_SECRET);
    is_right_livekit_token(&claims, "Club.Ann", "Ann B.", "reading-club-123");

    // As a LiveKit server checks it, too; and not if one of its parts is another token's.
    let verified =
        |token: &str, secret| TokenVerifier::with_api_key("livekit-key", secret).verify(token);
    let token = text(&body["token"]);
    let seen = verified(token, LIVEKIT_SECRET).unwrap();
    assert_eq!(
        (seen.sub.as_str(), seen.name.as_str()),
        ("Club.Ann", "Ann B.")
    );
    assert_eq!(seen.video.room, "reading-club-123");
    let video = &seen.video;
    assert!(video.room_join && !video.room_admin && !video.room_create);
    let may = [
        video.can_publish,
        video.can_subscribe,
        video.can_publish_data,
        video.can_update_own_metadata,
    ];
    assert_eq!(may, [Some(true); 4]);
    verified(token, STREAM_SECRET).unwrap_err();
    let elsewhere = json!({ "reading_club_id": 124, "participant_name": "Ann B." });
    let (_, elsewhere) = backend.post(&ann, P4, elsewhere).await;
    let other: Vec<&str> = text(&elsewhere["token"]).split('.').collect();
    let parts: Vec<&str> = token.split('.').collect();
    for tampered in [
        [parts[0], other[1], parts[2]],
        [parts[0], parts[1], other[2]],
        [parts[0], parts[1], ""],
    ] {
        verified(&tampered.join("."), LIVEKIT_SECRET).unwrap_err();
    }

    for wrong in [
        json!({}),
        json!({ "reading_club_id": -1, "participant_name": "Ann" }),
        json!({ "reading_club_id": "123", "participant_name": "Ann" }),
        json!({ "reading_club_id": 1, "participant_name": "  " }),
        json!({ "reading_club_id": 1, "participant_name": "a\u{0}b" }),
        json!({ "reading_club_id": 1, "participant_name": "a".repeat(81) }),
    ] {
        let (status, body) = backend.post(&ann, P4, wrong.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        text(&body["error"]);
    }
}

#[tokio::test]
async fn a_backend_without_keys_answers_500_in_each_contracts_words() {
    let backend = Backend::start_with(|config| {
        config.livekit = None;
        config.stream = None;
    })
    .await;
    let ann = backend.person("Ann").await;
    let club = json!({ "reading_club_id": 1, "participant_name": "Ann" });
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    let p1 = json!({ "success": false, "message": "Failed to generate video call token" });
    assert_eq!(backend.post(&ann, P1, json!({})).await, (failed, p1));
    let error = json!({ "error": "Failed to generate token" });
    assert_eq!(backend.post(&ann, P4, club).await, (failed, error.clone()));
    let p2 = backend.post(&ann, P2, json!({ "userId": "x" })).await;
    assert_eq!(p2, (failed, error));
}

#[tokio::test]
async fn without_a_sign_in_each_contract_says_401_in_its_own_words() {
    let backend = Backend::start().await;
    let body = json!({ "userId": "x", "reading_club_id": 1, "participant_name": "Ann" });
    for path in [P1, P2, P2_CALL, P4] {
        let (status, answer) = backend.send(path, body.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        if path == P1 {
            assert_eq!(answer["success"], false);
            text(&answer["message"]);
        } else {
            text(&answer["error"]);
        }
    }
}

#[tokio::test]
async fn tokens_are_limited_for_each_account() {
    let backend = Backend::start_with(|config| config.limits.tokens_per_minute = 2).await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    for _ in 0..2 {
        assert_eq!(backend.post(&ann, P1, json!({})).await.0, StatusCode::OK);
    }
    let request = backend.request(Method::POST, P1).bearer_auth(&ann.token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key("retry-after"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["success"], false);
    assert_eq!(backend.post(&ben, P1, json!({})).await.0, StatusCode::OK);
}
