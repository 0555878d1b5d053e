//! Starting, and opening links, by the session bus (Desktop Entry Specification, "D-Bus Activation"): the
//! system's way where it knows the program by its desktop entry, also to wake the one that runs. Beside it
//! a link on the command line goes on to work, for systems that know nothing else.

use tauri::{AppHandle, Emitter as _};
use zbus::fdo::RequestNameFlags;
use zbus::zvariant::OwnedValue;

use crate::front::{self, PlatformData};
use crate::links;
use crate::window::{self, WINDOW};

/// The action of the desktop entry that leads to where a meeting is joined.
const JOIN: &str = "join";
/// Tells the page of it.
const HOME_ASKED: &str = "home-asked";
/// Links of one call that are opened; more come from no click.
const MOST: usize = 4;

struct Application(AppHandle);

#[zbus::interface(name = "org.freedesktop.Application")]
impl Application {
    fn activate(&self, platform_data: PlatformData) {
        front::grant(&self.0, &platform_data);
        window::show(&self.0);
    }

    fn open(&self, uris: Vec<String>, platform_data: PlatformData) {
        front::grant(&self.0, &platform_data);
        for link in uris.iter().take(MOST) {
            links::open(&self.0, link);
        }
    }

    /// Whoever asks for an action that the desktop entry does not have wants the program all the same.
    fn activate_action(
        &self,
        action: String,
        _parameters: Vec<OwnedValue>,
        platform_data: PlatformData,
    ) {
        front::grant(&self.0, &platform_data);
        window::show(&self.0);
        // A page that does not listen yet begins where it would be led to.
        if action == JOIN
            && let Err(error) = self.0.emit_to(WINDOW, HOME_ASKED, ())
        {
            tracing::warn!(%error, "the page cannot be told where the user wants to go");
        }
    }
}

/// Answers on the bus as long as the app runs. Without a bus nobody can ask.
pub(crate) async fn serve(app: AppHandle) {
    match served(app).await {
        // It is held by nobody else, and answers until it is dropped.
        Ok(bus) => {
            let _bus = bus;
            std::future::pending::<()>().await;
        }
        Err(error) => tracing::info!(%error, "the session bus cannot start or wake this app"),
    }
}

async fn served(app: AppHandle) -> zbus::Result<zbus::Connection> {
    let path = format!("/{}", salon_product::ID.replace('.', "/"));
    // Before the name: who waits for it calls at once.
    let bus = zbus::connection::Builder::session()?
        .serve_at(path, Application(app))?
        .build()
        .await?;
    // One that is just ending may have it still: then it comes as soon as that is gone.
    // None of the flags: nobody takes it away, and whoever comes too early waits.
    let flags = RequestNameFlags::AllowReplacement & RequestNameFlags::DoNotQueue;
    bus.request_name_with_flags(salon_product::ID, flags)
        .await?;
    Ok(bus)
}
