//! How the app is set up: defaults, then the administrator's defaults, the user's file, the
//! environment, the command line and a meeting's link, each over the former; what the administrator
//! locks is over all. `docs/decisions/settings-layers.md` says why.
//!
//! It may depend on profiles and on what a token is. It must never know: what is done with a setting.

#![forbid(unsafe_code)]

#[cfg(test)]
mod admx;
mod arguments;
mod beside;
mod environment;
mod explain;
mod file;
mod keys;
mod layers;
pub mod link;
#[cfg(any(target_os = "macos", test))]
mod managed;
mod places;
mod registry;
mod running;
#[cfg(test)]
mod schema;
mod settings;
#[cfg(any(windows, target_os = "macos", test))]
mod stored;
mod user_file;
mod values;

pub use arguments::{Arguments, ConfigArguments, DoctorArguments};
pub use beside::Beside;
pub use environment::{Environment, Signing, SigningPair};
pub use explain::{Explained, Ignored, SettingsReport};
pub use keys::{Applies, Key};
pub use layers::{Candidate, Layer, Provenance, Settled};
pub use places::Places;
pub use running::LiveSettings;
pub use settings::{Settings, Sources};
pub use user_file::UserFile;
pub use values::{FakeDevices, FakeSound, Language, UpdateChannel};

#[cfg(test)]
mod tests;
