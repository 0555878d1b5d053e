//! Opens the WebSocket for a page that asks.

use parking_lot::Mutex;
use serde::Serialize;
use tauri::State;

use crate::DeviceOptions;
#[cfg(target_os = "linux")]
use crate::server::Server;
use crate::wire;

/// Where the pages of Tauri's own protocol come from, on Linux and elsewhere.
#[cfg(target_os = "linux")]
const PAGE_ORIGINS: [&str; 3] = [
    "tauri://localhost",
    "http://tauri.localhost",
    "https://tauri.localhost",
];

/// Starts the server when the first page asks for it.
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "there is no server")
)]
pub(crate) struct Opener {
    devices: DeviceOptions,
    /// Of pages that may connect, besides those of Tauri's own protocol.
    origins: Vec<String>,
    #[cfg(target_os = "linux")]
    server: Mutex<Option<Server>>,
    #[cfg(not(target_os = "linux"))]
    server: Mutex<()>,
}

/// Why a page cannot have its WebSocket.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[cfg(target_os = "linux")]
    #[error("the WebRTC host does not start: {0}")]
    Io(#[from] std::io::Error),
    #[cfg(not(target_os = "linux"))]
    #[error("the webview has WebRTC of its own")]
    NotNeeded,
}

impl Serialize for OpenError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl Opener {
    pub(crate) fn new(devices: DeviceOptions, origins: Vec<String>) -> Self {
        Self {
            devices,
            origins,
            server: Mutex::default(),
        }
    }

    #[cfg(target_os = "linux")]
    fn open(&self) -> Result<wire::Opened, OpenError> {
        let mut slot = self.server.lock();
        let server = match &mut *slot {
            Some(server) => server,
            empty => {
                let origins = PAGE_ORIGINS.map(String::from).into_iter();
                let origins = origins.chain(self.origins.clone()).collect();
                let server = Server::start(self.devices, origins)?;
                // Now, and not before the page is there: its own start needs the processor more.
                server.warm_up();
                empty.insert(server)
            }
        };
        Ok(server.invite()?)
    }

    #[cfg(not(target_os = "linux"))]
    fn open(&self) -> Result<wire::Opened, OpenError> {
        let () = *self.server.lock();
        Err(OpenError::NotNeeded)
    }
}

/// A WebSocket for the calling page, with a secret that works once.
#[tauri::command]
pub(crate) fn open(opener: State<'_, Opener>) -> Result<wire::Opened, OpenError> {
    opener.open()
}
