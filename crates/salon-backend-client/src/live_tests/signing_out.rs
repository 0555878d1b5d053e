//! A live list that says nothing more: signing out does not wait for it.

use salon_account::FixedCredential;
use salon_http::http_client;
use salon_profile::Profiles;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::rest::RestBackend;

const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
    event: sessions\ndata: {\"sessions\": []}\n\n";

/// A backend whose event streams begin with an empty list and then stand still.
struct Stalling {
    url: Url,
    /// Streams that were opened, and those that are open still.
    streams: watch::Receiver<(usize, usize)>,
}

impl Stalling {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (count, streams) = watch::channel((0, 0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(stand_still(stream, count.clone()));
            }
        });
        Self {
            url: url.parse().unwrap(),
            streams,
        }
    }

    async fn until(&mut self, opened: usize, open: usize) {
        let wait = self.streams.wait_for(|streams| *streams == (opened, open));
        let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
        waited.expect("in time").unwrap();
    }
}

async fn stand_still(mut stream: TcpStream, count: watch::Sender<(usize, usize)>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(EVENTS.as_bytes()).await.unwrap();
    count.send_modify(|(opened, open)| (*opened, *open) = (*opened + 1, *open + 1));
    // Nothing more comes from there, until it is closed.
    let _ = stream.read_u8().await;
    count.send_modify(|(_, open)| *open -= 1);
}

/// Signed in at this backend, as somebody whose name is not known: pasted tokens need not tell.
fn nameless(turn: u64) -> AccountState {
    AccountState {
        backend: Some(BackendInfo {
            profile: "salon".into(),
            title: "Salon".into(),
            host: "127.0.0.1".into(),
        }),
        user: Some(User::default()),
        turn,
        ..AccountState::default()
    }
}

#[tokio::test]
async fn signing_out_closes_a_list_that_stands_still() {
    let mut backend = Stalling::start().await;
    let (profiles, _) = Profiles::load(&[]);
    let credentials = Arc::new(FixedCredential::new(Some("planted".into())));
    let profile = profiles.require("salon").unwrap();
    let client = http_client().unwrap();
    let rest = RestBackend::new(profile, backend.url.clone(), credentials, client).unwrap();
    let rest: Arc<dyn LiveBackend> = Arc::new(rest);
    let (account, accounts) = watch::channel(nameless(1));
    let (_settings, all_settings) = watch::channel(settings(|_| {}));
    let (tell, _desktop) = mpsc::unbounded_channel();
    let (_sessions, inbox) = inbox();
    let following = tokio::spawn(live(
        inbox,
        Parts {
            account: accounts,
            settings: all_settings,
            backends: Box::new(move || Some(rest.clone())),
            desktop: FakeDesktop(tell),
        },
    ));
    backend.until(1, 1).await;
    account.send_replace(AccountState {
        user: None,
        ..nameless(2)
    });
    backend.until(1, 0).await;
    account.send_replace(nameless(3));
    backend.until(2, 1).await;
    // Out and in again before anybody looked: it may be somebody else, who is not to see that list.
    account.send_replace(nameless(5));
    backend.until(3, 1).await;
    following.abort();
}
