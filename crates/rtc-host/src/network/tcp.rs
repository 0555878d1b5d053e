//! TCP connections to passive candidates of the remote side (RFC 6544), with the framing of RFC 4571.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rtc_core::Protocol;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Told;

/// What does not answer by then is out of reach.
const CONNECTING: Duration = Duration::from_secs(10);
/// Packets that wait for a network that does not take them. What comes later would be late, and is lost as on any
/// network.
const QUEUE: usize = 64;
/// What leaves may take once nobody wants the connection any more.
const LAST_WORD: Duration = Duration::from_secs(2);
/// Bytes that the system keeps: some tenths of a second at usual rates.
const SYSTEM_QUEUE: u32 = 128 * 1024;

/// Whether a remote side may name such a port: it would have this computer knock at servers that speak something
/// else. As Chromium has it.
pub(super) fn may_connect(remote: SocketAddr) -> bool {
    remote.port() >= 1024 || matches!(remote.port(), 80 | 443)
}

/// Opens one, tells of it and what comes in, until either side ends it, and then of that.
pub(super) async fn run(remote: SocketAddr, told: Sender<Told>) {
    let connected = tokio::select! {
        () = told.closed() => return,
        connected = timeout(CONNECTING, open(remote)) => connected,
    };
    let mut local = None;
    let ended = match connected.unwrap_or_else(|late| Err(late.into())) {
        Ok(stream) => carry(stream, remote, &mut local, &told).await,
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        tracing::debug!(%remote, %error, "no TCP connection any more");
    }
    // Who is gone wants to know nothing.
    let _ = told.send(Told::Ended { local, remote }).await;
}

/// `own` is where it comes from, once that is told.
async fn carry(
    stream: TcpStream,
    remote: SocketAddr,
    own: &mut Option<SocketAddr>,
    told: &Sender<Told>,
) -> io::Result<()> {
    let local = stream.local_addr()?;
    let (out, leaving) = mpsc::channel(QUEUE);
    let (ends, ended) = oneshot::channel();
    *own = Some(local);
    let connected = Told::Connected {
        local,
        remote,
        out,
        ends,
    };
    if told.send(connected).await.is_err() {
        return Ok(());
    }
    let (reader, writer) = stream.into_split();
    tokio::select! {
        () = given_up(ended) => Ok(()),
        ended = read(reader, local, remote, told) => ended,
        ended = write(writer, leaving) => ended,
    }
}

/// Waits until nobody wants the connection any more: at once, or with time for a last word. Else, where the network takes
/// nothing, it would stay for as long as the system goes on trying.
async fn given_up(ended: oneshot::Receiver<()>) {
    if ended.await.is_err() {
        tokio::time::sleep(LAST_WORD).await;
    }
}

async fn open(remote: SocketAddr) -> io::Result<TcpStream> {
    let socket = if remote.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_nodelay(true)?;
    socket.set_send_buffer_size(SYSTEM_QUEUE)?;
    socket.connect(remote).await
}

async fn read(
    reader: OwnedReadHalf,
    local: SocketAddr,
    remote: SocketAddr,
    told: &Sender<Told>,
) -> io::Result<()> {
    let mut reader = BufReader::new(reader);
    loop {
        let length = reader.read_u16().await?;
        let mut contents = vec![0; usize::from(length)];
        reader.read_exact(&mut contents).await?;
        let packet = Told::Packet {
            protocol: Protocol::Tcp,
            source: remote,
            local,
            contents,
        };
        if told.send(packet).await.is_err() {
            return Ok(());
        }
    }
}

/// Until nobody is left who could send.
async fn write(mut writer: OwnedWriteHalf, mut leaving: Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(contents) = leaving.recv().await {
        // Longer ones are no datagrams.
        let Ok(length) = u16::try_from(contents.len()) else {
            continue;
        };
        let framed = [&length.to_be_bytes()[..], &contents].concat();
        writer.write_all(&framed).await?;
    }
    writer.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    #[test]
    fn no_port_of_another_protocol_is_knocked_at() {
        for (port, may) in [
            (22, false),
            (25, false),
            (80, true),
            (443, true),
            (1023, false),
            (7881, true),
        ] {
            assert_eq!(
                may_connect(SocketAddr::from(([192, 0, 2, 1], port))),
                may,
                "{port}"
            );
        }
    }

    /// A connection from the other end, what is told of it, and its task.
    async fn opened() -> (TcpStream, Receiver<Told>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("bound");
        let (told, news) = mpsc::channel(8);
        let task = tokio::spawn(run(server, told));
        let (stream, _) = listener.accept().await.expect("connected");
        (stream, news, task)
    }

    #[tokio::test]
    async fn packets_keep_their_borders_both_ways_and_the_end_is_told() {
        let (mut stream, mut news, task) = opened().await;
        let ends = (stream.peer_addr(), stream.local_addr());
        let (client, server) = (ends.0.expect("connected"), ends.1.expect("connected"));
        let Some(Told::Connected {
            local,
            remote,
            out,
            ends: _ends,
        }) = news.recv().await
        else {
            panic!("not told");
        };
        assert_eq!((local, remote), (client, server));
        // Two at once, and one in pieces.
        stream
            .write_all(b"\0\x03one\0\x03two\0")
            .await
            .expect("written");
        stream.write_all(b"\x05thr").await.expect("written");
        stream.write_all(b"ee").await.expect("written");
        for expected in ["one", "two", "three"] {
            let Some(Told::Packet { contents, .. }) = news.recv().await else {
                panic!("nothing came");
            };
            assert_eq!(contents, expected.as_bytes());
        }
        for packet in [vec![1; 300], vec![2]] {
            out.send(packet).await.expect("taken");
        }
        let mut framed = vec![0; 2 + 300 + 2 + 1];
        stream.read_exact(&mut framed).await.expect("sent");
        assert_eq!(
            (&framed[..2], &framed[302..]),
            (&[1, 44][..], &[0, 1, 2][..])
        );
        drop(stream);
        assert!(matches!(news.recv().await, Some(Told::Ended { .. })));
        task.await.expect("ended");
    }

    /// Sends until neither the network nor the queue takes anything any more.
    async fn fill(out: &Sender<Vec<u8>>) {
        let packet = || vec![0; usize::from(u16::MAX)];
        while timeout(Duration::from_millis(200), out.send(packet()))
            .await
            .is_ok()
        {}
    }

    #[tokio::test]
    async fn one_that_takes_nothing_is_closed_at_once_when_its_address_has_gone() {
        let (_stream, mut news, task) = opened().await;
        let Some(Told::Connected { out, ends, .. }) = news.recv().await else {
            panic!("not told");
        };
        fill(&out).await;
        ends.send(()).expect("waits");
        assert!(matches!(news.recv().await, Some(Told::Ended { .. })));
        task.await.expect("ended");
    }

    #[tokio::test]
    async fn one_that_takes_nothing_does_not_outlive_the_call() {
        let (_stream, mut news, task) = opened().await;
        let Some(Told::Connected { out, ends, .. }) = news.recv().await else {
            panic!("not told");
        };
        fill(&out).await;
        drop((out, ends));
        assert!(matches!(news.recv().await, Some(Told::Ended { .. })));
        task.await.expect("ended");
    }

    #[tokio::test]
    async fn a_connection_that_nobody_wants_any_more_is_closed() {
        let (mut stream, mut news, task) = opened().await;
        let connected = news.recv().await;
        drop((connected, news));
        assert_eq!(stream.read(&mut [0; 8]).await.expect("closed"), 0);
        task.await.expect("ended");
    }
}
