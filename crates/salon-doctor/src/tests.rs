//! The whole way, against the reference backend and a media server of a few lines.

mod stream;

use std::net::SocketAddr;
use std::time::Duration;

use reference_backend::{Config, LiveKit, NewAccount, Running, start};
use salon_account::FixedCredential;
use salon_http::{Limits, http_client_builder};
use salon_profile::{Profile, Profiles};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use url::Url;

use super::*;

fn built_in(name: &str) -> Profile {
    Profiles::load(&[]).0.require(name).unwrap().clone()
}

async fn walk_to(
    base: &str,
    profile: &str,
    credential: Option<&str>,
    ports: MediaPorts,
) -> Vec<Step> {
    let credential = credential.map(secrecy::SecretString::from);
    let limits = Limits {
        connect: Duration::from_secs(5),
        total: Duration::from_secs(5),
    };
    let profile = built_in(profile);
    let way = Way {
        profile: &profile,
        backend: base.parse().unwrap(),
        credentials: Arc::new(FixedCredential::new(credential)),
        client: http_client_builder(limits).no_proxy().build().unwrap(),
        room: "reading-club-7",
        session: None,
        server: None,
        server_locked: false,
        stream: StreamSettings::default(),
        ports,
    };
    walk(&way).await
}

/// Names of those that went so.
fn that(steps: &[Step], status: Status) -> Vec<&'static str> {
    let such = steps.iter().filter(|step| step.status == status);
    such.map(|step| step.name).collect()
}

/// Answers everything with this status and body.
async fn http(status: &'static str, body: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 8192]).await;
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
            );
            let _ = stream.write_all((head + body).as_bytes()).await;
        }
    });
    address
}

/// Answers STUN, at first wrongly.
async fn stun() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut datagram = [0; 100];
        while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
            let mut answer = datagram[..length].to_vec();
            answer[..2].copy_from_slice(&[1, 1]);
            let mut other = answer.clone();
            other[10] ^= 1;
            for bytes in [&other, &datagram[..length].to_vec(), &answer] {
                let _ = socket.send_to(bytes, from).await;
            }
        }
    });
    port
}

async fn backend(server: SocketAddr) -> (Running, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::loopback(folder.path().join("backend.sqlite3"));
    config.livekit = Some(LiveKit {
        url: Url::parse(&format!("ws://{server}")).unwrap(),
        key: "key".into(),
        secret: "planted-livekit-secret-0123456789abcdef".into(),
    });
    let running = start(config).await.unwrap();
    let account = NewAccount {
        id: None,
        email: "ann@salon.example".into(),
        name: "Ann".into(),
        password: "planted password".into(),
    };
    let id = running.add_account(account).await.unwrap();
    let token = running.access_token(&id).await.unwrap();
    let token = secrecy::ExposeSecret::expose_secret(&token).to_owned();
    (running, token, folder)
}

fn soon() -> MediaPorts {
    MediaPorts {
        first_wait: Duration::from_millis(20),
        ..MediaPorts::default()
    }
}

/// As `livekit-meetings`, whose media server the settings name.
async fn walk_whole(server: SocketAddr, ports: MediaPorts, signed_in: bool) -> Vec<Step> {
    let (running, token, _folder) = backend(server).await;
    let mut profile = built_in("livekit-meetings");
    profile.server = Some(Url::parse(&format!("ws://{server}")).unwrap());
    let credential = signed_in.then(|| secrecy::SecretString::from(token));
    let way = Way {
        profile: &profile,
        backend: Url::parse(&format!("http://{}/", running.address)).unwrap(),
        credentials: Arc::new(FixedCredential::new(credential)),
        client: http_client_builder(Limits::default())
            .no_proxy()
            .build()
            .unwrap(),
        room: "reading-club-7",
        session: None,
        server: None,
        server_locked: false,
        stream: StreamSettings::default(),
        ports,
    };
    walk(&way).await
}

#[tokio::test]
async fn the_whole_way_is_walked() {
    let server = http("200 OK", "success").await;
    let ports = MediaPorts {
        stun: stun().await,
        tcp: server.port(),
        first_wait: Duration::from_secs(5),
    };
    let steps = walk_whole(server, ports, true).await;
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    assert_eq!(
        that(&steps, Status::Skipped),
        ["encryption (TLS)"],
        "{steps:#?}"
    );
    let text = walk::text(&steps);
    assert!(
        text.contains("reading-club-7") && !text.contains("eyJ"),
        "{text}"
    );
}

#[tokio::test]
async fn without_a_sign_in_the_token_is_left_out() {
    let steps = walk_whole(http("200 OK", "success").await, soon(), false).await;
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    let token = steps.iter().find(|step| step.name == "token").unwrap();
    assert_eq!(
        (token.status, token.sentence.as_str()),
        (Status::Skipped, "nobody is signed in")
    );
    assert_eq!(
        that(&steps, Status::Ok),
        ["name (DNS)", "connection", "endpoint"]
    );
}

#[tokio::test]
async fn it_stops_where_the_way_breaks() {
    let refusing = http("401 Unauthorized", "permissions denied").await;
    let steps = walk_whole(refusing, soon(), true).await;
    assert_eq!(that(&steps, Status::Failed), ["media server"], "{steps:#?}");
    let failed = steps
        .iter()
        .find(|step| step.status == Status::Failed)
        .unwrap();
    assert_eq!(failed.code, Some(Code::TokenGrantsEmpty));
    assert_eq!(steps.len(), 9);

    let nowhere = http("404 Not Found", "<html>").await;
    for (base, profile, name, code) in [
        (
            format!("http://{nowhere}/"),
            "livekit-meetings",
            "endpoint",
            Code::BackendEndpointMissing,
        ),
        (
            format!("http://{nowhere}/"),
            "salon",
            "endpoint",
            Code::BackendEndpointMissing,
        ),
        (
            "https://salon.invalid/".into(),
            "stream-rest",
            "name (DNS)",
            Code::BackendUnreachableDns,
        ),
        (
            format!("https://{nowhere}/"),
            "salon",
            "encryption (TLS)",
            Code::BackendUnreachableTls,
        ),
        (
            "http://127.0.0.1:9/".into(),
            "salon",
            "connection",
            Code::BackendUnreachableRefused,
        ),
    ] {
        let steps = walk_to(&base, profile, None, soon()).await;
        assert_eq!(that(&steps, Status::Failed), [name], "{steps:#?}");
        let failed = steps
            .iter()
            .position(|step| step.status == Status::Failed)
            .unwrap();
        assert_eq!(steps[failed].code, Some(code));
        let after = &steps[failed + 1..];
        assert!(
            after.iter().all(|step| step.status == Status::Skipped),
            "{steps:#?}"
        );
        let json = json(&steps).unwrap();
        assert!(
            json.contains(&format!("\"code\": \"{}\"", code.name())),
            "{json}"
        );
    }
}

#[tokio::test]
async fn silence_of_media_ports_is_no_fault() {
    let server = http("200 OK", "success").await;
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let ports = MediaPorts {
        stun: free.port(),
        tcp: free.port(),
        ..soon()
    };
    let steps = walk_whole(server, ports, true).await;
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    let skipped = that(&steps, Status::Skipped);
    assert_eq!(
        skipped,
        ["encryption (TLS)", "media by UDP", "media by TCP"]
    );
}
