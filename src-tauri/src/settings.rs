//! How the app was started: defaults, overridden by the environment, by the command line, and by
//! the link.

use clap::{Parser, Subcommand, ValueEnum};
use secrecy::SecretString;
use url::Url;

/// When fake devices are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FakeDevices {
    /// Never.
    Off,
    /// If there is no real one.
    WhenNone,
    /// After the real ones.
    Also,
    /// Instead of the real ones.
    Only,
}

/// What the fake microphone gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FakeSound {
    /// 440 Hz at -20 dBFS.
    Tone,
    /// The rhythm of speech.
    Speech,
}

/// Join meetings.
#[derive(Debug, Parser)]
#[command(name = "salon", version, args_conflicts_with_subcommands = false)]
pub struct Arguments {
    /// A meeting link, or the name of a room.
    link: Option<String>,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Join a room with a fake camera and microphone and without a window; ends with standard
    /// input.
    Guest,
    /// Say what a token allows and what is wrong with it.
    Doctor(DoctorArguments),
}

/// What the doctor is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArguments {
    /// A file with the token; "-" is standard input.
    #[arg(long)]
    pub token: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The kind of token that is wanted; by default what it seems to be.
    #[arg(long)]
    pub kind: Option<crate::token::doctor::Kind>,
    /// The identity that it should be for.
    #[arg(long)]
    pub identity: Option<String>,
}

impl Arguments {
    /// What the doctor is asked, if it is asked.
    pub fn doctor(&self) -> Option<(DoctorArguments, Option<String>)> {
        match &self.command {
            Some(Command::Doctor(arguments)) => {
                Some((arguments.clone(), self.options.room.clone()))
            }
            _ => None,
        }
    }
}

#[derive(Debug, clap::Args)]
struct Options {
    /// Sign tokens on this computer, for trying things out.
    #[arg(long, env = "SALON_DEV", global = true, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "false",
          value_parser = clap::builder::BoolishValueParser::new())]
    dev: bool,
    /// The media server.
    #[arg(long, env = "SALON_SERVER", global = true)]
    server: Option<Url>,
    /// The backend that hands out tokens.
    #[arg(long, env = "SALON_BACKEND", global = true)]
    backend: Option<Url>,
    /// The backend's profile.
    #[arg(long, env = "SALON_PROFILE", global = true)]
    profile: Option<String>,
    /// The room to open.
    #[arg(long, global = true)]
    room: Option<String>,
    /// Your name in meetings.
    #[arg(long, global = true)]
    name: Option<String>,
    /// Begin at the device preview of the room.
    #[arg(long, global = true)]
    lobby: bool,
    /// Offer a fake camera and microphone.
    #[arg(long, env = "SALON_FAKE_DEVICES", global = true, num_args = 0..=1,
          require_equals = true, default_missing_value = "also")]
    fake_devices: Option<FakeDevices>,
    /// What the fake microphone gives.
    #[arg(long, global = true, default_value = "tone")]
    fake_sound: FakeSound,
}

/// The settings in force.
#[derive(Debug)]
pub struct Settings {
    /// Tokens may be signed here.
    pub dev: bool,
    /// Media server.
    pub server: Option<Url>,
    /// The backend's address.
    pub backend: Option<Url>,
    /// The name of its profile; absent: [`DEFAULT_PROFILE`].
    pub profile: Option<String>,
    /// The user's bearer token there.
    pub backend_token: Option<SecretString>,
    /// Link or room to open.
    pub open: Option<String>,
    /// The user's name.
    pub name: Option<String>,
    /// Begin at the device preview.
    pub lobby: bool,
    /// Join at once, without a window.
    pub guest: bool,
    /// Fake camera and microphone.
    pub fake_devices: FakeDevices,
    /// Sound of the fake microphone.
    pub fake_sound: FakeSound,
}

/// The profile of a backend that is set without one.
pub const DEFAULT_PROFILE: &str = "livekit-meetings";

/// LiveKit's own address in dev mode.
const DEV_SERVER: &str = "ws://127.0.0.1:7880/";

impl From<Arguments> for Settings {
    fn from(arguments: Arguments) -> Self {
        let Arguments {
            link,
            options,
            command,
        } = arguments;
        let guest = matches!(command, Some(Command::Guest));
        let default_server = || options.dev.then(|| Url::parse(DEV_SERVER).ok()).flatten();
        let default_fakes = match (guest, options.dev) {
            (true, _) => FakeDevices::Only,
            (false, true) => FakeDevices::WhenNone,
            (false, false) => FakeDevices::Off,
        };
        Self {
            server: options.server.or_else(default_server),
            backend: options.backend,
            profile: options.profile,
            // Only from the environment: command lines are public.
            backend_token: std::env::var("SALON_BACKEND_TOKEN")
                .ok()
                .map(SecretString::from),
            open: link.or(options.room),
            name: options.name,
            lobby: options.lobby,
            guest,
            fake_devices: options.fake_devices.unwrap_or(default_fakes),
            fake_sound: options.fake_sound,
            dev: options.dev,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: &[&str]) -> Settings {
        let arguments = std::iter::once(&"salon").chain(arguments);
        Settings::from(Arguments::try_parse_from(arguments).unwrap())
    }

    #[test]
    fn dev_mode_brings_a_server_and_fakes_for_what_is_missing() {
        let settings = settings(&["--dev", "--room", "demo", "--lobby"]);
        assert!(settings.dev && settings.lobby && !settings.guest);
        assert_eq!(settings.open.as_deref(), Some("demo"));
        assert_eq!(settings.server.unwrap().as_str(), DEV_SERVER);
        assert_eq!(settings.fake_devices, FakeDevices::WhenNone);
    }

    #[test]
    fn outside_dev_mode_there_is_neither() {
        let settings = settings(&["salon://join?room=x"]);
        assert!(!settings.dev && settings.server.is_none());
        assert_eq!(settings.fake_devices, FakeDevices::Off);
    }

    #[test]
    fn the_guest_takes_the_same_options() {
        let settings = settings(&["guest", "--dev", "--room", "demo", "--name", "Guest"]);
        assert!(settings.guest);
        assert_eq!(settings.fake_devices, FakeDevices::Only);
        assert_eq!(settings.name.as_deref(), Some("Guest"));
    }
}
