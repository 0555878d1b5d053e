//! The way to a call of Stream's, against doubles: a marketplace on Convex, whose tokens are of this app,
//! and Stream's service.

use rcgen::{CertificateParams, KeyPair};
use salon_account::{Credentials, User};
use salon_base::Later;
use salon_meeting::stream::StreamSettings;
use salon_support::convex::Config;
use salon_support::stream::{Config as Service, Fault as Order, User as Known};
use salon_support::{ConvexDouble, StreamDouble};
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;

const CALL: &str = "reading-club-7";

/// Somebody who is signed in at the marketplace.
#[derive(Debug)]
struct Bruno(secrecy::SecretString);

impl Credentials for Bruno {
    fn credential(&self) -> Later<'_, Result<secrecy::SecretString, Fault>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn replace<'a>(
        &'a self,
        _refused: &'a secrecy::SecretString,
    ) -> Later<'a, Result<secrecy::SecretString, Fault>> {
        Box::pin(std::future::ready(Err(Code::SignInExpired.into())))
    }

    fn user(&self) -> Option<User> {
        Some(User {
            id: "bruno".into(),
            name: "Bruno".into(),
        })
    }
}

/// Stream's service, which knows Bruno.
async fn service() -> StreamDouble {
    let double = StreamDouble::start(Service::default()).await.unwrap();
    double.know(Known {
        id: "bruno".into(),
        name: "Bruno".into(),
        role: "user".into(),
    });
    double
}

/// From the marketplace, which signs with this secret, to the media server.
async fn walk_to_call(secret: &str, stream: StreamSettings<'_>) -> Vec<Step> {
    let double = marketplace(secret).await;
    let client = http_client_builder(Limits::default()).no_proxy();
    walk_from(&double, &double.url, client, stream).await
}

async fn marketplace(secret: &str) -> ConvexDouble {
    let config = Config {
        stream_secret: secret.into(),
        ..Config::default()
    };
    ConvexDouble::start(config).await.unwrap()
}

/// From a marketplace that has this address.
async fn walk_from(
    double: &ConvexDouble,
    address: &str,
    client: reqwest::ClientBuilder,
    stream: StreamSettings<'_>,
) -> Vec<Step> {
    let profile = built_in("convex");
    let way = Way {
        profile: &profile,
        backend: address.parse().unwrap(),
        credentials: Arc::new(Bruno(double.user_token("bruno").into())),
        client: client.build().unwrap(),
        room: CALL,
        session: None,
        server: None,
        server_locked: false,
        stream,
        ports: soon(),
    };
    walk(&way).await
}

/// By way of this coordinator, to this app.
async fn walk_by(url: &str, key: &str, secret: &str) -> Vec<Step> {
    let url = url.parse().unwrap();
    let stream = StreamSettings {
        api_key: Some(key),
        url: Some(&url),
        dev: true,
        ..StreamSettings::default()
    };
    walk_to_call(secret, stream).await
}

#[tokio::test]
async fn the_way_into_a_call_of_streams_is_walked_to_the_media_server() {
    let double = service().await;
    let steps = walk_by(&double.url, double.key(), double.secret()).await;
    let named: Vec<_> = steps.iter().map(|step| step.name).collect();
    let expected = [
        "name (DNS)",
        "connection",
        "encryption (TLS)",
        "endpoint",
        "token",
        "what it says",
        "coordinator",
        "media server",
    ];
    assert_eq!(named, expected, "{steps:#?}");
    let skipped = that(&steps, Status::Skipped);
    assert_eq!(skipped, ["encryption (TLS)", "endpoint"], "{steps:#?}");
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    let text = walk::text(&steps);
    assert!(text.contains(double.key()), "{text}");
    assert!(text.contains("127.0.0.1 answers"), "{text}");
    assert!(
        !text.contains("eyJ") && !text.contains(double.secret()),
        "{text}"
    );
    double.call(&format!("default:{CALL}")).unwrap();
}

