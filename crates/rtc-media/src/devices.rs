//! Which devices there are.

use std::fmt;
use std::sync::Arc;

use gstreamer as gst;
use gstreamer::prelude::*;
use parking_lot::Mutex;

use crate::camera::Camera;
use crate::device_info::{DeviceInfo, DeviceKind, Removals};
use crate::device_watch::{Change, DeviceWatch};
use crate::fake::{FakeDevice, FakeSound, FakeUsage};
use crate::fanout::Fanout;
use crate::far_end::FarEnd;
use crate::microphone::{Microphone, Sound};
use crate::near_end::SoundSwitches;
use crate::{MediaError, Subscription, VideoConstraints, pipeline};

/// When fake devices are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FakeDevices {
    /// Never.
    #[default]
    Off,
    /// For a kind of input that has no real device.
    WhenNone,
    /// After the real ones.
    Also,
    /// Real inputs are hidden.
    Only,
}

/// How devices are offered.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeviceOptions {
    /// Fake camera and microphone.
    pub fake: FakeDevices,
    /// What the fake microphone gives.
    pub fake_sound: FakeSound,
}

/// Id of the fake camera and microphone.
const FAKE_ID: &str = "fake";

/// The devices of this machine. Cheap to clone.
#[derive(Clone)]
pub struct MediaDevices(Arc<Inner>);

struct Inner {
    options: DeviceOptions,
    fake_camera: Arc<FakeDevice>,
    fake_microphone: Arc<FakeDevice>,
    /// Started at the first use: that takes a moment.
    watch: Mutex<Option<Arc<DeviceWatch>>>,
    changed: Arc<Fanout<()>>,
    removed: Removals,
    far_end: FarEnd,
}

