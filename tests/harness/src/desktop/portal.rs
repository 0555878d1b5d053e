//! Stands in for the desktop portal: one that says whether the desktop is dark, and one of which
//! nothing comes.

#![allow(
    missing_docs,
    clippy::unused_self,
    reason = "what the interface macro makes has neither"
)]

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use tokio::sync::watch;
use zbus::message::{Message, Type};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MessageStream, fdo, interface};

pub(super) const PORTAL: &str = "org.freedesktop.portal.Desktop";
pub(super) const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
const APPEARANCE: &str = "org.freedesktop.appearance";
const SCHEME: &str = "color-scheme";

/// The interface `Settings`. 1 is dark, 2 is light.
#[derive(Debug)]
pub(super) struct Appearance(pub(super) u32);

#[interface(name = "org.freedesktop.portal.Settings")]
impl Appearance {
    fn read(&self, namespace: &str, key: &str) -> fdo::Result<OwnedValue> {
        if (namespace, key) != (APPEARANCE, SCHEME) {
            return Err(fdo::Error::InvalidArgs("nobody set that".into()));
        }
        // Twice in a variant, as the specification says of this one.
        let inner = Value::Value(Box::new(Value::U32(self.0)));
        OwnedValue::try_from(inner).map_err(|error| fdo::Error::Failed(error.to_string()))
    }

    #[zbus(signal)]
    pub(super) async fn setting_changed(
        emitter: &SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}

impl Appearance {
    pub(super) async fn tell(emitter: &SignalEmitter<'_>, scheme: u32) -> zbus::Result<()> {
        Self::setting_changed(emitter, APPEARANCE, SCHEME, Value::U32(scheme)).await
    }
}

/// Owns a name, takes every call, and answers none until it is let go.
#[derive(Debug)]
pub struct Silent {
    connection: Connection,
    taken: watch::Receiver<Vec<Message>>,
    taking: tokio::task::JoinHandle<()>,
}

impl Silent {
    pub(super) async fn start(address: &str, names: &[&str]) -> Result<Self> {
        let connection = zbus::connection::Builder::address(address)?.build().await?;
        let mut calls = MessageStream::from(&connection);
        for name in names {
            connection.request_name(*name).await?;
        }
        let (sender, taken) = watch::channel(Vec::new());
        let taking = tokio::spawn(async move {
            while let Some(Ok(message)) = calls.next().await {
                if message.message_type() == Type::MethodCall {
                    sender.send_modify(|taken| taken.push(message));
                }
            }
        });
        Ok(Self {
            connection,
            taken,
            taking,
        })
    }

    /// What it was asked and has not answered: interface, member and arguments.
    pub fn held(&self) -> Vec<String> {
        let taken = self.taken.borrow();
        let words = taken.iter().map(|call| {
            let header = call.header();
            let body = call.body();
            let body: Result<zbus::zvariant::Structure<'_>, _> = body.deserialize();
            format!(
                "{:?} {:?} {:?}",
                header.interface(),
                header.member(),
                body.ok()
            )
        });
        words.collect()
    }

    /// Answers everything at last, with an error, and goes.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn let_go(self) -> Result<()> {
        self.taking.abort();
        let taken = self.taken.borrow().clone();
        for call in &taken {
            let name = "org.freedesktop.DBus.Error.Failed";
            let header = call.header();
            let answered = self.connection.reply_error(&header, name, &"too late");
            answered.await.context("a late answer")?;
        }
        self.connection.close().await?;
        Ok(())
    }
}
