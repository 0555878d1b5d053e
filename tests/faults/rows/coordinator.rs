//! What Stream's coordinator says of a token and a call, and how it is not reached.

use salon_base::Code::*;
use salon_support::stream::{Fault as Order, Refusal};
use serde_json::json;

use super::{Provoked, Row, row};
use crate::asking::{client, hurried, now};
use crate::coordinator::{at, claiming, forged, over, service};
use crate::servers::{Act, certificate, http, nobody, server, tls_server};

pub(super) fn rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("Stream's coordinator", words, code, detail, provoke)
    };
    vec![
        row(
            (
                "it knows another secret",
                "code 43: a token that is not the app's",
            ),
            TokenSignatureWrong,
            "signature is not valid",
            || Box::pin(forged()),
        ),
        row(
            ("it does not know the app", "code 2: another API key"),
            TokenKeyUnknown,
            "",
            || Box::pin(service(|grant, _| grant.api_key = "another".into(), None)),
        ),
        row(
            ("the token is over", "code 40: `exp` 90 s ago"),
            TokenExpired,
            "",
            || Box::pin(claiming(over(90))),
        ),
        row(
            ("the token is too early", "code 41: `nbf` in 600 s"),
            TokenNotYetValid,
            "nbf",
            || Box::pin(claiming(json!({ "user_id": "ann", "nbf": now() + 600 }))),
        ),
        row(
            ("the token is of the future", "code 42: `iat` in 600 s"),
            TokenNotYetValid,
            "iat",
            || Box::pin(claiming(json!({ "user_id": "ann", "iat": now() + 600 }))),
        ),
        row(
            (
                "the token is another user's",
                "code 5, and whom it is about",
            ),
            TokenIdentityMismatch,
            "user_id",
            || {
                let words = "user_id claim is not user.id";
                Box::pin(service(|_, _| (), refusal(401, 5, words)))
            },
        ),
        row(
            (
                "there is no such call or type",
                "code 16: a type that it does not have",
            ),
            MeetingNotFound,
            "unheard-of",
            || {
                Box::pin(service(
                    |grant, _| grant.call_type = "unheard-of".into(),
                    None,
                ))
            },
        ),
        row(
            ("the user may not join", "code 17"),
            ServerRefused,
            "not allowed",
            || Box::pin(service(|_, _| (), refusal(403, 17, "not allowed to join"))),
        ),
        row(
            ("it is in trouble", "status 503"),
            ServerError,
            "maintenance",
            || Box::pin(service(|_, _| (), refusal(503, 0, "maintenance"))),
        ),
        row(
            ("too many ask at once", "status 429, code 9"),
            ServerError,
            "too many",
            || Box::pin(service(|_, _| (), refusal(429, 9, "too many requests"))),
        ),
        row(
            ("it leads to no media server", "`{}` with status 201"),
            ServerRefused,
            "names no media server",
            || Box::pin(service(|_, _| (), Some(Order::Garbage("{}".into())))),
        ),
        row(
            ("its name does not exist", "a name under `.invalid`"),
            ServerUnreachableDns,
            "",
            || Box::pin(at("https://salon.invalid/video", client())),
        ),
        row(
            ("nobody listens", "a port just closed"),
            ServerUnreachableRefused,
            "",
            || Box::pin(async { at(&format!("http://{}/video", nobody().await), client()).await }),
        ),
        row(
            ("it is not itself", "a self-signed certificate"),
            ServerUnreachableTls,
            "",
            || {
                Box::pin(async {
                    let certificate = certificate(&["127.0.0.1"], false);
                    let address = tls_server(certificate, http("200 OK", "", "{}")).await;
                    at(&format!("https://{address}/video"), client()).await
                })
            },
        ),
        row(
            ("it is silent", "a server that reads only"),
            ServerTimeout,
            "",
            || {
                Box::pin(async {
                    let address = server(vec![Act::SayAndHang(Vec::new())]).await;
                    at(&format!("http://{address}/video"), hurried()).await
                })
            },
        ),
    ]
}

fn refusal(status: u16, code: u16, words: &str) -> Option<Order> {
    Some(Order::Refuse(Refusal::new(status, code, words)))
}
