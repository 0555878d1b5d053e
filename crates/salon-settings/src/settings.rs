//! The settings in force, of all layers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use salon_base::{Code, Fault};
use salon_profile::Profiles;
use secrecy::SecretString;
use serde_json::Value as Json;
use url::Url;

use crate::arguments::Arguments;
use crate::beside::Beside;
use crate::environment::{Environment, Signing};
use crate::file::{self, Reading};
use crate::keys::{Key, Values};
use crate::layers::{Candidate, Layer, Layers, Provenance, Settled};
use crate::link::server_of_link;
#[cfg(any(target_os = "macos", test))]
use crate::managed;
use crate::places::Places;
use crate::registry;
use crate::values::{self, FakeDevices, FakeSound, Language, UpdateChannel};

/// What settings are made of.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Where the files are.
    pub places: Places,
    /// The environment.
    pub environment: Environment,
    /// The command line.
    pub arguments: Arguments,
    /// The meeting that the settings are wanted for. The app leaves it out, as it meets one link
    /// after the other: `salon_meeting::resolve` adds each to the settings by the same rule.
    pub link: Option<String>,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Tokens may be signed here.
    pub dev: bool,
    /// Name of the backend profile.
    pub profile: Option<String>,
    /// Media server.
    pub server: Option<Url>,
    /// Backend that hands out tokens.
    pub backend: Option<Url>,
    /// The user's bearer token there.
    pub backend_token: Option<SecretString>,
    /// API key of Stream's app.
    pub stream_api_key: Option<String>,
    /// Type of Stream's calls.
    pub stream_call_type: Option<String>,
    /// Stream's coordinator, if it is not Stream's own.
    pub stream_url: Option<Url>,
    /// What tokens are signed with in dev mode; where there is no pair, as the keyring says.
    pub signing: Signing,
    /// Link or room to open.
    pub open: Option<String>,
    /// The user's name.
    pub name: Option<String>,
    /// Begin at the device preview.
    pub lobby: bool,
    /// Join at once, without a window.
    pub guest: bool,
    /// Run beside another Salon, with a folder of its own.
    pub beside: Option<Beside>,
    /// Ring when a meeting begins.
    pub ringtone: bool,
    /// Tell of meetings with the system's notifications.
    pub notifications: bool,
    /// Remember past meetings.
    pub history: bool,
    /// Days after which a past meeting is forgotten; 0: never.
    pub history_days: u32,
    /// Closing the window leaves the app in the tray.
    pub close_to_tray: bool,
    /// Begin with the microphone switched off.
    pub start_muted: bool,
    /// Begin with the camera switched off.
    pub start_camera_off: bool,
    /// Fake camera and microphone.
    pub fake_devices: FakeDevices,
    /// Sound of the fake microphone.
    pub fake_sound: FakeSound,
    /// More folders with files of backend profiles.
    pub profile_folders: Vec<PathBuf>,
    /// What the app speaks.
    pub language: Language,
    /// Install new versions.
    pub updates: bool,
    /// Tell when one has been installed.
    pub update_notice: bool,
    /// Whose new versions are taken.
    pub update_channel: UpdateChannel,
    /// Days after its publication that a new version is left to others.
    pub update_delay_days: u32,
    /// The folder with new versions, if it is not that of who makes the app.
    pub update_url: Option<Url>,
    /// Why it cannot be known which new versions are wanted: none is installed.
    pub updates_unknown: Option<Fault>,
    /// Each setting with where it comes from.
    pub settled: BTreeMap<Key, Settled>,
    /// What is wrong with the files and the environment, and what was refused.
    pub problems: Vec<Fault>,
}

impl Default for Settings {
    /// Those of an app that nobody has set up.
    fn default() -> Self {
        Self::load(&Sources::default())
    }
}

impl From<Arguments> for Settings {
    /// Those of a command line, without files and environment.
    fn from(arguments: Arguments) -> Self {
        Self::load(&Sources {
            arguments,
            ..Sources::default()
        })
    }
}

impl Settings {
    /// Reads the files and puts the layers together. What cannot be read is left out and told in
    /// [`Settings::problems`]; after a fault in the administrator's file, dev mode is off, and after one that
    /// hides what a file says of updates, these are.
    pub fn load(sources: &Sources) -> Self {
        let places = &sources.places;
        let policy = places.policy.as_deref().map(file::policy);
        // After the file: of two that lock the same, the later one counts.
        let registry = places.policy_key.as_deref().map(registry::policy);
        #[cfg(any(target_os = "macos", test))]
        let managed = places.policy_plist.as_deref().map(managed::policy);
        #[cfg(not(any(target_os = "macos", test)))]
        let managed = None;
        let user = places.user.as_deref().map(file::user);
        let policies = [policy, registry, managed].map(Option::unwrap_or_default);
        Self::of_readings(policies, user.unwrap_or_default(), sources)
    }