#[tokio::test]
async fn what_a_coordinator_objects_to_is_named_where_the_way_breaks() {
    let double = service().await;
    let (key, secret) = (double.key(), double.secret());
    let other = "another-secret-0123456789abcdef0123";
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let nowhere = format!("http://{gone}/video");
    let wrong = walk_by(&double.url, key, other).await;
    let unknown = walk_by(&double.url, "another-app", secret).await;
    let nobody = walk_by(&nowhere, key, secret).await;
    let leads = json!({ "credentials": { "server": { "url": format!("http://{gone}/twirp") } } });
    double.fail_next_of("join", Order::Garbage(leads.to_string()));
    let leads_nowhere = walk_by(&double.url, key, secret).await;
    for (steps, name, code) in [
        (wrong, "coordinator", Code::TokenSignatureWrong),
        (unknown, "coordinator", Code::TokenKeyUnknown),
        (nobody, "coordinator", Code::ServerUnreachableRefused),
        (
            leads_nowhere,
            "media server",
            Code::ServerUnreachableRefused,
        ),
    ] {
        assert_eq!(that(&steps, Status::Failed), [name], "{steps:#?}");
        let failed = steps.iter().find(|step| step.name == name).unwrap();
        assert_eq!(failed.code, Some(code), "{steps:#?}");
    }
}

/// The same server behind TLS: its address, and who vouches for it.
async fn behind_tls(plain: SocketAddr) -> (SocketAddr, reqwest::Certificate) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    let root = reqwest::Certificate::from_der(&der).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(der)], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Whoever does not trust it goes away.
                if let Ok(mut outside) = acceptor.accept(stream).await
                    && let Ok(mut inside) = TcpStream::connect(plain).await
                {
                    let _ = copy_bidirectional(&mut outside, &mut inside).await;
                }
            });
        }
    });
    (address, root)
}

#[tokio::test]
async fn name_and_certificate_of_the_marketplace_are_looked_at_first() {
    let stream = service().await;
    let url = stream.url.parse().unwrap();
    let settings = StreamSettings {
        api_key: Some(stream.key()),
        url: Some(&url),
        dev: true,
        ..StreamSettings::default()
    };
    let double = marketplace(stream.secret()).await;
    let plain = double.url.trim_start_matches("http://").parse().unwrap();
    let (address, root) = behind_tls(plain).await;
    let behind = format!("https://{address}");
    let client = || http_client_builder(Limits::default()).no_proxy();
    let trusting = client().tls_certs_only([root]);
    let steps = walk_from(&double, &behind, trusting, settings).await;
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    assert_eq!(that(&steps, Status::Skipped), ["endpoint"], "{steps:#?}");

    let stranger = walk_from(&double, &behind, client(), settings).await;
    let nobody = walk_from(&double, "https://marketplace.invalid", client(), settings).await;
    for (steps, name, code) in [
        (stranger, "encryption (TLS)", Code::BackendUnreachableTls),
        (nobody, "name (DNS)", Code::BackendUnreachableDns),
    ] {
        assert_eq!(that(&steps, Status::Failed), [name], "{steps:#?}");
        let failed = steps.iter().find(|step| step.name == name).unwrap();
        assert_eq!(failed.code, Some(code), "{steps:#?}");
        assert_eq!(steps.last().unwrap().name, "media server");
    }
}

#[tokio::test]
async fn who_was_never_connected_is_no_fault() {
    let double = StreamDouble::start(Service::default()).await.unwrap();
    let steps = walk_by(&double.url, double.key(), double.secret()).await;
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    let named = |name: &str| steps.iter().find(|step| step.name == name).unwrap();
    let said = &named("coordinator").sentence;
    assert!(said.contains("bruno has not been here"), "{said}");
    assert_eq!(named("media server").status, Status::Skipped);
}

#[tokio::test]
async fn without_an_app_the_way_ends_at_the_token() {
    let steps = walk_to_call("of-no-importance", StreamSettings::default()).await;
    assert_eq!(that(&steps, Status::Failed), ["token"], "{steps:#?}");
    let token = steps.iter().find(|step| step.name == "token").unwrap();
    assert_eq!(token.code, Some(Code::StreamKeyMissing));
    assert!(walk::text(&steps).contains("STREAM_API_KEY"));
}
