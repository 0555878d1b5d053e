//! The backend is not reached, or not as itself.

use salon_base::Code::*;
use salon_base::Fault;

use super::{Row, row};
use crate::asking::{answer, answers, ask, client, hurried, silence};
use crate::servers::{Act, certificate, http, nobody, server, tls_server};

const P4: &str = "livekit-meetings";

pub(super) fn rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> super::Provoked| {
        row("Reaching the backend", words, code, detail, provoke)
    };
    vec![
        row(
            (
                "its name does not exist",
                "a name under `.invalid` (RFC 6761)",
            ),
            BackendUnreachableDns,
            "",
            || Box::pin(ask(P4, "https://salon.invalid/", client())),
        ),
        row(
            ("nobody listens there", "a port that was just closed"),
            BackendUnreachableRefused,
            "",
            || Box::pin(async { ask(P4, &format!("http://{}/", nobody().await), client()).await }),
        ),
        row(
            ("it hangs up without a word, twice", "a server that closes"),
            BackendUnreachableRefused,
            "",
            || Box::pin(answer(P4, Act::Say(Vec::new()))),
        ),
        row(
            ("its certificate is its own", "a self-signed certificate"),
            BackendUnreachableTls,
            "certificate",
            || Box::pin(with_certificate("127.0.0.1", false, false)),
        ),
        row(
            (
                "its certificate is another host's",
                "one for `other.example`, vouched for",
            ),
            BackendUnreachableTls,
            "other.example",
            || Box::pin(with_certificate("other.example", false, true)),
        ),
        row(
            (
                "its certificate has expired",
                "one that ended in 2020, vouched for",
            ),
            BackendUnreachableTls,
            "expired",
            || Box::pin(with_certificate("127.0.0.1", true, true)),
        ),
        row(
            (
                "it does not speak TLS",
                "plain HTTP where the address says `https`",
            ),
            BackendUnreachableTls,
            "",
            || {
                Box::pin(async {
                    let words = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
                    let plain = server(vec![Act::SayAtOnce(words)]).await;
                    ask(P4, &format!("https://{plain}/"), client()).await
                })
            },
        ),
        row(
            ("its address is not encrypted", "`http` to another computer"),
            BackendInsecure,
            "",
            || Box::pin(ask(P4, "http://backend.example/", client())),
        ),
        row(
            (
                "the proxy wants a password",
                "a proxy that answers CONNECT with 407",
            ),
            BackendUnreachableProxy,
            "",
            || {
                Box::pin(through_proxy(
                    client(),
                    http("407 Proxy Authentication Required", "", ""),
                ))
            },
        ),
        row(
            (
                "the proxy cannot get there",
                "a proxy that answers CONNECT with 502",
            ),
            BackendUnreachableProxy,
            "",
            || Box::pin(through_proxy(client(), http("502 Bad Gateway", "", ""))),
        ),
        row(
            ("the proxy hangs", "a proxy that says nothing"),
            BackendTimeout,
            "",
            || Box::pin(through_proxy(hurried(), Act::SayAndHang(Vec::new()))),
        ),
        row(
            (
                "there is no proxy where one is set",
                "a proxy's port that was just closed",
            ),
            BackendUnreachableProxy,
            "",
            || {
                Box::pin(async {
                    let proxy = reqwest::Proxy::all(format!("http://{}", nobody().await)).unwrap();
                    ask(P4, "https://backend.example/", client().proxy(proxy)).await
                })
            },
        ),
        row(
            (
                "it does not answer in time",
                "a server that reads and is silent",
            ),
            BackendTimeout,
            "",
            || Box::pin(silence(P4, Act::SayAndHang(Vec::new()))),
        ),
        row(
            ("it stops in the middle", "half of an answer, then silence"),
            BackendTimeout,
            "",
            || {
                let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"token\":".to_vec();
                Box::pin(silence(P4, Act::SayAndHang(half)))
            },
        ),
        row(
            (
                "it is cut off in the middle",
                "half of an answer, then the end",
            ),
            BackendUnreachableRefused,
            "",
            || {
                let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"token\":".to_vec();
                Box::pin(answer(P4, Act::Say(half)))
            },
        ),
        row(
            (
                "it does not speak HTTP",
                "a server that greets as mail servers do",
            ),
            BackendUnreachableRefused,
            "",
            || {
                Box::pin(answers(
                    P4,
                    vec![Act::Say(b"220 mail.example ESMTP\r\n".to_vec())],
                ))
            },
        ),
    ]
}

async fn with_certificate(name: &str, over: bool, vouched_for: bool) -> Fault {
    let certificate = certificate(&[name], over);
    let root = reqwest::Certificate::from_der(&certificate.der).unwrap();
    let address = tls_server(certificate, http("200 OK", "", "{}")).await;
    let client = if vouched_for {
        client().tls_certs_only([root])
    } else {
        client()
    };
    ask(P4, &format!("https://{address}/"), client).await
}

async fn through_proxy(client: reqwest::ClientBuilder, act: Act) -> Fault {
    let proxy = format!("http://{}", server(vec![act]).await);
    let proxy = reqwest::Proxy::all(proxy).unwrap();
    ask(P4, "https://backend.example/", client.proxy(proxy)).await
}
