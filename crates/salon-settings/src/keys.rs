//! The settings by name: what each is for, what it may hold, and when a change of it counts.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use url::Url;

use super::values::{
    BackendUrl, FakeDevices, FakeSound, Folder, Language, PlainText, ServerUrl, StreamName,
    StreamUrl, UpdateChannel,
};

/// Stream's own names for the same. The key alone says whose app it is, in dev mode or not.
pub(crate) const STREAM_KEY: &str = "STREAM_API_KEY";

/// How a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Count,
    /// One line.
    Text,
    /// One of a few words; the one that an option without any means, if it may stand alone.
    Choice(Option<&'static str>),
    /// A list of folders.
    Folders,
}

/// When a change counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
pub enum Applies {
    /// At once.
    Now,
    /// When the app is started the next time.
    Restart,
}

/// Who may change a setting in the user's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangedIn {
    /// The app's page, or an editor.
    App,
    /// An editor: the page is not trusted with it.
    File,
}

/// One table for the names, the types, the schema and the help.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+
       $variant:ident $name:ident: $type:ty = ($shape:expr, $applies:ident, $changed:ident);)+) => {
        /// The name of a setting.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
        )]
        #[serde(rename_all = "snake_case")]
        #[ts(rename = "SettingKey")]
        pub enum Key {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Key {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As files name it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)+
                }
            }

            /// What it is for, in a sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }

            /// When a change counts.
            pub fn applies(self) -> Applies {
                match self {
                    $(Self::$variant => Applies::$applies,)+
                }
            }

            /// Whether the page may change it; the others are changed with an editor.
            pub fn is_changed_in_app(self) -> bool {
                match self {
                    $(Self::$variant => ChangedIn::$changed == ChangedIn::App,)+
                }
            }

            pub(super) fn shape(self) -> Shape {
                match self {
                    $(Self::$variant => $shape,)+
                }
            }
        }

        /// What a file, or all layers together, say.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct Values {
            $($(#[doc = $doc])+ pub(super) $name: Option<$type>,)+
        }
    };
}

settings! {
    /// Name of the backend profile that meetings come from.
    Profile profile: PlainText = (Shape::Text, Restart, File);
    /// Address of the backend that hands out tokens: https, or http on this computer.
    Backend backend: BackendUrl = (Shape::Text, Restart, File);
    /// Address of the media server: wss, or ws on this computer.
    Server server: ServerUrl = (Shape::Text, Restart, File);
    /// API key of the Stream app that calls are of: public, and no secret.
    StreamApiKey stream_api_key: StreamName = (Shape::Text, Restart, File);
    /// Type of Stream calls, such as default or livestream.
    StreamCallType stream_call_type: StreamName = (Shape::Text, Restart, File);
    /// Address of Stream's coordinator, if it is not Stream's own: https, or in dev mode http on this
    /// computer.
    StreamUrl stream_url: StreamUrl = (Shape::Text, Restart, File);
    /// Sign tokens on this computer, for trying things out.
    Dev dev: bool = (Shape::Switch, Restart, File);
    /// Whether dev mode may be switched on at all.
    AllowDev allow_dev: bool = (Shape::Switch, Restart, File);
    /// Your name in meetings.
    Name name: PlainText = (Shape::Text, Now, App);
    /// Ring when a meeting begins.
    Ringtone ringtone: bool = (Shape::Switch, Now, App);
    /// Tell of meetings with the system's notifications.
    Notifications notifications: bool = (Shape::Switch, Now, App);
    /// Remember past meetings on this computer.
    History history: bool = (Shape::Switch, Now, App);
    /// Days after which a past meeting is forgotten; 0: never.
    HistoryDays history_days: u32 = (Shape::Count, Now, App);
    /// Closing the window leaves the app in the tray, ringing, while somebody is signed in.
    CloseToTray close_to_tray: bool = (Shape::Switch, Now, App);
    /// Begin with the microphone switched off.
    StartMuted start_muted: bool = (Shape::Switch, Now, App);
    /// Begin with the camera switched off.
    StartCameraOff start_camera_off: bool = (Shape::Switch, Now, App);
    /// Close the microphone while muted.
    CloseWhenMuted close_when_muted: bool = (Shape::Switch, Now, App);
    /// Take what the loudspeaker plays out of what the microphone hears.
    EchoCancellation echo_cancellation: bool = (Shape::Switch, Now, App);
    /// Make steady noise around the microphone quieter.
    NoiseSuppression noise_suppression: bool = (Shape::Switch, Now, App);
    /// Keep your voice at an even loudness.
    AutoGainControl auto_gain_control: bool = (Shape::Switch, Now, App);
    /// Offer a fake camera and microphone: off, when-none, also or only.
    FakeDevices fake_devices: FakeDevices = (Shape::Choice(Some("also")), Restart, File);
    /// What the fake microphone gives: tone or speech.
    FakeSound fake_sound: FakeSound = (Shape::Choice(None), Restart, File);
    /// More folders with files of backend profiles.
    ProfileFolders profile_folders: Vec<Folder> = (Shape::Folders, Restart, File);
    /// Install new versions; where the system's packages do that, it is theirs.
    Updates updates: bool = (Shape::Switch, Now, App);
    /// Tell when a new version has been installed.
    UpdateNotice update_notice: bool = (Shape::Switch, Now, App);
    /// Whose new versions are taken: stable or beta.
    UpdateChannel update_channel: UpdateChannel = (Shape::Choice(None), Now, File);
    /// Days after its publication that a new version is left to others.
    UpdateDelayDays update_delay_days: u32 = (Shape::Count, Now, File);
    /// Address of the folder with new versions, if they are not fetched from who makes the app: https,
    /// or http on this computer.
    UpdateUrl update_url: BackendUrl = (Shape::Text, Now, File);
    /// Language of the app: system, en, fr, es or ar.
    Language language: Language = (Shape::Choice(None), Now, App);
}

