//! The devices that GStreamer knows, and which come and go.
//!
//! GStreamer has one list of devices for the whole process, and tells one monitor of it only: the one that
//! was started last, and nobody any more once any other has ended. So there is one for all who ask,
//! started with the first and stopped with the last of them.

use std::sync::LazyLock;

use gstreamer as gst;
use gstreamer::prelude::*;
use parking_lot::Mutex;

use crate::Subscription;
use crate::fanout::Fanout;
use crate::pipeline;

/// What of the devices has changed.
#[derive(Debug)]
pub(crate) enum Change {
    /// There is one more.
    Added,
    /// This one is gone.
    Removed(gst::Device),
}

static CHANGES: LazyLock<Fanout<Change>> = LazyLock::new(Fanout::default);

/// Locked while one is started or stopped: none is started before the one before has stopped.
static SHARED: Mutex<Shared> = Mutex::new(Shared {
    users: 0,
    monitor: None,
});

#[derive(Debug)]
struct Shared {
    users: usize,
    monitor: Option<gst::DeviceMonitor>,
}

/// Devices are watched as long as anybody has one of these.
#[derive(Debug)]
pub(crate) struct DeviceWatch {
    _changes: Subscription,
}

impl DeviceWatch {
    /// Calls back (on a thread of GStreamer's) with whatever changes from now on. Blocks for a moment if
    /// nobody watches yet. None if GStreamer does not start.
    pub(crate) fn start(on_change: impl Fn(&Change) + Send + Sync + 'static) -> Option<Self> {
        if let Err(error) = pipeline::init() {
            tracing::warn!(%error, "no devices: GStreamer does not start");
            return None;
        }
        let changes = CHANGES.subscribe(on_change);
        let mut shared = SHARED.lock();
        shared.users += 1;
        if shared.monitor.is_none() {
            shared.monitor = Some(started());
        }
        Some(Self { _changes: changes })
    }

    /// Microphones, loudspeakers and cameras, in the system's order.
    pub(crate) fn devices(&self) -> Vec<gst::Device> {
        let monitor = SHARED.lock().monitor.clone();
        monitor.map_or_else(Vec::new, |monitor| monitor.devices().into_iter().collect())
    }
}

impl Drop for DeviceWatch {
    /// Does not wait, and may happen on a thread that tells of a change, which cannot end itself.
    fn drop(&mut self) {
        SHARED.lock().users -= 1;
        // Without a thread it goes on for the next one.
        let _ = std::thread::Builder::new()
            .name("device-watch".into())
            .spawn(stop_if_unused);
    }
}

fn stop_if_unused() {
    let mut shared = SHARED.lock();
    if shared.users == 0
        && let Some(monitor) = shared.monitor.take()
    {
        monitor.bus().unset_sync_handler();
        monitor.stop();
    }
}

fn started() -> gst::DeviceMonitor {
    let monitor = gst::DeviceMonitor::new();
    for class in ["Audio/Source", "Audio/Sink", "Video/Source"] {
        monitor.add_filter(Some(class), None);
    }
    monitor.bus().set_sync_handler(|_, message| {
        use gst::MessageView::{DeviceAdded, DeviceRemoved};
        match message.view() {
            DeviceAdded(_) => CHANGES.send(&Change::Added),
            DeviceRemoved(message) => CHANGES.send(&Change::Removed(message.device())),
            _ => {}
        }
        gst::BusSyncReply::Drop
    });
    if let Err(error) = monitor.start() {
        tracing::warn!(%error, "devices that come and go will not be noticed");
    }
    monitor
}