    /// Those of the texts of an administrator's and a user's file, and of nothing else.
    pub fn of_texts(policy: &str, user: &str) -> Self {
        let files = [PathBuf::from("policy.toml"), PathBuf::from("settings.toml")];
        let policy = file::parse_policy(policy, &files[0]);
        let user = file::parse_user(user, &files[1]);
        let [policy_file, user_file] = files.map(Some);
        let sources = Sources {
            places: Places {
                policy: policy_file,
                user: user_file,
                ..Places::default()
            },
            ..Sources::default()
        };
        let policies = [policy, Reading::default(), Reading::default()];
        Self::of_readings(policies, user, &sources)
    }

    /// Of the administrator's file, registry and property list, and the user's file.
    fn of_readings(policies: [Reading; 3], user: Reading, sources: &Sources) -> Self {
        let mut layers = Layers::default();
        let mut problems = Vec::new();
        for (key, value) in Values::defaults().by_key() {
            layers.add(key, value, Provenance::of(Layer::Default));
        }
        let untrusted = untrusted(&policies, &sources.places);
        let of_policy = policies.iter().find_map(|policy| policy.of_updates.clone());
        let of_user = user
            .of_updates
            .clone()
            .or(sources.environment.of_updates.clone());
        for reading in policies.into_iter().chain([user]) {
            for (key, value, from) in reading.values {
                layers.add(key, value, from);
            }
            problems.extend(reading.problems);
        }
        problems.extend(sources.environment.problems.iter().cloned());
        for (key, (name, value)) in &sources.environment.settings {
            let from = Provenance::named(Layer::Environment, name.clone());
            layers.add(*key, value.clone(), from);
        }
        for (key, value) in &sources.arguments.options.settings {
            let from = Provenance::named(Layer::CommandLine, format!("--{}", key.flag()));
            layers.add(*key, value.clone(), from);
        }

        let untrusted = untrusted.as_ref();
        let settle = |layers: &Layers| settle(layers, sources.arguments.is_guest(), untrusted);
        let mut settings = Self::of(settle(&layers), sources);
        if let Some(link) = &sources.link {
            let known = settings.server.as_ref();
            match server_of_link(link, known, settings.lets_links_choose()) {
                Ok(Some(server)) => {
                    let from = Provenance::of(Layer::Link);
                    layers.add(Key::Server, Json::from(server.as_str()), from);
                    settings = Self::of(settle(&layers), sources);
                }
                Ok(None) => {}
                Err(fault) => problems.push(fault),
            }
        }
        if let Some(refused) = settings.refused_dev() {
            problems.push(refused);
        }
        settings.problems = problems;
        // Where the administrator has decided, a user's mistake holds up nothing.
        let of_user = of_user.filter(|_| !settings.is_locked(Key::Updates));
        settings.updates_unknown = of_policy.or(of_user);
        settings
    }

    /// Those that these values amount to, without what was wrong when they were read.
    pub(crate) fn of(settled: BTreeMap<Key, Settled>, sources: &Sources) -> Self {
        let set = settled
            .iter()
            .filter(|(_, settled)| !settled.value.is_null())
            .map(|(key, settled)| (key.name().to_owned(), settled.value.clone()))
            .collect();
        // Each of them has been checked by itself, and what has a default is always there.
        let values: Values = serde_json::from_value(Json::Object(set)).unwrap_or_default();
        let arguments = &sources.arguments;
        Self {
            dev: values.dev.unwrap_or_default(),
            profile: values.profile.map(|text| text.0),
            server: values.server.map(|url| url.0),
            backend: values.backend.map(|url| url.0),
            stream_api_key: values.stream_api_key.map(|name| name.0),
            stream_call_type: values.stream_call_type.map(|name| name.0),
            stream_url: values.stream_url.map(|url| url.0),
            backend_token: sources.environment.backend_token.clone(),
            signing: sources.environment.signing.clone(),
            open: arguments
                .link
                .clone()
                .or_else(|| arguments.options.room.clone()),
            name: values.name.map(|text| text.0),
            lobby: arguments.options.lobby,
            guest: arguments.is_guest(),
            beside: arguments.beside(),
            ringtone: values.ringtone.unwrap_or_default(),
            notifications: values.notifications.unwrap_or_default(),
            history: values.history.unwrap_or_default(),
            history_days: values.history_days.unwrap_or_default(),
            close_to_tray: values.close_to_tray.unwrap_or_default(),
            start_muted: values.start_muted.unwrap_or_default(),
            start_camera_off: values.start_camera_off.unwrap_or_default(),
            fake_devices: values.fake_devices.unwrap_or_default(),
            fake_sound: values.fake_sound.unwrap_or_default(),
            profile_folders: values
                .profile_folders
                .unwrap_or_default()
                .into_iter()
                .map(|folder| folder.0)
                .collect(),
            updates: values.updates.unwrap_or_default(),
            update_notice: values.update_notice.unwrap_or_default(),
            language: values.language.unwrap_or_default(),
            update_channel: values.update_channel.unwrap_or_default(),
            update_delay_days: values.update_delay_days.unwrap_or_default(),
            update_url: values.update_url.map(|url| url.0),
            updates_unknown: None,
            settled,
            problems: Vec::new(),
        }
    }

