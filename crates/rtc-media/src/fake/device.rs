//! That there is a fake device at all: whether it is plugged in, and who has it open.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::fanout::Fanout;
use crate::{DeviceKind, MediaError, Subscription};

/// How often a fake device was opened and closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FakeUsage {
    /// Times it was opened.
    pub opened: u32,
    /// Times it was closed again.
    pub closed: u32,
}

impl FakeUsage {
    /// Somebody has it open.
    pub fn is_open(self) -> bool {
        self.opened > self.closed
    }
}

type Ended = Arc<dyn Fn() + Send + Sync>;

/// One fake device. The camera behaves like a V4L2 one, which refuses to be opened a second time;
/// sound servers share microphones.
pub(crate) struct FakeDevice {
    kind: DeviceKind,
    state: Mutex<State>,
    usage: Fanout<FakeUsage>,
}

struct State {
    plugged: bool,
    usage: FakeUsage,
    /// What tells those who have it open that it has gone.
    open: Vec<(u32, Ended)>,
}

impl fmt::Debug for FakeDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeDevice")
            .field("kind", &self.kind)
            .field("usage", &self.usage())
            .finish_non_exhaustive()
    }
}

/// An open fake device; closes it when dropped.
#[derive(Debug)]
pub(crate) struct FakeOpen {
    device: Arc<FakeDevice>,
    number: u32,
}

impl FakeDevice {
    pub(crate) fn new(kind: DeviceKind) -> Arc<Self> {
        Arc::new(Self {
            kind,
            state: Mutex::new(State {
                plugged: true,
                usage: FakeUsage::default(),
                open: Vec::new(),
            }),
            usage: Fanout::default(),
        })
    }

    fn name(&self) -> &'static str {
        match self.kind {
            DeviceKind::VideoInput => "camera",
            _ => "microphone",
        }
    }

    pub(crate) fn is_plugged(&self) -> bool {
        self.state.lock().plugged
    }

    pub(crate) fn usage(&self) -> FakeUsage {
        self.state.lock().usage
    }

    pub(crate) fn on_usage(
        &self,
        callback: impl Fn(FakeUsage) + Send + Sync + 'static,
    ) -> Subscription {
        self.usage.subscribe(move |usage| callback(*usage))
    }

    /// `ended` is called if the device is unplugged while it is open.
    pub(crate) fn open(
        self: &Arc<Self>,
        ended: impl Fn() + Send + Sync + 'static,
    ) -> Result<FakeOpen, MediaError> {
        let device = self.name();
        let not_readable = |reason: &str| MediaError::NotReadable {
            device,
            reason: reason.into(),
        };
        let mut state = self.state.lock();
        if !state.plugged {
            return Err(not_readable("it is not plugged in"));
        }
        if self.kind == DeviceKind::VideoInput && !state.open.is_empty() {
            return Err(not_readable("it is open already"));
        }
        state.usage.opened += 1;
        let (usage, number) = (state.usage, state.usage.opened);
        state.open.push((number, Arc::new(ended)));
        drop(state);
        tracing::info!(device, "a fake device opened");
        self.usage.send(&usage);
        Ok(FakeOpen {
            device: self.clone(),
            number,
        })
    }

    /// Plugs it in, or pulls it out; whether that changed anything.
    pub(crate) fn plug(&self, plugged: bool) -> bool {
        let mut state = self.state.lock();
        if std::mem::replace(&mut state.plugged, plugged) == plugged {
            return false;
        }
        let open: Vec<_> = state.open.iter().map(|(_, ended)| ended.clone()).collect();
        drop(state);
        for ended in open.iter().filter(|_| !plugged) {
            ended();
        }
        true
    }
}

impl FakeOpen {
    /// Whether there is anything to be seen or heard.
    pub(crate) fn delivers(&self) -> bool {
        self.device.is_plugged()
    }
}

impl Drop for FakeOpen {
    fn drop(&mut self) {
        let mut state = self.device.state.lock();
        state.open.retain(|(number, _)| *number != self.number);
        state.usage.closed += 1;
        let usage = state.usage;
        drop(state);
        tracing::info!(device = self.device.name(), "a fake device closed");
        self.device.usage.send(&usage);
    }
}