impl fmt::Debug for MediaDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaDevices")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl MediaDevices {
    /// Opens nothing yet.
    pub fn new(options: DeviceOptions) -> Self {
        Self(Arc::new(Inner {
            options,
            fake_camera: FakeDevice::new(DeviceKind::VideoInput),
            fake_microphone: FakeDevice::new(DeviceKind::AudioInput),
            watch: Mutex::new(None),
            changed: Arc::default(),
            removed: Arc::default(),
            far_end: FarEnd::default(),
        }))
    }

    /// Calls back (on a thread of GStreamer's) whenever a device comes or goes.
    pub fn on_change(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        self.0.changed.subscribe(move |()| callback())
    }

    /// Calls back (on a thread of GStreamer's) with the id of each device that goes away.
    pub(crate) fn on_removed(
        &self,
        callback: impl Fn(&String) + Send + Sync + 'static,
    ) -> Subscription {
        self.0.removed.subscribe(callback)
    }

    /// All devices: microphones, loudspeakers, cameras; within a kind the system's default first.
    /// Without a sound server there are simply none of its devices. Blocks for a moment at the
    /// first call.
    pub fn enumerate(&self) -> Vec<DeviceInfo> {
        let real: Vec<DeviceInfo> = self
            .real_devices(None)
            .into_iter()
            .map(|(info, _)| info)
            .collect();
        let mut all = Vec::new();
        for kind in [
            DeviceKind::AudioInput,
            DeviceKind::AudioOutput,
            DeviceKind::VideoInput,
        ] {
            let of_kind: Vec<_> = real
                .iter()
                .filter(|info| info.kind == kind)
                .cloned()
                .collect();
            let (keep_real, add_fake) = self.policy(kind, of_kind.is_empty());
            if keep_real {
                all.extend(of_kind);
            }
            if add_fake {
                all.push(fake_device(kind));
            }
        }
        all
    }

    /// Opens a camera, the default one without an id.
    ///
    /// # Errors
    /// [`MediaError`] as `getUserMedia` has them.
    pub fn open_camera(
        &self,
        device_id: Option<&str>,
        constraints: &VideoConstraints,
    ) -> Result<Camera, MediaError> {
        match self.find(DeviceKind::VideoInput, device_id)? {
            (info, Some(device)) => Camera::open(info, &device, constraints, &self.0.removed),
            (info, None) => Camera::open_fake(info, &self.0.fake_camera, constraints),
        }
    }

    /// Opens a microphone, the default one without an id.
    ///
    /// # Errors
    /// [`MediaError`] as `getUserMedia` has them.
    pub fn open_microphone(
        &self,
        device_id: Option<&str>,
        switches: SoundSwitches,
    ) -> Result<Microphone, MediaError> {
        let sound = Sound::near(&self.0.far_end, switches);
        match self.find(DeviceKind::AudioInput, device_id)? {
            (info, Some(device)) => Microphone::open(info, &device, sound, &self.0.removed),
            (info, None) => {
                let wanted = self.0.options.fake_sound;
                Microphone::open_fake(info, &self.0.fake_microphone, wanted, sound)
            }
        }
    }

    /// What the loudspeakers play.
    pub fn far_end(&self) -> &FarEnd {
        &self.0.far_end
    }

    /// How often the fake camera or microphone was opened and closed.
    pub fn fake_usage(&self, kind: DeviceKind) -> FakeUsage {
        self.fake(kind).map(|fake| fake.usage()).unwrap_or_default()
    }

    /// Calls back whenever the fake camera or microphone was opened or closed, on the thread that
    /// did so.
    pub fn on_fake_usage(
        &self,
        kind: DeviceKind,
        callback: impl Fn(FakeUsage) + Send + Sync + 'static,
    ) -> Option<Subscription> {
        self.fake(kind).map(|fake| fake.on_usage(callback))
    }

    /// Pulls the fake camera or microphone out, or plugs it in again: the list of devices changes,
    /// and what has it open ends.
    pub fn plug_fake(&self, kind: DeviceKind, plugged: bool) {
        if self.fake(kind).is_some_and(|fake| fake.plug(plugged)) {
            self.0.changed.send(&());
        }
    }

    fn fake(&self, kind: DeviceKind) -> Option<&Arc<FakeDevice>> {
        match kind {
            DeviceKind::AudioInput => Some(&self.0.fake_microphone),
            DeviceKind::VideoInput => Some(&self.0.fake_camera),
            DeviceKind::AudioOutput => None,
        }
    }

    /// Whether a loudspeaker is there; with an empty id: true.
    pub(crate) fn has_output(&self, device_id: &str) -> bool {
        device_id.is_empty() || self.output(device_id).is_some()
    }

    fn output(&self, device_id: &str) -> Option<gst::Device> {
        let all = self.real_devices(Some(DeviceKind::AudioOutput));
        let mut all = all.into_iter();
        all.find_map(|(info, device)| (info.device_id == device_id).then_some(device))
    }

    /// The sink element of a loudspeaker and its id; for an empty or unknown id the default one
    /// without an id.
    pub(crate) fn output_element(
        &self,
        device_id: &str,
    ) -> Result<(gst::Element, Option<String>), String> {
        if !device_id.is_empty()
            && let Some(device) = self.output(device_id)
        {
            let element = device
                .create_element(None)
                .map_err(|error| error.to_string())?;
            return Ok((element, Some(device_id.into())));
        }
        // PulseAudio's own element follows the server's default; PipeWire serves it, too.
        let element = pipeline::make("pulsesink").or_else(|_| pipeline::make("alsasink"))?;
        Ok((element, None))
    }

    /// Whether real devices of a kind are offered, and whether the fake one is.
    fn policy(&self, kind: DeviceKind, none: bool) -> (bool, bool) {
        let input = kind != DeviceKind::AudioOutput;
        let plugged = self.fake(kind).is_some_and(|fake| fake.is_plugged());
        let (real, fake) = match self.0.options.fake {
            FakeDevices::Off => (true, false),
            FakeDevices::WhenNone => (true, none && input),
            FakeDevices::Also => (true, input),
            FakeDevices::Only => (!input, input),
        };
        (real, fake && plugged)
    }

    fn find(
        &self,
        kind: DeviceKind,
        device_id: Option<&str>,
    ) -> Result<(DeviceInfo, Option<gst::Device>), MediaError> {
        let mut real = self.real_devices(Some(kind));
        let (keep_real, add_fake) = self.policy(kind, real.is_empty());
        if !keep_real {
            real.clear();
        }
        let mut candidates: Vec<_> = real
            .into_iter()
            .map(|(info, device)| (info, Some(device)))
            .collect();
        if add_fake {
            candidates.push((fake_device(kind), None));
        }
        candidates
            .into_iter()
            .find(|(info, _)| device_id.is_none_or(|id| info.device_id == id))
            .ok_or(match (kind, device_id) {
                (_, Some(_)) => MediaError::Overconstrained("deviceId"),
                (DeviceKind::VideoInput, None) => MediaError::NotFound("camera"),
                (_, None) => MediaError::NotFound("microphone"),
            })
    }

    /// Those of one kind, or all. Of others nothing is asked: some take their time to answer.
    fn real_devices(&self, kind: Option<DeviceKind>) -> Vec<(DeviceInfo, gst::Device)> {
        let known = self.watch().map_or_else(Vec::new, |watch| watch.devices());
        let wanted = |device: &gst::Device| {
            kind.is_none_or(|kind| kind_of_class(&device.device_class()) == Some(kind))
        };
        let mut devices: Vec<_> = known
            .into_iter()
            .filter(wanted)
            .filter_map(|device| describe(&device))
            .collect();
        // A stable sort: the system's default first, else as the system lists them.
        devices.sort_by_key(|(_, device)| !is_default(device));
        devices
    }

    fn watch(&self) -> Option<Arc<DeviceWatch>> {
        let mut watch = self.0.watch.lock();
        if watch.is_none() {
            let changed = Arc::downgrade(&self.0.changed);
            let removed = Arc::downgrade(&self.0.removed);
            let started = DeviceWatch::start(move |change| {
                let (Some(changed), Some(removed)) = (changed.upgrade(), removed.upgrade()) else {
                    return;
                };
                if let Change::Removed(device) = change
                    && let Some((info, _)) = describe(device)
                {
                    removed.send(&info.device_id);
                }
                changed.send(&());
            });
            *watch = started.map(Arc::new);
        }
        watch.clone()
    }
}