    /// Where a setting comes from.
    pub fn provenance(&self, key: Key) -> Option<&Provenance> {
        self.settled.get(&key).map(|settled| &settled.from)
    }

    /// Whether only the administrator changes a setting.
    pub fn is_locked(&self, key: Key) -> bool {
        self.settled.get(&key).is_some_and(|settled| settled.locked)
    }

    /// The backend profiles that these settings and the places of files lead to, and what is wrong with
    /// others.
    pub fn profiles(&self, places: &Places) -> (Profiles, Vec<Fault>) {
        let mut user = Vec::from_iter(places.user_profiles());
        user.extend(self.profile_folders.iter().cloned());
        Profiles::load_with_policy(&Vec::from_iter(places.policy_profiles()), &user)
    }

    /// Whether a start gives way to the Salon that runs already, and hands it its link. A guest is no
    /// second start.
    pub fn is_single(&self) -> bool {
        !self.guest && self.beside.is_none()
    }

    /// Whether a meeting's link may choose a media server on this computer.
    pub fn lets_links_choose(&self) -> bool {
        self.dev && !self.is_locked(Key::Server)
    }

    /// The fault to tell if dev mode was asked for and is not allowed.
    fn refused_dev(&self) -> Option<Fault> {
        let dev = self.settled.get(&Key::Dev)?;
        // The last of them would have counted.
        let wanted = dev.ignored.last()?;
        if wanted.value != Json::Bool(true) {
            return None;
        }
        let detail = format!("{} is refused by {}", wanted.from, dev.from);
        Some(Fault::new(Code::DevModeOff, detail))
    }
}

/// The administrator's file, key or property list, if it has a fault: what it would have locked cannot be known.
fn untrusted([file, registry, managed]: &[Reading; 3], places: &Places) -> Option<Provenance> {
    let policy = Provenance::of(Layer::Policy);
    let at = |file: &Option<PathBuf>| Provenance {
        file: file.clone(),
        ..policy.clone()
    };
    if !file.problems.is_empty() {
        return Some(at(&places.policy));
    }
    if !managed.problems.is_empty() {
        return Some(at(&places.policy_plist));
    }
    let name = places.policy_key.clone();
    (!registry.problems.is_empty()).then_some(Provenance { name, ..policy })
}

/// What counts of all layers. `untrusted`: what of the administrator's has a fault.
fn settle(layers: &Layers, guest: bool, untrusted: Option<&Provenance>) -> BTreeMap<Key, Settled> {
    let mut settled: BTreeMap<Key, Settled> = Key::ALL
        .iter()
        .filter_map(|key| Some((*key, layers.settle(*key)?)))
        .collect();
    if let Some(refusal) = refusal(&settled, untrusted)
        && let Some(dev) = settled.get_mut(&Key::Dev)
    {
        refuse(dev, refusal);
    }
    let dev = settled
        .get(&Key::Dev)
        .is_some_and(|dev| dev.value == Json::Bool(true));
    let fakes = match (guest, dev) {
        (true, _) => FakeDevices::Only,
        (false, true) => FakeDevices::WhenNone,
        (false, false) => FakeDevices::Off,
    };
    let server = if dev { Values::dev_server() } else { None };
    let defaults = Values {
        fake_devices: Some(fakes),
        server: server.map(values::ServerUrl),
        ..Values::default()
    };
    for (key, value) in defaults.by_key() {
        let unset = settled
            .get(&key)
            .is_none_or(|settled| settled.from.layer == Layer::Default);
        if unset && !value.is_null() {
            settled.insert(key, Settled::by_default(value));
        }
    }
    settled
}

/// Why dev mode is not to be had: what says so, and whether only the administrator changes that.
fn refusal(
    settled: &BTreeMap<Key, Settled>,
    untrusted: Option<&Provenance>,
) -> Option<(Provenance, bool)> {
    if let Some(from) = untrusted {
        return Some((from.clone(), true));
    }
    let allow = settled.get(&Key::AllowDev)?;
    (allow.value == Json::Bool(false)).then(|| (allow.from.clone(), allow.locked))
}

fn refuse(dev: &mut Settled, (from, locked): (Provenance, bool)) {
    let off = dev.value != Json::Bool(true);
    // Who locked dev mode on decides more than who, without a lock, does not allow it.
    if (off || dev.locked) && !locked {
        return;
    }
    let wanted = Candidate {
        value: std::mem::replace(&mut dev.value, Json::Bool(false)),
        from: std::mem::replace(&mut dev.from, from),
    };
    if wanted.value == Json::Bool(true) {
        dev.ignored.push(wanted);
    }
    dev.locked = locked;
}
