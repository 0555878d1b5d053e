//! Stands in for whoever keeps the display on (Idle Inhibition Service): knows who asked for it, until
//! they take it back or are gone from the bus.

#![allow(
    missing_docs,
    clippy::needless_pass_by_value,
    reason = "what the interface macro makes has neither, and takes the header by value"
)]

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use zbus::fdo::DBusProxy;
use zbus::message::Header;
use zbus::{Connection, interface};

const NAME: &str = "org.freedesktop.ScreenSaver";
const PATH: &str = "/org/freedesktop/ScreenSaver";

/// Somebody who wants the display to stay on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    cookie: u32,
    /// Whose connection it came by.
    connection: String,
    application: String,
}

type Wishes = watch::Sender<Vec<Wish>>;

struct ScreenSaver(Wishes);

#[interface(name = "org.freedesktop.ScreenSaver")]
impl ScreenSaver {
    fn inhibit(
        &self,
        #[zbus(header)] header: Header<'_>,
        application: String,
        _reason: String,
    ) -> u32 {
        let connection = header.sender().map(ToString::to_string).unwrap_or_default();
        let mut given = 0;
        self.0.send_modify(|wishes| {
            given = wishes.iter().map(|wish| wish.cookie).max().unwrap_or(0) + 1;
            wishes.push(Wish {
                cookie: given,
                connection,
                application,
            });
        });
        given
    }

    fn un_inhibit(&self, cookie: u32) {
        self.0
            .send_modify(|wishes| wishes.retain(|wish| wish.cookie != cookie));
    }
}

/// The display of a desktop.
#[derive(Debug)]
pub struct Display {
    wishes: watch::Receiver<Vec<Wish>>,
    following: AbortHandle,
}

impl Display {
    pub(super) async fn start(bus: &Connection) -> Result<Self> {
        let (sender, wishes) = watch::channel(Vec::new());
        bus.object_server()
            .at(PATH, ScreenSaver(sender.clone()))
            .await?;
        bus.request_name(NAME).await?;
        let dbus = DBusProxy::new(bus).await?;
        let mut changes = dbus.receive_name_owner_changed().await?;
        let following = tokio::spawn(async move {
            while let Some(change) = changes.next().await {
                let Ok(change) = change.args() else { continue };
                if change.new_owner().is_none() {
                    let gone = change.name().to_string();
                    sender.send_modify(|wishes| wishes.retain(|wish| wish.connection != gone));
                }
            }
        });
        Ok(Self {
            wishes,
            following: following.abort_handle(),
        })
    }

    pub(super) async fn forget(bus: &Connection) -> Result<()> {
        bus.release_name(NAME).await?;
        bus.object_server().remove::<ScreenSaver, _>(PATH).await?;
        Ok(())
    }

    /// Waits until these applications, and no others, keep it on.
    ///
    /// # Errors
    /// If that is not so in time.
    pub async fn is_kept_on_by(&mut self, wanted: &[&str], limit: Duration) -> Result<()> {
        let right = |wishes: &Vec<Wish>| wishes.iter().map(|wish| &wish.application).eq(wanted);
        if let Ok(met) = tokio::time::timeout(limit, self.wishes.wait_for(right)).await {
            return Ok(met.map(|_| ())?);
        }
        bail!("kept on by {:?}", *self.wishes.borrow())
    }

    /// Whether nobody keeps it on now.
    pub fn may_go_dark(&self) -> bool {
        self.wishes.borrow().is_empty()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.following.abort();
    }
}