impl Key {
    /// The setting of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// Whether it decides which new versions are installed. Where it cannot be read, none is.
    pub(crate) fn is_of_updates(self) -> bool {
        matches!(
            self,
            Self::Updates | Self::UpdateChannel | Self::UpdateDelayDays | Self::UpdateUrl
        )
    }

    /// As the command line names it, without the dashes in front.
    pub fn flag(self) -> String {
        self.name().replace('_', "-")
    }

    /// As the environment names it.
    pub fn variable(self) -> String {
        format!("SALON_{}", self.name().to_ascii_uppercase())
    }

    /// What others call the same in the environment; it counts where Salon's own name is not set.
    pub(super) fn other_variable(self) -> Option<&'static str> {
        (self == Self::StreamApiKey).then_some(STREAM_KEY)
    }

    /// What it has to be, to follow its name in a sentence. Says nothing of what it was: that may
    /// be a secret in the wrong place.
    pub fn must_be(self) -> &'static str {
        match self {
            Self::Backend | Self::UpdateUrl => {
                "must be an https address, or http on this computer, without user and password"
            }
            Self::Server => "must be a wss or ws address without user and password",
            Self::StreamApiKey | Self::StreamCallType => {
                "must be 1 to 64 of the characters a-z, A-Z, 0-9, \"-\" and \"_\""
            }
            Self::StreamUrl => {
                "must be an https address, or http on this computer, without user, password and query"
            }
            Self::FakeDevices => "must be off, when-none, also or only",
            Self::FakeSound => "must be tone or speech",
            Self::UpdateChannel => "must be stable or beta",
            Self::Language => "must be system, en, fr, es or ar",
            _ => match self.shape() {
                Shape::Switch => "must be true or false",
                Shape::Count => "must be a whole number, 0 or more",
                Shape::Folders => "must be a list of whole paths of folders",
                Shape::Text | Shape::Choice(_) => {
                    "must be one line of text, at most 200 characters, and not empty"
                }
            },
        }
    }

    /// The value in the form that it is kept in.
    ///
    /// # Errors
    /// What it has to be.
    pub fn check(self, value: &Json) -> Result<Json, &'static str> {
        // None of them can be absent; "null" would be taken for that.
        if value.is_null() {
            return Err(self.must_be());
        }
        let mut single = serde_json::Map::new();
        single.insert(self.name().to_owned(), value.clone());
        let values: Values =
            serde_json::from_value(Json::Object(single)).map_err(|_| self.must_be())?;
        match serde_json::to_value(values) {
            Ok(Json::Object(mut all)) => all.remove(self.name()).ok_or(self.must_be()),
            _ => Err(self.must_be()),
        }
    }

    /// The value of a text, as the environment and the command line have it.
    ///
    /// # Errors
    /// What it has to be.
    pub fn read(self, text: &str) -> Result<Json, &'static str> {
        let value = match self.shape() {
            Shape::Switch => Json::Bool(switch(text).ok_or(self.must_be())?),
            Shape::Count => Json::from(text.trim().parse::<u32>().map_err(|_| self.must_be())?),
            Shape::Text | Shape::Choice(_) => Json::from(text),
            Shape::Folders => {
                let folders: Option<Vec<String>> = std::env::split_paths(text)
                    .filter(|folder| !folder.as_os_str().is_empty())
                    .map(whole_path)
                    .collect();
                Json::from(folders.ok_or(self.must_be())?)
            }
        };
        self.check(&value)
    }
}

/// The path from the root, as the user of a shell means it.
fn whole_path(folder: PathBuf) -> Option<String> {
    std::path::absolute(folder)
        .ok()?
        .into_os_string()
        .into_string()
        .ok()
}

/// The words for yes and no that command lines know.
fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "on" | "t" | "true" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

impl Values {
    /// What holds where nobody says anything. What depends on dev mode is added later.
    pub(super) fn defaults() -> Self {
        Self {
            dev: Some(false),
            allow_dev: Some(true),
            ringtone: Some(true),
            notifications: Some(true),
            history: Some(true),
            history_days: Some(365),
            close_to_tray: Some(false),
            start_muted: Some(false),
            start_camera_off: Some(false),
            close_when_muted: Some(false),
            echo_cancellation: Some(true),
            noise_suppression: Some(true),
            auto_gain_control: Some(true),
            fake_sound: Some(FakeSound::Tone),
            profile_folders: Some(Vec::new()),
            updates: Some(true),
            update_notice: Some(true),
            update_channel: Some(UpdateChannel::Stable),
            update_delay_days: Some(0),
            language: Some(Language::System),
            ..Self::default()
        }
    }

    /// By name; what is not set is null.
    pub(super) fn by_key(&self) -> Vec<(Key, Json)> {
        let all = serde_json::to_value(self).unwrap_or_default();
        let value = |key: Key| all.get(key.name()).cloned().unwrap_or_default();
        Key::ALL.iter().map(|key| (*key, value(*key))).collect()
    }

    /// LiveKit's own address in dev mode.
    pub(super) fn dev_server() -> Option<Url> {
        Url::parse("ws://127.0.0.1:7880/").ok()
    }
}
