//! The display neither locks nor sleeps while in a call, and may again as soon as that is over. Whoever
//! is asked forgets it when our connection to the bus is gone, so a crash needs no tidying up.
//!
//! On Linux alone: elsewhere the webview's own lock does it, which the page asks for.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::fdo::DBusProxy;
use zbus::zvariant::Value;
use zbus::{Connection, Message};

/// A desktop that does not answer is not waited for.
const LIMIT: Duration = Duration::from_secs(3);
/// Before somebody is asked again.
const PAUSE: Duration = Duration::from_secs(3);
/// What is shown to whoever asks why the display stays on.
const REASON: &str = "In a call";
/// Of those who keep a session from something: not to be idle.
const IDLE: u32 = 8;

/// Who can be asked, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeper {
    /// Idle Inhibition Service (KDE, GNOME, Xfce, MATE, Cinnamon).
    ScreenSaver,
    /// GNOME and its kin.
    SessionManager,
    /// What is left in a sandbox. Last: it may be there and answer nothing.
    Portal,
}

const KEEPERS: [Keeper; 3] = [Keeper::ScreenSaver, Keeper::SessionManager, Keeper::Portal];

impl Keeper {
    fn name(self) -> &'static str {
        match self {
            Self::ScreenSaver => "org.freedesktop.ScreenSaver",
            Self::SessionManager => "org.gnome.SessionManager",
            Self::Portal => "org.freedesktop.portal.Desktop",
        }
    }

    async fn ask(self, bus: &Connection) -> zbus::Result<Message> {
        let (name, app) = (self.name(), salon_product::NAME);
        match self {
            Self::ScreenSaver => {
                let path = "/org/freedesktop/ScreenSaver";
                bus.call_method(Some(name), path, Some(name), "Inhibit", &(app, REASON))
                    .await
            }
            Self::SessionManager => {
                let what = (salon_product::ID, 0_u32, REASON, IDLE);
                let path = "/org/gnome/SessionManager";
                bus.call_method(Some(name), path, Some(name), "Inhibit", &what)
                    .await
            }
            Self::Portal => {
                let options = [("reason", Value::from(REASON))];
                let options: std::collections::HashMap<_, _> = options.into();
                let path = "/org/freedesktop/portal/desktop";
                let interface = "org.freedesktop.portal.Inhibit";
                let what = ("", IDLE, options);
                bus.call_method(Some(name), path, Some(interface), "Inhibit", &what)
                    .await
            }
        }
    }
}

/// Keeps the display on whenever in a call, as long as the app runs.
pub(crate) async fn keep(mut in_call: watch::Receiver<bool>) {
    while in_call.wait_for(|in_call| *in_call).await.is_ok() {
        tokio::select! {
            () = hold() => {}
            over = in_call.wait_for(|in_call| !in_call) => if over.is_err() {
                return;
            },
        }
        if in_call.wait_for(|in_call| !in_call).await.is_err() {
            return;
        }
    }
}

/// Holds until dropped, also if whoever was asked starts anew meanwhile, or comes only then. Ends without
/// a bus.
async fn hold() {
    loop {
        if let Err(error) = held().await {
            tracing::info!(%error, "the display may go dark in a call");
            return;
        }
        // Asking may start whom the bus knows how to start: one that fails is not started without end.
        tokio::time::sleep(PAUSE).await;
    }
}

/// Holds until somebody else has to be asked.
async fn held() -> zbus::Result<()> {
    // Its own, and used for nothing else: what was asked for is given back with it.
    let bus = zbus::connection::Builder::session()?.build().await?;
    let mut changes = DBusProxy::new(&bus)
        .await?
        .receive_name_owner_changed()
        .await?;
    let keeper = asked(&bus).await;
    tracing::debug!(?keeper, "who keeps the display on");
    while let Some(change) = changes.next().await {
        let change = change.args()?;
        let is = |keeper: &Keeper| change.name().as_str() == keeper.name();
        let other = match &keeper {
            Some(keeper) => is(keeper),
            None => change.new_owner().is_some() && KEEPERS.iter().any(is),
        };
        if other {
            return Ok(());
        }
    }
    Err(zbus::Error::Failure("the session bus is gone".into()))
}

/// The first who takes it.
async fn asked(bus: &Connection) -> Option<Keeper> {
    for keeper in KEEPERS {
        match timeout(LIMIT, keeper.ask(bus)).await {
            Ok(Ok(_)) => return Some(keeper),
            Ok(Err(error)) => tracing::debug!(?keeper, %error, "does not keep the display on"),
            Err(_) => tracing::debug!(?keeper, "does not answer"),
        }
    }
    None
}
