//! The command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{Arg, ArgAction, ArgMatches, Args, Command as Program, FromArgMatches};
use clap::{Parser, Subcommand};
use salon_token::doctor::Kind;
use serde_json::Value as Json;

use super::Key;
use super::beside::Beside;
use super::keys::Shape;

/// Join meetings.
#[derive(Clone, Debug, Default, Parser)]
#[command(
    name = salon_product::PROGRAM,
    version,
    args_conflicts_with_subcommands = false,
    after_help = "What can be set here can also be set in the environment, \
                  as SALON_DEV or SALON_FAKE_DEVICES, or in files: see the command `config`."
)]
pub struct Arguments {
    /// A meeting link, or the name of a room.
    pub(super) link: Option<String>,
    #[command(flatten)]
    pub(super) options: Options,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    /// Join a room with a fake camera and microphone and without a window; ends with standard
    /// input.
    Guest,
    /// Say what a token allows and what is wrong with it; without --token, try the way into a
    /// meeting step by step, as --profile and --backend say.
    Doctor(DoctorArguments),
    /// Say what is set and where from. Ends with 2 if a file has a fault.
    Config(ConfigArguments),
    /// Look for a new version now, and install it. Ends with 1 if that failed, or if somebody else keeps
    /// this copy up to date.
    Update,
}

/// What the doctor is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArguments {
    /// A file with the token; "-" is standard input.
    #[arg(long)]
    pub token: Option<String>,
    /// The meeting session to ask for a token for.
    #[arg(long, conflicts_with = "token")]
    pub session: Option<String>,
    /// The port at which the media server answers STUN.
    #[arg(long, default_value_t = 3478, value_name = "PORT")]
    pub stun_port: u16,
    /// The media server's port for ICE over TCP.
    #[arg(long, default_value_t = 7881, value_name = "PORT")]
    pub tcp_port: u16,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The kind of token that is wanted; by default what it seems to be.
    #[arg(long, value_parser = PossibleValuesParser::new(["livekit", "stream"]).map(kind))]
    pub kind: Option<Kind>,
    /// The identity that it should be for.
    #[arg(long)]
    pub identity: Option<String>,
}

/// What is asked about the settings.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigArguments {
    /// Print each setting, its value and where it comes from. So without any option, too.
    #[arg(long)]
    pub show: bool,
    /// Print the paths of files and folders instead.
    #[arg(long, conflicts_with = "show")]
    pub path: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print them as they are in the meeting of this link.
    #[arg(value_name = "LINK")]
    meeting: Option<String>,
}

impl Arguments {
    /// The link or room to open.
    pub fn asked_to_open(self) -> Option<String> {
        self.link.or(self.options.room)
    }

    /// What the doctor is asked, if it is asked.
    pub fn doctor(&self) -> Option<(DoctorArguments, Option<String>)> {
        match &self.command {
            Some(Command::Doctor(arguments)) => {
                Some((arguments.clone(), self.options.room.clone()))
            }
            _ => None,
        }
    }

    /// What is asked about the settings, if anything, and the link it is asked for.
    pub fn config(&self) -> Option<(ConfigArguments, Option<String>)> {
        match &self.command {
            Some(Command::Config(arguments)) => {
                let link = arguments.meeting.clone().or_else(|| self.link.clone());
                Some((arguments.clone(), link))
            }
            _ => None,
        }
    }

    /// Whether a new version is asked for.
    pub fn is_update(&self) -> bool {
        matches!(self.command, Some(Command::Update))
    }

    /// The folder of its own, if it has one.
    pub fn beside(&self) -> Option<Beside> {
        self.options.beside.clone().map(Beside::new)
    }

    pub(super) fn is_guest(&self) -> bool {
        matches!(self.command, Some(Command::Guest))
    }
}

/// The options that any command takes: one for each setting, and what to open.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) settings: BTreeMap<Key, Json>,
    /// The room to open.
    pub(super) room: Option<String>,
    /// Begin at the device preview of the room.
    pub(super) lobby: bool,
    /// The folder of one that runs beside others.
    pub(super) beside: Option<PathBuf>,
}

impl Args for Options {
    fn augment_args(program: Program) -> Program {
        let room = Arg::new("room")
            .long("room")
            .help("The room to open")
            .global(true);
        let lobby = Arg::new("lobby")
            .long("lobby")
            .help("Begin at the device preview of the room")
            .action(ArgAction::SetTrue)
            .global(true);
        let beside = Arg::new("beside")
            .long("beside")
            .value_name("FOLDER")
            .help(
                "Run beside one that runs already, with settings, history and logs in this \
                 folder. A sign-in is forgotten at the end",
            )
            .value_parser(PathBufValueParser::new().try_map(std::path::absolute))
            .global(true);
        Key::ALL
            .iter()
            .fold(program, |program, key| program.arg(option(*key)))
            .arg(room)
            .arg(lobby)
            .arg(beside)
    }

    fn augment_args_for_update(program: Program) -> Program {
        Self::augment_args(program)
    }
}

impl FromArgMatches for Options {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut options = Self::default();
        options.update_from_arg_matches(matches)?;
        Ok(options)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for key in Key::ALL {
            let given: Vec<&Json> = matches
                .try_get_many(key.name())
                .ok()
                .flatten()
                .into_iter()
                .flatten()
                .collect();
            let value = match (given.as_slice(), key.shape()) {
                ([], _) => continue,
                // Each option may bring several folders.
                (several, Shape::Folders) => {
                    let folders = several.iter().filter_map(|list| list.as_array());
                    folders.flatten().cloned().collect()
                }
                ([.., last], _) => (*last).clone(),
            };
            self.settings.insert(*key, value);
        }
        self.room = matches.get_one("room").cloned();
        self.lobby = matches.get_flag("lobby");
        self.beside = matches.get_one("beside").cloned();
        Ok(())
    }
}

fn kind(word: String) -> Kind {
    if word == "stream" {
        Kind::Stream
    } else {
        Kind::Livekit
    }
}

fn option(key: Key) -> Arg {
    let read = clap::builder::StringValueParser::new().try_map(move |text| key.read(&text));
    let option = Arg::new(key.name())
        .long(key.flag())
        .help(key.about().trim_end_matches('.'))
        .value_name(match key.shape() {
            Shape::Switch => "true|false",
            Shape::Count => "NUMBER",
            Shape::Text => "TEXT",
            Shape::Choice(_) => "WORD",
            Shape::Folders => "FOLDERS",
        })
        .value_parser(read)
        .global(true);
    // An option that may stand alone takes its value after "=" only: what follows may be a link.
    let alone = |word: &'static str| {
        option
            .clone()
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value(word)
    };
    match key.shape() {
        Shape::Switch => alone("true"),
        Shape::Choice(Some(word)) => alone(word),
        Shape::Folders => option.action(ArgAction::Append),
        Shape::Choice(None) | Shape::Count | Shape::Text => option,
    }
}
