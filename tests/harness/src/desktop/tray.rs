//! Stands in for a tray (StatusNotifierWatcher of the StatusNotifierItem specification): takes every
//! icon, and says that it is shown.

#![allow(
    missing_docs,
    clippy::unused_self,
    reason = "what the interface macro makes has neither"
)]

use zbus::interface;

/// Takes icons.
#[derive(Debug)]
pub(super) struct Watcher;

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, _service: &str) {}

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}
