//! A media server of the double: its calls over HTTP (Twirp), its signalling WebSocket and the media
//! itself over UDP.

use std::io;

use tokio::sync::broadcast;

/// How many events may wait for whoever listens.
const EVENTS: usize = 1024;

/// What a participant publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackKind {
    /// A microphone.
    Audio,
    /// A camera.
    Video,
    /// The picture of a shared screen.
    ScreenShare,
    /// The sound of a shared screen.
    ScreenShareAudio,
}

/// One join that the coordinator has let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The call: `type:id`.
    pub cid: String,
    /// Who joins.
    pub user: String,
    /// What others see as the name.
    pub name: String,
    /// What may be published.
    pub publish: Vec<TrackKind>,
}

/// What happened in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody is in.
    Joined {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
    },
    /// Somebody is out.
    Left {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
    },
    /// Somebody sends a track.
    Published {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
        /// Which track.
        track: TrackKind,
    },
    /// Somebody sends a track no longer.
    Unpublished {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
        /// Which track.
        track: TrackKind,
    },
}

/// A media server that runs until the last of its handles is dropped.
#[derive(Clone, Debug)]
pub struct MediaServer {
    events: broadcast::Sender<Event>,
}

impl MediaServer {
    /// Starts one on a free port of 127.0.0.1, in the runtime that calls this.
    ///
    /// # Errors
    /// If no port can be listened on.
    #[allow(clippy::unused_async, reason = "it will listen")]
    pub async fn start() -> io::Result<Self> {
        Ok(Self {
            events: broadcast::Sender::new(EVENTS),
        })
    }

    /// What the coordinator calls it.
    pub fn name(&self) -> &str {
        "sfu-loopback"
    }

    /// Where its calls over HTTP go: `http://127.0.0.1:PORT/twirp`.
    pub fn url(&self) -> String {
        String::new()
    }

    /// Where its signalling is: `ws://127.0.0.1:PORT/ws`.
    pub fn ws_endpoint(&self) -> String {
        String::new()
    }

    /// A token for one join, which the coordinator hands out.
    pub fn admit(&self, _grant: Grant) -> String {
        String::new()
    }

    /// Tells all participants of a call that it has ended.
    pub fn end_call(&self, _cid: &str) {}

    /// Removes somebody, all of the user's connections.
    pub fn remove(&self, _cid: &str, _user: &str) {}

    /// Mutes somebody's tracks.
    pub fn mute(&self, _cid: &str, _user: &str, _tracks: &[TrackKind]) {}

    /// Changes what somebody may publish.
    pub fn set_permissions(&self, _cid: &str, _user: &str, _publish: &[TrackKind]) {}

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}
