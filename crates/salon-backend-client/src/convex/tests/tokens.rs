//! Tokens that functions hand out, good and bad ones.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

#[tokio::test]
async fn stream_tokens_are_for_the_user() {
    let double = double().await;
    let (_, call) = accept(&double).await;
    let of = |user| {
        let known = Known::with(user, vec![Ok(double.user_token("bruno"))]);
        backend_as(&double.url, Provider::Stream, known)
    };
    let request = request("unused", &call);
    let token = soon(of("bruno").token(&request)).await.unwrap();
    assert_eq!((token.identity(), token.room()), ("bruno", call.as_str()));
    let JoinGrant::Stream(grant) = token else {
        panic!("LiveKit's: {token:?}");
    };
    assert_eq!(
        (grant.api_key.as_str(), grant.call_type.as_str()),
        ("key", "default")
    );
    // The backend would not sign for another; if it does, it is noticed.
    let others = json!({ "token": made_up(json!({ "user_id": "amina" })) });
    double.fail_next(Failing::Answer(others));
    // Also where nobody has said yet whose app it is.
    let unnamed = TokenRequest {
        stream: StreamSettings::default(),
        ..request
    };
    let fault = soon(of("bruno").token(&unnamed)).await.unwrap_err();
    assert_eq!(fault.code, Code::TokenIdentityMismatch);
    double.fail_next(Failing::Answer(
        json!({ "token": livekit(json!({ "roomJoin": true })) }),
    ));
    let fault = soon(of("bruno").token(&request)).await.unwrap_err();
    assert_eq!(fault.code, Code::TokenOtherKind);
}

fn made_up(claims: Value) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(json!({ "alg": "HS256" })), part(claims))
}

fn livekit(video: Value) -> String {
    made_up(json!({ "iss": "key", "sub": "bruno", "video": video }))
}

#[tokio::test]
async fn each_fault_of_a_token_has_its_code() {
    let double = double().await;
    let (id, call) = accept(&double).await;
    let bruno = backend(&double, "bruno");
    let answer =
        |token: String| Failing::Answer(json!({ "token": token, "url": "wss://media.example" }));
    let nowhere = json!({ "token": livekit(json!({ "room": call, "roomJoin": true })) });
    let throws = |message: &str, data: Option<Value>| Failing::Function {
        message: message.into(),
        data,
    };
    let of_other = json!({ "token": livekit(json!({ "room": call, "roomJoin": true })),
        "identity": "amina", "url": "wss://media.example" });
    let no_wss = json!({ "token": livekit(json!({ "room": call, "roomJoin": true })),
        "url": "http://media.example" });
    let cases = [
        (
            throws("Server Error", Some(json!("closed"))),
            Code::BackendError,
        ),
        (throws("Unauthenticated", None), Code::BackendNotSignedIn),
        (
            Failing::Garbage("<html>".into()),
            Code::BackendAnswerNotJson,
        ),
        (
            Failing::Garbage("x".repeat(70_000)),
            Code::BackendAnswerTooLarge,
        ),
        (Failing::Answer(json!({})), Code::BackendAnswerNoToken),
        (
            Failing::Answer(json!([{ "token": {} }])),
            Code::BackendAnswerNoToken,
        ),
        (Failing::Drop, Code::BackendUnreachableRefused),
        (Failing::Silent, Code::BackendTimeout),
        (answer("text".into()), Code::TokenNotJwt),
        (answer(livekit(json!({}))), Code::TokenGrantsEmpty),
        (
            answer(livekit(json!({ "room": "x", "roomJoin": true }))),
            Code::TokenOtherRoom,
        ),
        (
            answer(made_up(json!({ "user_id": "bruno" }))),
            Code::TokenOtherKind,
        ),
        (Failing::Answer(of_other), Code::TokenIdentityMismatch),
        (Failing::Answer(no_wss), Code::BackendError),
        (Failing::Answer(nowhere), Code::ServerMissing),
    ];
    for (failing, code) in cases {
        double.fail_next_of(LIVEKIT, failing.clone());
        let fault = soon(bruno.token(&request(&id, &call))).await.unwrap_err();
        assert_eq!(fault.code, code, "{fault}");
    }
    double.fail_next_of(LIVEKIT, throws("Server Error", Some(json!("closed"))));
    let fault = soon(bruno.token(&request(&id, &call))).await.unwrap_err();
    assert_eq!(fault.detail, "closed");
    assert!(soon(bruno.token(&request(&id, &call))).await.is_ok());
}
