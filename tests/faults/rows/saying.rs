//! The backend answers, but not with a token.

use salon_base::Code::*;
use serde_json::json;

use super::{Provoked, Row, row};
use crate::asking::{CREDENTIAL, answer, answers, ask_for, client, locked_answer};
use crate::reference;
use crate::servers::{Act, http, ok};

const P1: &str = "stream-rest";
const P2: &str = "next-video-call";
const P4: &str = "livekit-meetings";

pub(super) fn rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("What the backend says", words, code, detail, provoke)
    };
    let mut rows = vec![
        row(
            ("nobody is signed in", "no credential"),
            BackendNotSignedIn,
            "",
            || {
                Box::pin(async {
                    let request = salon_backend_client::TokenRequest {
                        room: "r",
                        session: None,
                        display_name: "Ann",
                        server: None,
                        server_locked: false,
                        stream: crate::asking::app(),
                    };
                    ask_for(P4, "https://backend.example/", client(), request, "").await
                })
            },
        ),
        row(
            (
                "P1: it does not know who asks",
                "the reference backend, a wrong token",
            ),
            BackendNotSignedIn,
            "",
            || Box::pin(reference::stranger(P1)),
        ),
        row(
            (
                "P2: it does not know who asks",
                "the reference backend, a wrong token",
            ),
            BackendNotSignedIn,
            "",
            || Box::pin(reference::stranger(P2)),
        ),
        row(
            (
                "P4: it does not know who asks",
                "the reference backend, a wrong token",
            ),
            BackendNotSignedIn,
            "",
            || Box::pin(reference::stranger(P4)),
        ),
        row(
            ("it forbids it", "status 403"),
            BackendNotSignedIn,
            "members only",
            || {
                let body = r#"{"message":"members only"}"#;
                Box::pin(answer(P4, http("403 Forbidden", "", body)))
            },
        ),
        row(
            ("P1: it fails", "the reference backend without keys"),
            BackendError,
            "Failed to generate video call token",
            || Box::pin(reference::without_keys(P1)),
        ),
        row(
            ("P2: it fails", "the reference backend without keys"),
            BackendError,
            "Failed to generate token",
            || Box::pin(reference::without_keys(P2)),
        ),
        row(
            ("P4: it fails", "the reference backend without keys"),
            BackendError,
            "Failed to generate token",
            || Box::pin(reference::without_keys(P4)),
        ),
        row(
            (
                "P1: it fails and says 200",
                "`\"success\": false` with status 200",
            ),
            BackendError,
            "Failed to generate video call token",
            || {
                let words = "Failed to generate video call token";
                Box::pin(answer(
                    P1,
                    ok(&json!({ "success": false, "message": words })),
                ))
            },
        ),
        row(
            (
                "its words have the credential",
                "a refusal that repeats what it was sent",
            ),
            BackendError,
            "bad [credential]",
            || {
                let body = json!({ "error": format!("bad {CREDENTIAL}") }).to_string();
                Box::pin(answer(P4, http("500 Error", "", body)))
            },
        ),
        row(
            ("it is busy, twice", "status 503, and once more"),
            BackendError,
            "503",
            || Box::pin(answer(P4, http("503 Service Unavailable", "", ""))),
        ),
        row(
            (
                "P1: too many tries",
                "the reference backend, beyond its limit",
            ),
            BackendRateLimited,
            "wait",
            || Box::pin(reference::too_often()),
        ),
        row(
            (
                "too many tries, come back soon, and again",
                "429 with `Retry-After: 0`, twice",
            ),
            BackendRateLimited,
            "wait 0 s",
            || Box::pin(answer(P4, http("429 Too Many", "Retry-After: 0\r\n", "{}"))),
        ),
        row(
            (
                "too many tries, come back much later",
                "429 with `Retry-After: 3600`",
            ),
            BackendRateLimited,
            "wait 3600 s",
            || {
                Box::pin(answer(
                    P4,
                    http("429 Too Many", "Retry-After: 3600\r\n", "{}"),
                ))
            },
        ),
    ];
    rows.extend(odd_answers());
    rows
}

