//! How STUN servers see our sockets (RFC 8489 section 6.2.1, RFC 8445 section 5.1.1.2).

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rtc_core::LocalCandidate;
use tokio::net::{UdpSocket, lookup_host};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::time::timeout;
use turn_client_proto::stun::types::attribute::XorMappedAddress;
use turn_client_proto::stun::types::message::{
    BINDING, Message, MessageClass, MessageType, MessageWrite as _, MessageWriteVec, TransactionId,
};

use super::Told;
use super::servers::Stun;

/// First wait for an answer, then twice as long each time (section 6.2.1 has up to seven requests and 39.5 s; a
/// call does not wait that long for a way that it can do without).
const FIRST_WAIT: Duration = Duration::from_millis(500);
const REQUESTS: u32 = 4;
/// Finding the server included.
const ASKING: Duration = Duration::from_secs(10);

/// The requests that have no answer yet.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<u128, Waiting>);

#[derive(Debug)]
struct Waiting {
    url: String,
    server: SocketAddr,
    answered: oneshot::Sender<()>,
}

/// One to be sent.
#[derive(Debug)]
pub(super) struct Request {
    transaction: u128,
    server: SocketAddr,
    url: String,
    answered: oneshot::Sender<()>,
}

impl Asked {
    pub(super) fn expect(&mut self, request: Request) {
        let Request {
            transaction,
            server,
            url,
            answered,
        } = request;
        // Those that nobody answered and nobody waits for.
        self.0.retain(|_, waiting| !waiting.answered.is_closed());
        let waiting = Waiting {
            url,
            server,
            answered,
        };
        self.0.insert(transaction, waiting);
    }

    /// The candidate in a datagram that answers one of them. None: it is somebody else's.
    pub(super) fn answer(
        &mut self,
        contents: &[u8],
        source: SocketAddr,
        base: SocketAddr,
    ) -> Option<LocalCandidate> {
        if self.0.is_empty() {
            return None;
        }
        let message = Message::from_bytes(contents).ok()?;
        let transaction: u128 = message.transaction_id().into();
        // Nobody else knows its number, which is random, and from anywhere else it would be a lie.
        if self.0.get(&transaction)?.server != source || !message.has_class(MessageClass::Success) {
            return None;
        }
        let mapped = message.attribute::<XorMappedAddress>().ok()?;
        let waiting = self.0.remove(&transaction)?;
        // Nobody waits for it any more: all candidates are told.
        waiting.answered.send(()).ok()?;
        let address = mapped.addr(message.transaction_id());
        Some(LocalCandidate::reflexive(address, base, waiting.url))
    }
}

/// Asks a server how it sees a socket of ours, until it has answered or there was time enough. The answer comes in
/// with everything else of that socket.
pub(super) async fn ask(server: Stun, socket: Arc<UdpSocket>, told: Sender<Told>) {
    let asked = tokio::select! {
        () = told.closed() => return,
        asked = timeout(ASKING, ask_all(&server, &socket, &told)) => asked,
    };
    if let Err(error) = asked.unwrap_or_else(|late| Err(late.into())) {
        tracing::debug!(url = server.url, %error, "a STUN server is of no use");
    }
    let _ = told.send(Told::Asked(None)).await;
}

async fn ask_all(server: &Stun, socket: &UdpSocket, told: &Sender<Told>) -> io::Result<()> {
    let family = socket.local_addr()?.is_ipv4();
    let mut addresses = lookup_host((server.host.as_str(), server.port)).await?;
    let address = addresses
        .find(|address| address.is_ipv4() == family)
        .ok_or(io::ErrorKind::AddrNotAvailable)?;
    let transaction = TransactionId::generate();
    let kind = MessageType::from_class_method(MessageClass::Request, BINDING);
    let request = Message::builder(kind, transaction, MessageWriteVec::new()).finish();
    let (answered, mut answer) = oneshot::channel();
    let expected = Request {
        transaction: transaction.into(),
        server: address,
        url: server.url.clone(),
        answered,
    };
    if told.send(Told::Expect(expected)).await.is_err() {
        return Ok(());
    }
    let mut wait = FIRST_WAIT;
    for _ in 0..REQUESTS {
        socket.send_to(&request, address).await?;
        if timeout(wait, &mut answer).await.is_ok() {
            return Ok(());
        }
        wait *= 2;
    }
    Err(io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;
    use turn_client_proto::stun::types::message::MessageWriteExt as _;

    /// A socket of ours, what is told of it, and a server that has not answered yet.
    async fn asked() -> (Arc<UdpSocket>, mpsc::Receiver<Told>, UdpSocket) {
        let server = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let own = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
        let (told, news) = mpsc::channel(8);
        let stun = Stun {
            url: "stun:mirror.example".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: server.local_addr().expect("bound").port(),
        };
        tokio::spawn(ask(stun, own.clone(), told));
        (own, news, server)
    }

    /// The answer of a server that sees the request come from `seen`.
    fn answer(request: &[u8], seen: SocketAddr) -> Vec<u8> {
        let request = Message::from_bytes(request).expect("a request");
        let mut answer = Message::builder_success(&request, MessageWriteVec::new());
        let mapped = XorMappedAddress::new(seen, request.transaction_id());
        answer.add_attribute(&mapped).expect("room");
        answer.finish()
    }

    #[tokio::test]
    async fn a_server_says_how_it_sees_a_socket_and_only_that_one_is_believed() {
        let (own, mut news, server) = asked().await;
        let Some(Told::Expect(request)) = news.recv().await else {
            panic!("nothing is expected");
        };
        let mut expected = Asked::default();
        expected.expect(request);
        let mut request = [0; 64];
        let (length, from) = server.recv_from(&mut request).await.expect("asked");
        let base = own.local_addr().expect("bound");
        assert_eq!(from, base);
        let seen: SocketAddr = ([192, 0, 2, 7], 4000).into();
        let answer = answer(&request[..length], seen);
        let source = server.local_addr().expect("bound");
        let other: SocketAddr = ([127, 0, 0, 1], 9).into();
        assert_eq!(expected.answer(&answer, other, base), None);
        assert_eq!(expected.answer(b"something else", source, base), None);
        let url = "stun:mirror.example".to_owned();
        let candidate = LocalCandidate::reflexive(seen, base, url);
        assert_eq!(expected.answer(&answer, source, base), Some(candidate));
        assert_eq!(expected.answer(&answer, source, base), None, "once");
        assert!(matches!(news.recv().await, Some(Told::Asked(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_answer_is_asked_again_and_then_given_up() {
        let (_own, mut news, server) = asked().await;
        let mut came = Vec::new();
        while let Some(told) = news.recv().await {
            came.push(told);
        }
        assert!(matches!(came[..], [Told::Expect(_), Told::Asked(_)]));
        let mut requests = 0;
        while server.try_recv_from(&mut [0; 64]).is_ok() {
            requests += 1;
        }
        assert_eq!(requests, REQUESTS);
    }
}
