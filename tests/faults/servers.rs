//! Servers on this computer that do what a row needs, whatever they are asked.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a server does once it has read a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Writes this and closes.
    Say(Vec<u8>),
    /// Writes this and closes, whatever it has read by then.
    SayAtOnce(Vec<u8>),
    /// Writes this and then nothing, with the connection open.
    SayAndHang(Vec<u8>),
    /// Writes this and then more of the last byte, without end.
    SayWithoutEnd(Vec<u8>),
}

/// An HTTP answer.
pub(crate) fn http(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    Act::Say(answer)
}

/// JSON with status 200.
pub(crate) fn ok(body: &serde_json::Value) -> Act {
    http(
        "200 OK",
        "Content-Type: application/json\r\n",
        body.to_string(),
    )
}

/// A server whose nth connection gets the nth act, and all further the last.
pub(crate) async fn server(acts: Vec<Act>) -> SocketAddr {
    listen(move |mut stream, index| {
        let act = acts[index.min(acts.len() - 1)].clone();
        async move { play(&mut stream, act).await }
    })
    .await
}

/// As [`server`] with one act, behind TLS.
pub(crate) async fn tls_server(certificate: Certificate, act: Act) -> SocketAddr {
    let key = PrivateKeyDer::Pkcs8(certificate.key.into());
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate.der)], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    listen(move |stream, _| {
        let (acceptor, act) = (acceptor.clone(), act.clone());
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                play(&mut stream, act).await;
            }
        }
    })
    .await
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
}

/// A certificate that nobody vouches for, and its key.
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    key: Vec<u8>,
}

/// For these names; `over`: it has expired.
pub(crate) fn certificate(names: &[&str], over: bool) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let names = names.iter().map(|name| (*name).to_owned());
    let mut params = CertificateParams::new(names.collect::<Vec<_>>()).unwrap();
    if over {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    Certificate {
        der: params.self_signed(&key).unwrap().der().to_vec(),
        key: key.serialize_der(),
    }
}

async fn listen<Serving>(serve: impl Fn(TcpStream, usize) -> Serving + Send + 'static) -> SocketAddr
where
    Serving: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut index = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, index));
            index += 1;
        }
    });
    address
}

/// Who is asked may go away at any time: what cannot be written is not.
async fn play(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), act: Act) {
    if let Act::SayAtOnce(_) = act {
        let _ = stream.read(&mut [0; 4096]).await;
    } else if read_request(stream).await.is_none() {
        return;
    }
    match act {
        Act::Say(bytes) | Act::SayAtOnce(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Act::SayAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            std::future::pending().await
        }
        Act::SayWithoutEnd(bytes) => {
            let last = [bytes.last().copied().unwrap_or(b' '); 4096];
            let mut written = stream.write_all(&bytes).await;
            while written.is_ok() {
                written = stream.write_all(&last).await;
            }
        }
    }
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<()> {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut piece).await.ok()?;
        request.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.split("content-length: ").nth(1);
            let announced = announced.and_then(|rest| rest.lines().next()?.trim().parse().ok());
            if body.len() >= announced.unwrap_or(0) {
                return Some(());
            }
        }
        if length == 0 {
            return None;
        }
    }
}
