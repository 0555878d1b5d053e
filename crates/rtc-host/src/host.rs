//! What connections share.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use rtc_core::{Capabilities, Configuration, Error, Kind, PeerConnection, Side};
use rtc_media::{DeviceOptions, MediaDevices, Playout};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::connection::{Connection, ConnectionHandle, ENCODERS};
use crate::event::ConnectionEvent;
use crate::lane::Lane;
use crate::track::{LocalTrack, Source};
use crate::track_numbers::TrackNumbers;

/// Devices, loudspeaker and the thread that connections run on. Cheap to clone; the thread ends
/// with the last clone.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    devices: MediaDevices,
    cameras: Lane,
    microphones: Lane,
    screens: Lane,
    playout: Playout,
    runtime: Handle,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("devices", &self.0.devices)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Already gone if the thread died.
            let _ = stop.send(());
        }
    }
}

impl Host {
    /// Starts the thread. Devices are not touched yet.
    ///
    /// # Errors
    /// If the system has no thread or event queue left.
    pub fn new(options: DeviceOptions) -> std::io::Result<Self> {
        // One thread: media packets of a call need little, and none of it waits for another core.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("webrtc".into())
            .spawn(move || {
                // Ends when told to, or when the host is gone.
                let _ = runtime.block_on(stopped);
            })?;
        let devices = MediaDevices::new(options);
        let playout = Playout::new(devices.clone());
        Ok(Self(Arc::new(Inner {
            devices,
            cameras: Lane::new(&handle),
            microphones: Lane::new(&handle),
            screens: Lane::new(&handle),
            playout,
            runtime: handle,
            stop: Some(stop),
        })))
    }

    /// Does what the first use would have to wait for, on a thread of its own: listing devices,
    /// loading codecs, starting the random number generator behind the certificates. No device is
    /// opened.
    pub fn warm_up(&self) {
        let devices = self.0.devices.clone();
        let spawned = std::thread::Builder::new()
            .name("webrtc-warm-up".into())
            .spawn(move || {
                let start = Instant::now();
                let count = devices.enumerate().len();
                tracing::debug!(count, took = ?start.elapsed(), "devices listed");
                // Needs no answer: making one is what takes time.
                let _ = PeerConnection::new(Configuration::default(), &ENCODERS, Instant::now());
                tracing::debug!(took = ?start.elapsed(), "random numbers ready");
                rtc_media::load_codecs();
                tracing::debug!(took = ?start.elapsed(), "codecs loaded");
            });
        if let Err(error) = spawned {
            tracing::debug!(%error, "the first use will take a moment");
        }
    }

    /// Devices of this machine.
    pub fn devices(&self) -> &MediaDevices {
        &self.0.devices
    }

    /// Opens a device, once all that was asked of devices of its kind before is done. No answer:
    /// the host is gone.
    pub fn capture<E: Send + 'static>(
        &self,
        kind: Kind,
        open: impl FnOnce(&MediaDevices) -> Result<Source, E> + Send + 'static,
    ) -> oneshot::Receiver<Result<Arc<LocalTrack>, E>> {
        let lane = match kind {
            Kind::Audio => &self.0.microphones,
            Kind::Video => &self.0.cameras,
        };
        self.open_in(lane, open)
    }

    /// The same for a screen or a window. Cameras do not wait for it.
    pub fn capture_screen<E: Send + 'static>(
        &self,
        open: impl FnOnce() -> Result<Source, E> + Send + 'static,
    ) -> oneshot::Receiver<Result<Arc<LocalTrack>, E>> {
        self.open_in(&self.0.screens, |_| open())
    }

    fn open_in<E: Send + 'static>(
        &self,
        lane: &Lane,
        open: impl FnOnce(&MediaDevices) -> Result<Source, E> + Send + 'static,
    ) -> oneshot::Receiver<Result<Arc<LocalTrack>, E>> {
        let (done, outcome) = oneshot::channel();
        let (devices, closing) = (self.0.devices.clone(), lane.clone());
        lane.run(move || {
            if done.is_closed() {
                return;
            }
            let opened = open(&devices).map(|source| LocalTrack::new(source, closing));
            if let Err(Ok(unwanted)) = done.send(opened) {
                // Before the next one is opened.
                unwanted.close();
            }
        });
        outcome
    }

    /// What can be sent or received (`getCapabilities`), the same on every machine.
    pub fn capabilities(kind: Kind, side: Side) -> Capabilities {
        PeerConnection::capabilities(kind, side, &ENCODERS)
    }

    /// Loudspeaker.
    pub fn playout(&self) -> &Playout {
        &self.0.playout
    }

    /// The runtime of the connections' thread.
    pub fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    /// Opens a connection. `emit` is called on the connections' thread and must not block.
    /// Receivers' tracks get their numbers from `numbers`.
    ///
    /// # Errors
    /// What [`PeerConnection::new`] says of the configuration.
    pub fn connect(
        &self,
        configuration: Configuration,
        numbers: TrackNumbers,
        emit: impl FnMut(ConnectionEvent) + Send + 'static,
    ) -> Result<ConnectionHandle, Error> {
        let peer = PeerConnection::new(configuration, &ENCODERS, Instant::now())?;
        let (posts, posted) = mpsc::unbounded_channel();
        let connection = Connection::new(peer, self.0.playout.clone(), numbers, Box::new(emit));
        self.0.runtime.spawn(connection.run(posted));
        Ok(ConnectionHandle::new(posts))
    }
}
