//! Stands in for the desktop's notifications (Desktop Notifications Specification 1.2).

#![allow(
    missing_docs,
    clippy::needless_pass_by_ref_mut,
    reason = "what the interface macro makes has neither"
)]

use std::collections::HashMap;

use tokio::sync::watch;
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::Notification;

/// Remembers what it is told to show.
#[derive(Debug)]
pub(super) struct Shown(pub(super) watch::Sender<Vec<Notification>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Shown {
    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &mut self,
        _app_name: &str,
        replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _milliseconds: i32,
    ) -> u32 {
        let mut id = replaces;
        self.0.send_modify(|posted| {
            if id == 0 {
                id = u32::try_from(posted.len()).unwrap_or(u32::MAX - 1) + 1;
            }
            posted.retain(|notification| notification.id != id);
            posted.push(Notification {
                id,
                summary: summary.into(),
                body: body.into(),
                actions,
                closed: false,
            });
        });
        id
    }

    async fn close_notification(
        &mut self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.0.send_modify(|posted| {
            for notification in posted.iter_mut().filter(|one| one.id == id) {
                notification.closed = true;
            }
        });
        // 3: closed by a call of CloseNotification.
        Ok(Self::notification_closed(&emitter, id, 3).await?)
    }

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["actions", "body", "body-markup", "persistence"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("desktop", "Salon's tests", "1", "1.2")
    }

    #[zbus(signal)]
    pub(super) async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action: &str,
    ) -> zbus::Result<()>;
}
