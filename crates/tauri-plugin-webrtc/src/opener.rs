//! Opens the WebSocket for a page that asks.

use parking_lot::Mutex;
use serde::Serialize;
use tauri::State;

use crate::DeviceOptions;
use crate::gestures::Gestures;
use crate::server::Server;
use crate::wire;

/// Where the pages of Tauri's own protocol come from.
const PAGE_ORIGINS: [&str; 3] = [
    "tauri://localhost",
    "http://tauri.localhost",
    "https://tauri.localhost",
];

/// Starts the server when the first page asks for it.
pub(crate) struct Opener {
    devices: DeviceOptions,
    /// Of pages that may connect, besides those of Tauri's own protocol.
    origins: Vec<String>,
    gestures: Gestures,
    server: Mutex<Option<Server>>,
}

/// Why a page cannot have its WebSocket.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the WebRTC host does not start: {0}")]
    Io(#[from] std::io::Error),
}

impl Serialize for OpenError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl Opener {
    pub(crate) fn new(devices: DeviceOptions, origins: Vec<String>, gestures: Gestures) -> Self {
        Self {
            devices,
            origins,
            gestures,
            server: Mutex::default(),
        }
    }

    fn open(&self) -> Result<wire::Opened, OpenError> {
        let mut slot = self.server.lock();
        let server = match &mut *slot {
            Some(server) => server,
            empty => {
                let origins = PAGE_ORIGINS.map(String::from).into_iter();
                let origins = origins.chain(self.origins.clone()).collect();
                let server = Server::start(self.devices, origins, self.gestures.clone())?;
                // Now, and not before the page is there: its own start needs the processor more.
                server.warm_up();
                empty.insert(server)
            }
        };
        Ok(server.invite()?)
    }
}

/// A WebSocket for the calling page, with a secret that works once.
#[tauri::command]
pub(crate) fn open(opener: State<'_, Opener>) -> Result<wire::Opened, OpenError> {
    opener.open()
}