fn fake_device(kind: DeviceKind) -> DeviceInfo {
    let label = match kind {
        DeviceKind::VideoInput => "Fake camera",
        _ => "Fake microphone",
    };
    DeviceInfo {
        device_id: FAKE_ID.into(),
        group_id: FAKE_ID.into(),
        kind,
        label: label.into(),
    }
}

/// What GStreamer's name for a class of devices stands for.
fn kind_of_class(class: &str) -> Option<DeviceKind> {
    match class {
        "Audio/Source" => Some(DeviceKind::AudioInput),
        "Audio/Sink" => Some(DeviceKind::AudioOutput),
        "Video/Source" => Some(DeviceKind::VideoInput),
        _ => None,
    }
}

fn property(device: &gst::Device, names: &[&str]) -> Option<String> {
    let properties = device.properties()?;
    names
        .iter()
        .find_map(|name| properties.get::<String>(*name).ok())
}

fn is_default(device: &gst::Device) -> bool {
    device
        .properties()
        .is_some_and(|properties| properties.get::<bool>("is-default").unwrap_or(false))
}

fn describe(device: &gst::Device) -> Option<(DeviceInfo, gst::Device)> {
    let kind = kind_of_class(&device.device_class())?;
    // What a loudspeaker plays is not a microphone.
    if kind == DeviceKind::AudioInput
        && property(device, &["device.class"]).as_deref() == Some("monitor")
    {
        return None;
    }
    let label = device.display_name().to_string();
    let path = property(
        device,
        &[
            "node.name",
            "object.path",
            "device.path",
            "api.v4l2.path",
            "sysfs.path",
        ],
    )
    .or_else(|| {
        // PulseAudio's provider keeps its name for the device in the element's property.
        let element = device.create_element(None).ok()?;
        element.find_property("device")?;
        element.property::<Option<String>>("device")
    })
    .unwrap_or_else(|| label.clone());
    let group = property(
        device,
        &["device.bus_path", "device.serial", "alsa.card_name"],
    )
    .unwrap_or_else(|| label.clone());
    let info = DeviceInfo {
        device_id: opaque(&format!("{}|{path}", kind.as_str())),
        group_id: opaque(&group),
        kind,
        label,
    };
    Some((info, device.clone()))
}

/// A short id that reveals nothing of the name (FNV-1a, 64 bits).
fn opaque(name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices(fake: FakeDevices) -> MediaDevices {
        MediaDevices::new(DeviceOptions {
            fake,
            ..DeviceOptions::default()
        })
    }

    #[test]
    fn only_fakes_means_that_no_real_input_is_offered() {
        let inputs: Vec<_> = devices(FakeDevices::Only)
            .enumerate()
            .into_iter()
            .filter(|info| info.kind != DeviceKind::AudioOutput)
            .collect();
        let labels: Vec<_> = inputs.iter().map(|info| info.label.as_str()).collect();
        assert_eq!(labels, ["Fake microphone", "Fake camera"]);
    }

    #[test]
    fn a_fake_camera_is_open_once_and_a_pulled_one_ends_and_is_gone() {
        let devices = devices(FakeDevices::Only);
        let open = || devices.open_camera(None, &VideoConstraints::default());
        let usage = || devices.fake_usage(DeviceKind::VideoInput);
        let first = open().unwrap();
        assert_eq!(open().unwrap_err().w3c_name(), "NotReadableError");
        drop(first);
        let (opened, closed) = (1, 1);
        assert_eq!(usage(), FakeUsage { opened, closed });
        let (send, ended) = std::sync::mpsc::channel();
        let second = open().unwrap();
        let _subscription = second.on_ended(move || {
            let _ = send.send(());
        });
        devices.plug_fake(DeviceKind::VideoInput, false);
        assert_eq!(ended.try_recv(), Ok(()));
        assert_eq!(open().unwrap_err(), MediaError::NotFound("camera"));
        assert!(usage().is_open());
        devices.plug_fake(DeviceKind::VideoInput, true);
        drop(second);
        assert!(open().is_ok());
    }

    #[test]
    fn an_unknown_device_is_named_as_the_constraint() {
        let error = devices(FakeDevices::Only)
            .open_camera(Some("gone"), &VideoConstraints::default())
            .unwrap_err();
        assert_eq!(error, MediaError::Overconstrained("deviceId"));
        assert_eq!(error.w3c_name(), "OverconstrainedError");
    }
}
