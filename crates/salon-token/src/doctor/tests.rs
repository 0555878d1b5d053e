use super::*;
use proptest::prelude::*;
use salon_support::token::{now, token};
use serde_json::json;

fn codes(diagnosis: &Diagnosis) -> Vec<Code> {
    diagnosis
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn livekit() -> Value {
    json!({
        "iss": "key", "sub": "ann", "name": "Ann", "exp": now() + 600.0, "iat": now(),
        "video": { "room": "r", "roomJoin": true, "canPublish": true, "canSubscribe": true },
    })
}

#[test]
fn a_good_token_is_explained() {
    let diagnosis = diagnose(
        &token("HS256", &livekit()),
        None,
        Expected::anything(SystemTime::now()),
    );
    assert!(diagnosis.healthy, "{diagnosis:?}");
    assert_eq!(codes(&diagnosis), []);
    assert_eq!(diagnosis.kind, Some(Kind::Livekit));
    assert_eq!(diagnosis.identity.as_deref(), Some("ann"));
    assert!((diagnosis.seconds_left.unwrap() - 600.0).abs() < 5.0);
    let given = |name: &str| {
        diagnosis
            .grants
            .iter()
            .find(|g| g.name == name)
            .unwrap()
            .given
    };
    assert!(given("roomJoin") && given("canPublishData") && !given("roomAdmin"));
    let text = diagnosis.text();
    for part in [
        "LiveKit",
        "ann",
        "speak and be seen (canPublish)",
        "looks right",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let claims = json!({ "exp": now() - 3600.0, "video": {} });
    let diagnosis = diagnose(
        &token("HS512", &claims),
        None,
        Expected::anything(SystemTime::now()),
    );
    assert!(!diagnosis.healthy);
    assert_eq!(
        codes(&diagnosis),
        [
            Code::TokenWrongAlgorithm,
            Code::TokenIssuerMissing,
            Code::TokenExpired,
            Code::TokenIdentityMissing,
            Code::TokenGrantsEmpty,
            Code::TokenRoomMissing,
        ]
    );
    assert!(
        diagnosis
            .findings
            .iter()
            .all(|finding| !finding.next.is_empty())
    );
}

#[test]
fn warnings_leave_a_token_healthy() {
    let mut claims = livekit();
    claims["video"]["canPublish"] = json!(false);
    claims.as_object_mut().unwrap().remove("exp");
    let diagnosis = diagnose(
        &token("HS256", &claims),
        None,
        Expected::anything(SystemTime::now()),
    );
    assert!(diagnosis.healthy);
    assert_eq!(
        codes(&diagnosis),
        [Code::TokenPublishMissing, Code::TokenEndless]
    );
    assert!(diagnosis.text().contains("never"));
}

#[test]
fn tokens_of_stream_are_known() {
    let good = json!({ "user_id": "ann", "iat": now() - 5.0, "exp": now() + 600.0 });
    let diagnosis = diagnose(
        &token("HS256", &good),
        None,
        Expected::anything(SystemTime::now()),
    );
    assert_eq!(
        (diagnosis.kind, diagnosis.healthy),
        (Some(Kind::Stream), true)
    );
    let early = json!({ "user_id": "ann", "iat": now() + 600.0, "exp": now() + 900.0 });
    let diagnosis = diagnose(
        &token("HS256", &early),
        None,
        Expected::anything(SystemTime::now()),
    );
    assert_eq!(codes(&diagnosis), [Code::TokenNotYetValid]);
    let wanted = Expected {
        identity: Some("bob"),
        ..Expected::anything(SystemTime::now())
    };
    let diagnosis = diagnose(&token("HS256", &good), None, wanted);
    assert_eq!(codes(&diagnosis), [Code::TokenIdentityMismatch]);
}

#[test]
fn each_kind_is_refused_where_the_other_is_wanted() {
    let stream = token("HS256", &json!({ "user_id": "ann", "exp": now() + 9.0 }));
    let diagnosis = diagnose(
        &stream,
        Some(Kind::Livekit),
        Expected::anything(SystemTime::now()),
    );
    assert_eq!(codes(&diagnosis), [Code::TokenOtherKind]);
    let diagnosis = diagnose(
        &token("HS256", &livekit()),
        Some(Kind::Stream),
        Expected::anything(SystemTime::now()),
    );
    assert_eq!(codes(&diagnosis), [Code::TokenOtherKind]);
}

#[test]
fn what_cannot_be_read_is_said() {
    let diagnosis = diagnose("garbage", None, Expected::anything(SystemTime::now()));
    assert_eq!(
        (diagnosis.kind, codes(&diagnosis)),
        (None, vec![Code::TokenNotJwt])
    );
}

#[test]
fn a_token_does_not_steer_the_terminal() {
    let mut claims = livekit();
    claims["name"] = json!("\u{1b}[2Jnobody");
    let text = diagnose(
        &token("HS256", &claims),
        None,
        Expected::anything(SystemTime::now()),
    )
    .text();
    assert!(!text.contains('\u{1b}') && text.contains("nobody"));
}

proptest! {
    #[test]
    fn any_text_is_survived(text: String, body in "[A-Za-z0-9_.-]{0,200}") {
        for token in [text, format!("eyJhbGciOiJIUzI1NiJ9.{body}.x")] {
            let diagnosis = diagnose(&token, None, Expected::anything(SystemTime::now()));
            prop_assert!(diagnosis.healthy || !diagnosis.findings.is_empty());
            let _ = diagnosis.text();
        }
    }
}