fn odd_answers() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("Answers that make no sense", words, code, detail, provoke)
    };
    vec![
        row(
            ("there is no such endpoint", "status 404"),
            BackendEndpointMissing,
            "404",
            || Box::pin(answer(P4, http("404 Not Found", "", "<h1>Not Found</h1>"))),
        ),
        row(
            ("the endpoint is not one for POST", "status 405"),
            BackendEndpointMissing,
            "",
            || Box::pin(answer(P4, http("405 Method Not Allowed", "", ""))),
        ),
        row(
            (
                "it leads to another server",
                "a redirect to `login.example`",
            ),
            BackendError,
            "login.example",
            || {
                Box::pin(answer(
                    P4,
                    http("302 Found", "Location: https://login.example/\r\n", ""),
                ))
            },
        ),
        row(
            (
                "it names another media server than the administrator's",
                "`\"url\": \"wss://other.example\"`, the server being locked",
            ),
            ServerNotAllowed,
            "it is other.example; locked is media.example",
            || {
                let named = json!({ "token": "t", "url": "wss://other.example" });
                Box::pin(locked_answer(ok(&named)))
            },
        ),
        row(
            ("it leads in circles", "a redirect to itself"),
            BackendError,
            "redirects",
            || Box::pin(answer(P4, http("307 Redirect", "Location: /again\r\n", ""))),
        ),
        row(
            ("it leads nowhere", "a redirect without `Location`"),
            BackendError,
            "nowhere",
            || Box::pin(answer(P4, http("301 Moved", "", ""))),
        ),
        row(
            ("a page instead of JSON", "HTML with status 200"),
            BackendAnswerNotJson,
            "",
            || {
                Box::pin(answer(
                    P4,
                    http("200 OK", "", "<!doctype html><title>Sign in</title>"),
                ))
            },
        ),
        row(
            ("nothing", "an empty body"),
            BackendAnswerNotJson,
            "",
            || Box::pin(answer(P4, http("200 OK", "", ""))),
        ),
        row(
            ("JSON that ends too early", "half an object"),
            BackendAnswerNotJson,
            "",
            || Box::pin(answer(P4, http("200 OK", "", r#"{"token": "x""#))),
        ),
        row(
            ("JSON in another encoding", "UTF-16"),
            BackendAnswerNotJson,
            "",
            || {
                let text = r#"{"token":"x"}"#.encode_utf16().flat_map(u16::to_le_bytes);
                Box::pin(answer(P4, http("200 OK", "", text.collect::<Vec<_>>())))
            },
        ),
        row(
            ("bytes that are no text", "invalid UTF-8 in a text"),
            BackendAnswerNotJson,
            "",
            || Box::pin(answer(P4, http("200 OK", "", b"{\"token\":\"\xff\xfe\"}"))),
        ),
        row(
            ("JSON without a bottom", "10,000 nested arrays"),
            BackendAnswerNotJson,
            "",
            || Box::pin(answer(P4, http("200 OK", "", "[".repeat(10_000)))),
        ),
        row(
            ("JSON of another type", "a list"),
            BackendAnswerNoToken,
            "missing",
            || Box::pin(answer(P4, ok(&json!(["token"])))),
        ),
        row(
            ("an object without a token", "`{}`"),
            BackendAnswerNoToken,
            "missing",
            || Box::pin(answer(P4, ok(&json!({})))),
        ),
        row(
            ("a token that is no text", "`\"token\": 7`"),
            BackendAnswerNoToken,
            "no text",
            || Box::pin(answer(P4, ok(&json!({ "token": 7 })))),
        ),
        row(
            ("an empty token", "`\"token\": \"\"`"),
            BackendAnswerNoToken,
            "empty",
            || Box::pin(answer(P4, ok(&json!({ "token": "" })))),
        ),
        row(
            ("far too much", "100 KB"),
            BackendAnswerTooLarge,
            "",
            || Box::pin(answer(P4, http("200 OK", "", "x".repeat(100_000)))),
        ),
        row(
            ("no end", "a body that never ends"),
            BackendAnswerTooLarge,
            "",
            || {
                let head = b"HTTP/1.1 200 OK\r\n\r\n{\"token\":\"x".to_vec();
                Box::pin(answers(P4, vec![Act::SayWithoutEnd(head)]))
            },
        ),
    ]
}
