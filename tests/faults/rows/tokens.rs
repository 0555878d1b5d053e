//! The backend hands out a token that would not do.

use salon_base::Code::*;
use salon_meeting::stream::StreamSettings;
use serde_json::{Value, json};

use super::{Provoked, Row, row};

use crate::asking::{
    answer, app, livekit, livekit_claims, now, of_stream, signed, stream_claims, token, wrong_clock,
};
use crate::servers::{http, ok};

const P1: &str = "stream-rest";
const P2: &str = "next-video-call";
const P4: &str = "livekit-meetings";

fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = livekit_rows();
    rows.extend(stream_rows());
    rows
}

fn livekit_rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("Tokens for LiveKit", words, code, detail, provoke)
    };
    vec![
        row(
            ("it is no token", "`garbage`"),
            TokenNotJwt,
            "three parts",
            || Box::pin(token(P4, "garbage")),
        ),
        row(
            ("it is damaged", "three parts that are not base64url"),
            TokenNotJwt,
            "",
            || Box::pin(token(P4, "a!.b!.c!")),
        ),
        row(
            ("it has expired", "`exp` 90 s ago"),
            TokenExpired,
            "",
            || Box::pin(livekit(|c| c["exp"] = json!(now() - 90))),
        ),
        row(
            ("it is not valid yet", "`nbf` in 90 s"),
            TokenNotYetValid,
            "",
            || Box::pin(livekit(|c| c["nbf"] = json!(now() + 90))),
        ),
        row(
            (
                "it has expired by the backend's clock",
                "a `Date` two hours ahead",
            ),
            TokenExpired,
            "clock differs by 7",
            || Box::pin(wrong_clock(7200)),
        ),
        row(
            (
                "it is not valid yet by the backend's clock",
                "a `Date` two hours behind",
            ),
            TokenNotYetValid,
            "clock differs by -7",
            || Box::pin(wrong_clock(-7200)),
        ),
        row(
            ("it is signed with nothing", "`alg: none`"),
            TokenWrongAlgorithm,
            "none",
            || Box::pin(async { token(P4, &signed("none", &livekit_claims())).await }),
        ),
        row(
            ("it is signed otherwise", "`alg: HS512`"),
            TokenWrongAlgorithm,
            "HS512",
            || Box::pin(async { token(P4, &signed("HS512", &livekit_claims())).await }),
        ),
        row(
            ("it names no key", "no `iss`"),
            TokenIssuerMissing,
            "",
            || Box::pin(livekit(|c| without(c, "iss"))),
        ),
        row(
            ("it names nobody", "no `sub`"),
            TokenIdentityMissing,
            "",
            || Box::pin(livekit(|c| without(c, "sub"))),
        ),
        row(
            ("it has no grants", "no `video`"),
            TokenGrantsMissing,
            "",
            || Box::pin(livekit(|c| without(c, "video"))),
        ),
        row(
            ("its grants are empty", "`\"video\": {}`"),
            TokenGrantsEmpty,
            "roomJoin",
            || Box::pin(livekit(|c| c["video"] = json!({}))),
        ),
        row(
            ("it forbids to join", "`roomJoin: false`"),
            TokenGrantsEmpty,
            "roomJoin",
            || Box::pin(livekit(|c| c["video"]["roomJoin"] = json!(false))),
        ),
        row(
            ("it allows something else", "`roomCreate` only"),
            TokenGrantsEmpty,
            "",
            || Box::pin(livekit(|c| c["video"] = json!({ "roomCreate": true }))),
        ),
        row(
            ("it names no room", "`roomJoin` without `room`"),
            TokenRoomMissing,
            "",
            || Box::pin(livekit(|c| c["video"] = json!({ "roomJoin": true }))),
        ),
        row(
            ("it is for another room", "`room` of another club"),
            TokenOtherRoom,
            "club-9",
            || Box::pin(livekit(|c| c["video"]["room"] = json!("reading-club-9"))),
        ),
        row(
            ("it is Stream's", "a Stream token from P4"),
            TokenOtherKind,
            "user_id",
            || Box::pin(async { token(P4, &signed("HS256", &stream_claims())).await }),
        ),
        row(
            (
                "the media server is not encrypted",
                "an answer that names `ws://media.example`",
            ),
            BackendError,
            "no wss address",
            || {
                Box::pin(async {
                    let token = signed("HS256", &livekit_claims());
                    let body = json!({ "token": token, "url": "ws://media.example" });
                    crate::asking::session_answer(ok(&body)).await
                })
            },
        ),
        row(
            (
                "it is for somebody else",
                "`sub` is not the identity that the backend named",
            ),
            TokenIdentityMismatch,
            "ann",
            || {
                Box::pin(async {
                    let token = signed("HS256", &livekit_claims());
                    let body =
                        json!({ "token": token, "url": "wss://m.example", "identity": "ben" });
                    crate::asking::session_answer(ok(&body)).await
                })
            },
        ),
    ]
}

