//! Who carries the demo's calls, and what backend and windows are told of it.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::media_server::MediaServer;
use super::stream::StreamService;

/// The media server of one provider.
pub(super) enum Calls {
    /// LiveKit's server.
    Livekit(MediaServer),
    /// The double of Stream's service.
    Stream(StreamService),
}

impl Calls {
    /// Starts it. `built`: the folder with the programs.
    pub(super) fn start(on_stream: bool, built: &Path) -> Result<Self> {
        Ok(if on_stream {
            Self::Stream(StreamService::start(built)?)
        } else {
            Self::Livekit(MediaServer::start()?)
        })
    }

    /// Lets the backend sign tokens for it.
    pub(super) fn trust<'a>(&self, backend: &'a mut Command) -> &'a mut Command {
        match self {
            Self::Livekit(server) => server.trust(backend).env("LIVEKIT_URL", &server.url),
            Self::Stream(service) => service.trust(backend),
        }
    }

    /// Sets a window up for the backend's calls.
    pub(super) fn set_up(&self, window: &mut Command) {
        match self {
            Self::Livekit(_) => window.args(["--profile", "salon"]),
            // The backend names the app; a coordinator on this machine counts in dev mode only.
            Self::Stream(service) => window
                .args(["--profile", "next-video-call", "--dev"])
                .args(["--stream-url", &service.url]),
        };
    }
}
