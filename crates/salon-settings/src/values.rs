//! What settings hold, checked where it comes in.

use std::path::{Path, PathBuf};

use salon_base::address::is_loopback;
use salon_base::is_stream_name;
use serde::{Deserialize, Serialize};
use url::Url;

/// Characters of a text.
const LONGEST_TEXT: usize = 200;

/// When fake devices are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
pub enum FakeDevices {
    /// Never.
    #[default]
    Off,
    /// If there is no real one.
    WhenNone,
    /// After the real ones.
    Also,
    /// Instead of the real ones.
    Only,
}

/// What the fake microphone gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
pub enum FakeSound {
    /// 440 Hz at -20 dBFS.
    #[default]
    Tone,
    /// The rhythm of speech.
    Speech,
}

/// Whose new versions are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
pub enum UpdateChannel {
    /// What everybody gets.
    #[default]
    Stable,
    /// What is tried out first.
    Beta,
}

/// What the app speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// The first of the system's languages that there is, or English.
    #[default]
    System,
    /// English.
    En,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic.
    Ar,
}

impl Language {
    /// As catalogues are called; none: the system says which.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::En => Some("en"),
            Self::Fr => Some("fr"),
            Self::Es => Some("es"),
            Self::Ar => Some("ar"),
        }
    }
}

impl UpdateChannel {
    /// As the files of new versions name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Beta => "beta",
        }
    }
}

/// One line of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(inline, extend("minLength" = 1, "maxLength" = 200))
)]
#[serde(try_from = "String")]
pub(super) struct PlainText(pub(super) String);

impl TryFrom<String> for PlainText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = !text.trim().is_empty()
            && text.chars().count() <= LONGEST_TEXT
            && !text.chars().any(char::is_control);
        fits.then_some(Self(text)).ok_or("no line of text")
    }
}

/// Where a backend is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(inline, extend("format" = "uri", "pattern" = "^https?://"))
)]
#[serde(try_from = "String")]
pub(super) struct BackendUrl(#[cfg_attr(test, schemars(with = "String"))] pub(super) Url);

impl TryFrom<String> for BackendUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = without_password(&text)?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            _ => Err("another scheme"),
        }
    }
}

/// Where the media server is. Whether it may be reached unencrypted is up to the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(inline, extend("format" = "uri", "pattern" = "^wss?://"))
)]
#[serde(try_from = "String")]
pub(super) struct ServerUrl(#[cfg_attr(test, schemars(with = "String"))] pub(super) Url);

impl TryFrom<String> for ServerUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = without_password(&text)?;
        match url.scheme() {
            "wss" | "ws" => Ok(Self(url)),
            _ => Err("another scheme"),
        }
    }
}

/// What Stream names an app or a type of calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(inline, extend("pattern" = "^[A-Za-z0-9_-]{1,64}$"))
)]
#[serde(try_from = "String")]
pub(super) struct StreamName(pub(super) String);

impl TryFrom<String> for StreamName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        is_stream_name(&text).then_some(Self(text)).ok_or("no name")
    }
}

/// Where Stream's coordinator is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(inline, extend("format" = "uri", "pattern" = "^https?://"))
)]
#[serde(try_from = "String")]
pub(super) struct StreamUrl(#[cfg_attr(test, schemars(with = "String"))] pub(super) Url);

impl TryFrom<String> for StreamUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let BackendUrl(url) = text.try_into()?;
        let bare = url.query().is_none() && url.fragment().is_none();
        bare.then_some(Self(url)).ok_or("with a query")
    }
}

/// An address that can be shown: settings are no place for secrets.
fn without_password(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "no address")?;
    let bare = url.username().is_empty() && url.password().is_none() && url.has_host();
    bare.then_some(url).ok_or("with a password")
}

/// The whole path of a folder, which need not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(try_from = "String")]
pub(super) struct Folder(pub(super) PathBuf);

impl TryFrom<String> for Folder {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let whole = Path::new(&text).is_absolute() && !text.contains('\0');
        whole
            .then(|| Self(PathBuf::from(text)))
            .ok_or("no whole path")
    }
}
