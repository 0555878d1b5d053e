//! A portal that is not there, one that shares no screens, and one whose user changes their mind.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, interface};

use super::*;

type Options = std::collections::HashMap<String, OwnedValue>;
const PATH: &str = "/org/freedesktop/portal/desktop";
const NAME: &str = "org.freedesktop.portal.Desktop";
/// However slow the machine is.
const TEST_LIMIT: Duration = Duration::from_secs(60);

/// A session bus of the test's own.
struct Bus(Child, String);

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Bus {
    fn start() -> Self {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed by `./x setup`");
        let mut address = String::new();
        let said = bus.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut address).unwrap();
        Self(bus, address.trim().to_owned())
    }

    async fn connect(&self) -> Connection {
        let builder = zbus::connection::Builder::address(self.1.as_str()).unwrap();
        builder.build().await.unwrap()
    }
}

/// What the portal's user does.
struct Desk {
    sources: u32,
    connection: Connection,
    closed: Arc<AtomicU32>,
}

/// One cast.
struct Cast(Arc<AtomicU32>);

#[interface(name = "org.freedesktop.portal.Session")]
impl Cast {
    fn close(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Desk {
    fn path(kind: &str, sender: &str, options: &Options, token: &str) -> OwnedObjectPath {
        let sender = sender.trim_start_matches(':').replace('.', "_");
        let token = options[token].clone();
        let token = String::try_from(token).unwrap();
        let path = format!("{PATH}/{kind}/{sender}/{token}");
        path.try_into().unwrap()
    }

    /// Answers a request: 0 is done, 1 that the user called it off.
    async fn answer(
        &self,
        header: &zbus::message::Header<'_>,
        options: &Options,
        code: u32,
        results: std::collections::HashMap<&str, Value<'_>>,
    ) -> OwnedObjectPath {
        let sender = header.sender().unwrap();
        let path = Self::path("request", sender, options, "handle_token");
        let interface = "org.freedesktop.portal.Request";
        let body = (code, results);
        let to = Some(sender.to_owned());
        self.connection
            .emit_signal(to, path.as_ref(), interface, "Response", &body)
            .await
            .unwrap();
        path
    }
}

#[interface(name = "org.freedesktop.portal.ScreenCast")]
impl Desk {
    #[zbus(property)]
    fn available_source_types(&self) -> u32 {
        self.sources
    }

    #[zbus(property)]
    fn available_cursor_modes(&self) -> u32 {
        7
    }

    #[zbus(property, name = "version")]
    fn version(&self) -> u32 {
        4
    }

    async fn create_session(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        options: Options,
    ) -> OwnedObjectPath {
        let sender = header.sender().unwrap();
        let session = Self::path("session", sender, &options, "session_handle_token");
        let server = self.connection.object_server();
        server
            .at(&session, Cast(self.closed.clone()))
            .await
            .unwrap();
        let handle = Value::from(session.to_string());
        let results = [("session_handle", handle)].into();
        self.answer(&header, &options, 0, results).await
    }

    async fn select_sources(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        _session: OwnedObjectPath,
        options: Options,
    ) -> OwnedObjectPath {
        self.answer(&header, &options, 0, Default::default()).await
    }

    async fn start(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        _session: OwnedObjectPath,
        _parent: String,
        options: Options,
    ) -> OwnedObjectPath {
        self.answer(&header, &options, 1, Default::default()).await
    }
}

async fn desk(bus: &Bus, sources: u32) -> (Connection, Arc<AtomicU32>) {
    let connection = bus.connect().await;
    let closed = Arc::<AtomicU32>::default();
    let desk = Desk {
        sources,
        connection: connection.clone(),
        closed: closed.clone(),
    };
    connection.object_server().at(PATH, desk).await.unwrap();
    connection.request_name(NAME).await.unwrap();
    (connection, closed)
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::time::timeout(TEST_LIMIT, test).await.unwrap() });
}

#[test]
fn a_desktop_without_one_or_with_one_that_shares_nothing_has_none() {
    run(async {
        let bus = Bus::start();
        assert!(Portal::on(bus.connect().await).await.is_none());
        let (_portal, _) = desk(&bus, 0).await;
        assert!(Portal::on(bus.connect().await).await.is_none());
    });
}

#[test]
fn who_chooses_nothing_in_the_dialog_shares_nothing_and_nothing_stays_open() {
    run(async {
        let bus = Bus::start();
        let (_portal, closed) = desk(&bus, 3).await;
        let portal = Portal::on(bus.connect().await).await.unwrap();
        let outcome = choose(portal.0, ScreenOptions::default()).await;
        assert!(
            matches!(outcome, Err(PortalError::Cancelled)),
            "{outcome:?}"
        );
        assert_eq!(closed.load(Ordering::SeqCst), 1);
    });
}