fn stream_rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("Tokens for Stream", words, code, detail, provoke)
    };
    vec![
        row(
            ("P1: it has expired", "`exp` 90 s ago"),
            TokenExpired,
            "",
            || Box::pin(stream(P1, |c| c["exp"] = json!(now() - 90))),
        ),
        row(
            ("P1: it is used too early", "`iat` in 90 s"),
            TokenNotYetValid,
            "",
            || Box::pin(stream(P1, |c| c["iat"] = json!(now() + 90))),
        ),
        row(
            ("P1: it names nobody", "no `user_id`"),
            TokenIdentityMissing,
            "",
            || Box::pin(stream(P1, |c| without(c, "user_id"))),
        ),
        row(
            ("P1: it is signed otherwise", "`alg: RS256`"),
            TokenWrongAlgorithm,
            "",
            || Box::pin(async { token(P1, &signed("RS256", &stream_claims())).await }),
        ),
        row(
            ("P1: it is no token", "`8f14e45fceea167a`"),
            TokenNotJwt,
            "three parts",
            || Box::pin(token(P1, "8f14e45fceea167a")),
        ),
        row(
            ("P1: it is LiveKit's", "a LiveKit token from P1"),
            TokenOtherKind,
            "LiveKit",
            || Box::pin(async { token(P1, &signed("HS256", &livekit_claims())).await }),
        ),
        row(
            (
                "P2: it is for another user",
                "`user_id` is not the `userId` that came back",
            ),
            TokenIdentityMismatch,
            "ben",
            || Box::pin(stream(P2, |c| c["user_id"] = json!("ben"))),
        ),
        row(
            (
                "P2: it is for the id before it was sanitised",
                "`user_id` in upper case",
            ),
            TokenIdentityMismatch,
            "Ann",
            || Box::pin(stream(P2, |c| c["user_id"] = json!("Ann"))),
        ),
        row(
            (
                "P2: the id that came back was not sanitised",
                "`userId` in upper case",
            ),
            TokenIdentityMismatch,
            "ann",
            || {
                let body = json!({ "token": signed("HS256", &stream_claims()), "userId": "Ann" });
                Box::pin(async move { answer(P2, ok(&body)).await })
            },
        ),
        row(
            (
                "P1: nobody says whose app it is",
                "no API key in settings, profile and answer",
            ),
            StreamKeyMissing,
            "",
            || Box::pin(of_stream(P1, StreamSettings::default(), vec![])),
        ),
        row(
            (
                "P2: it does not say whose app it is",
                "`GET /api/video-call` answered with 404",
            ),
            StreamKeyMissing,
            "",
            || {
                let missing = http("404 Not Found", "", "<html>");
                Box::pin(of_stream(P2, StreamSettings::default(), vec![missing]))
            },
        ),
        row(
            (
                "P1: its coordinator is on this computer, and it is not dev mode",
                "`stream_url` is `http://127.0.0.1:9`",
            ),
            ServerNeedsDevMode,
            "stream_url in the settings: http://127.0.0.1:9",
            || {
                Box::pin(async {
                    let url = "http://127.0.0.1:9".parse().unwrap();
                    let stream = StreamSettings {
                        url: Some(&url),
                        ..app()
                    };
                    of_stream(P1, stream, vec![]).await
                })
            },
        ),
        row(
            (
                "P2: it names another app than the administrator locked",
                "`apiKey` is not the locked one",
            ),
            ServerNotAllowed,
            "locked is key",
            || {
                let stream = StreamSettings {
                    api_key_locked: true,
                    ..app()
                };
                Box::pin(of_stream(
                    P2,
                    stream,
                    vec![ok(&json!({ "apiKey": "theirs" }))],
                ))
            },
        ),
        row(
            (
                "P2: it names an app that cannot be one",
                "`apiKey` with a slash",
            ),
            BackendError,
            "API key",
            || Box::pin(of_stream(P2, app(), vec![ok(&json!({ "apiKey": "a/b" }))])),
        ),
    ]
}

async fn stream(profile: &str, change: fn(&mut Value)) -> salon_base::Fault {
    let mut claims = stream_claims();
    change(&mut claims);
    token(profile, &signed("HS256", &claims)).await
}
