//! What the media server says of a token, as LiveKit's does (measured with 1.13.5), and how it is
//! not reached.

use salon_base::Code::*;

use super::{Provoked, Row, row};
use crate::asking::{client, hurried, media_server, media_server_at};
use crate::servers::{Act, certificate, http, nobody, server, tls_server};

const DENIED: &str = "401 Unauthorized";
const EXPIRED: &str = "invalid token: <TOKEN>, error: token has invalid claims: token is expired";

pub(super) fn rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("The media server", words, code, detail, provoke)
    };
    vec![
        row(
            (
                "it knows another secret",
                "`signature is invalid`, with the token in it",
            ),
            TokenSignatureWrong,
            "[token]",
            || {
                let words = "invalid token: <TOKEN>, error: token signature is invalid: signature \
                             is invalid";
                Box::pin(media_server(DENIED, words, 0))
            },
        ),
        row(
            ("it does not know the key", "`invalid API key: nokey`"),
            TokenKeyUnknown,
            "",
            || Box::pin(media_server(DENIED, "invalid API key: nokey", 0)),
        ),
        row(
            ("the token is over", "`token is expired`"),
            TokenExpired,
            "",
            || Box::pin(media_server(DENIED, EXPIRED, 0)),
        ),
        row(
            (
                "the token is over, as this clock is behind",
                "the same, `Date` an hour ahead",
            ),
            ClockSkew,
            "behind",
            || Box::pin(media_server(DENIED, EXPIRED, 3600)),
        ),
        row(
            (
                "the token is too early, as this clock is ahead",
                "`not valid yet`, `Date` behind",
            ),
            ClockSkew,
            "ahead",
            || {
                let words = "invalid token: <TOKEN>, error: token is not valid yet";
                Box::pin(media_server(DENIED, words, -3600))
            },
        ),
        row(
            ("it wants more grants", "`permissions denied`"),
            TokenGrantsEmpty,
            "",
            || Box::pin(media_server(DENIED, "permissions denied", 0)),
        ),
        row(
            ("it says something new", "`room is on fire`"),
            ServerRefused,
            "on fire",
            || Box::pin(media_server(DENIED, "room is on fire", 0)),
        ),
        row(
            ("it is in trouble", "status 503"),
            ServerError,
            "on fire",
            || Box::pin(media_server("503 Unavailable", "room is on fire", 0)),
        ),
        row(
            ("its name does not exist", "a name under `.invalid`"),
            ServerUnreachableDns,
            "",
            || Box::pin(media_server_at("wss://salon.invalid/", client())),
        ),
        row(
            ("nobody listens", "a port just closed"),
            ServerUnreachableRefused,
            "",
            || {
                Box::pin(async {
                    media_server_at(&format!("ws://{}/", nobody().await), client()).await
                })
            },
        ),
        row(
            ("it is not itself", "a self-signed certificate"),
            ServerUnreachableTls,
            "",
            || {
                Box::pin(async {
                    let certificate = certificate(&["127.0.0.1"], false);
                    let address = tls_server(certificate, http("200 OK", "", "success")).await;
                    media_server_at(&format!("wss://{address}/"), client()).await
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
                    media_server_at(&format!("ws://{address}/"), hurried()).await
                })
            },
        ),
    ]
}
