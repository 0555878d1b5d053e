//! What is settled before GTK begins, which would panic without a display, and wait 25 seconds for a
//! desktop portal that takes calls and never answers.
//! `docs/decisions/start-without-the-portal.md` says what was measured.

use gtk::gio;
use gtk::glib::Variant;
use salon_base::{Code, Fault};

/// The portal's name on the session bus.
pub(crate) const PORTAL: &str = "org.freedesktop.portal.Desktop";
/// Before the names of what it offers.
const OFFERED: &str = "org.freedesktop.portal.";
/// The bus itself, which answers at once.
const BUS: &str = "org.freedesktop.DBus";

/// Lets GTK begin. Until the answer is dropped, what it wants of the portal is refused at once: it
/// asks while everything else waits for it, and for things that Salon does not use.
///
/// # Errors
/// [`Code::DisplayMissing`] if there is nothing to show a window on.
pub(crate) fn begin() -> Result<Option<Refusing>, Fault> {
    let refusing = Refusing::start();
    gtk::init().map_err(|_| Fault::from(Code::DisplayMissing))?;
    Ok(refusing)
}

/// Refuses what this process's GLib wants of the portal, until dropped.
#[derive(Debug)]
pub(crate) struct Refusing {
    bus: gio::DBusConnection,
    filter: Option<gio::FilterId>,
}

impl Refusing {
    /// On the connection that all of GLib in a process shares. Without a bus there is nothing to
    /// refuse, and GTK goes on without.
    fn start() -> Option<Self> {
        let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE)
            .inspect_err(|error| tracing::info!(%error, "there is no session bus"))
            .ok()?;
        // Called by GLib's own thread, so it holds nothing.
        let filter = bus.add_filter(|_, message, incoming| {
            if incoming || !is_for_the_portal(message) {
                return Some(message.clone());
            }
            refused(message)
        });
        Some(Self {
            bus,
            filter: Some(filter),
        })
    }
}

impl Drop for Refusing {
    fn drop(&mut self) {
        if let Some(filter) = self.filter.take() {
            self.bus.remove_filter(filter);
        }
    }
}

/// Whether it starts the portal, is addressed to it, or asks for what it offers: by then GLib knows it
/// by its unique name.
fn is_for_the_portal(message: &gio::DBusMessage) -> bool {
    if message.message_type() != gio::DBusMessageType::MethodCall {
        return false;
    }
    let first = message.body().and_then(|body| {
        let first: Variant = (body.n_children() > 0).then(|| body.child_value(0))?;
        first.str().map(str::to_owned)
    });
    let first = first.as_deref().unwrap_or_default();
    match message.member().as_deref() {
        Some("StartServiceByName") => first == PORTAL,
        Some("GetAll") => first.starts_with(OFFERED),
        _ => message.destination().as_deref() == Some(PORTAL),
    }
}

/// The same as something that the bus does not know, and says so.
fn refused(message: &gio::DBusMessage) -> Option<gio::DBusMessage> {
    // What is on its way cannot be changed.
    let other = message.copy().ok()?;
    other.set_destination(Some(BUS));
    other.set_interface(Some(BUS));
    other.set_member(Some("NotWanted"));
    Some(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gtk::glib::ToVariant as _;

    fn call(destination: &str, member: &str, body: &Variant) -> gio::DBusMessage {
        let message = gio::DBusMessage::new_method_call(
            Some(destination),
            "/org/freedesktop/portal/desktop",
            Some("org.freedesktop.DBus.Properties"),
            member,
        );
        message.set_body(body);
        message
    }

    #[test]
    fn what_is_for_the_portal_is_told_from_the_rest() {
        let inhibit = ("org.freedesktop.portal.Inhibit",).to_variant();
        let start = (PORTAL, 0u32).to_variant();
        for refused in [
            call(BUS, "StartServiceByName", &start),
            call(":1.7", "GetAll", &inhibit),
            call(PORTAL, "Read", &("a", "b").to_variant()),
            call(PORTAL, "Ping", &().to_variant()),
        ] {
            assert!(is_for_the_portal(&refused), "{refused:?}");
        }
        let other = ("org.freedesktop.Notifications", 0u32).to_variant();
        for kept in [
            call(BUS, "StartServiceByName", &other),
            call(BUS, "GetNameOwner", &(PORTAL,).to_variant()),
            call(
                ":1.7",
                "GetAll",
                &("org.kde.StatusNotifierItem",).to_variant(),
            ),
            call(BUS, "Hello", &().to_variant()),
        ] {
            assert!(!is_for_the_portal(&kept), "{kept:?}");
        }
    }
}
