//! Flags and environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use reference_backend::{Config, LiveKit, SigningKey, StreamApp};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Reference backend of Salon.
#[derive(Debug, Parser)]
#[command(name = "salon-backend", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve. Prints its URL once it listens.
    Serve(Box<Serve>),
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Keys that sign access tokens.
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account; the password is the first line of standard input. Prints the id.
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// What your product calls this account; made up if not given.
        #[arg(long)]
        id: Option<String>,
        #[arg(
            long,
            env = "SALON_BACKEND_DATABASE",
            default_value = "salon-backend.sqlite3"
        )]
        database: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Print a new key. Put it in front of those in SALON_BACKEND_SIGNING_KEYS.
    New,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port.
    #[arg(long, env = "SALON_BACKEND_LISTEN", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The SQLite file.
    #[arg(
        long,
        env = "SALON_BACKEND_DATABASE",
        default_value = "salon-backend.sqlite3"
    )]
    database: PathBuf,
    /// How the world reaches it; https unless loopback.
    #[arg(long, env = "SALON_BACKEND_PUBLIC_URL")]
    public_url: Option<Url>,
    /// Keys for access tokens, as `key new` prints them, separated by commas: the first signs,
    /// all are accepted. With --demo a new one each time if there is none.
    #[arg(long, env = "SALON_BACKEND_SIGNING_KEYS", hide_env_values = true)]
    signing_keys: Option<SecretString>,
    /// The media server, ws:// or wss://.
    #[arg(long, env = "LIVEKIT_URL")]
    livekit_url: Option<Url>,
    #[arg(long, env = "LIVEKIT_API_KEY")]
    livekit_key: Option<String>,
    /// Better in the environment than in the process list.
    #[arg(long, env = "LIVEKIT_API_SECRET", hide_env_values = true)]
    livekit_secret: Option<SecretString>,
    #[arg(long, env = "STREAM_API_KEY", requires = "stream_secret")]
    stream_key: Option<String>,
    /// Better in the environment than in the process list.
    #[arg(long, env = "STREAM_API_SECRET", hide_env_values = true)]
    stream_secret: Option<SecretString>,
    /// How long an access token lasts, in seconds; up to a day.
    #[arg(
        long,
        env = "SALON_BACKEND_ACCESS_SECONDS",
        default_value_t = 600,
        value_parser = clap::value_parser!(u32).range(60..=86_400)
    )]
    access_seconds: u32,
    /// Believe the last address of X-Forwarded-For; only behind a proxy that sets it.
    #[arg(long, env = "SALON_BACKEND_TRUST_FORWARDED_FOR")]
    trust_forwarded_for: bool,
    /// Have browsers ask for every host below the public URL's by HTTPS, too (HSTS includeSubDomains).
    #[arg(long, env = "SALON_BACKEND_HSTS_INCLUDE_SUBDOMAINS")]
    hsts_include_subdomains: bool,
    /// Two accounts with known passwords and an offer to accept. Loopback only. LiveKit is that of
    /// `livekit-server --dev` unless told otherwise.
    #[arg(long)]
    demo: bool,
}

/// Where `livekit-server --dev` listens.
const DEV_LIVEKIT: &str = "ws://127.0.0.1:7880";

impl Serve {
    pub(crate) fn config(self) -> Result<Config, Box<dyn std::error::Error>> {
        let mut config = Config::loopback(self.database);
        config.listen = self.listen;
        config.public_url = self.public_url;
        config.trust_forwarded_for = self.trust_forwarded_for;
        config.hsts_include_subdomains = self.hsts_include_subdomains;
        config.demo = self.demo;
        config.lifetimes.access = Duration::from_secs(self.access_seconds.into());
        let dev = if self.demo {
            Some(DEV_LIVEKIT.parse()?)
        } else {
            None
        };
        config.livekit = match (
            self.livekit_url.or(dev),
            self.livekit_key,
            self.livekit_secret,
        ) {
            (Some(url), Some(key), Some(secret)) => Some(LiveKit { url, key, secret }),
            (Some(url), None, None) if self.demo => Some(
                LiveKit::published(url).ok_or("LiveKit's published pair is for loopback only")?,
            ),
            (None, None, None) => None,
            _ => {
                return Err(
                    "LiveKit's URL, key and secret are given together or not at all".into(),
                );
            }
        };
        if let (Some(key), Some(secret)) = (self.stream_key, self.stream_secret) {
            config.stream = Some(StreamApp { key, secret });
        }
        match self.signing_keys {
            Some(keys) => config.signing_keys = signing_keys(&keys)?,
            // One that is forgotten is as good as none where sign-ins are to last.
            None if !self.demo => config.signing_keys.clear(),
            None => {}
        }
        Ok(config)
    }
}

fn signing_keys(
    text: &SecretString,
) -> Result<Vec<SigningKey>, reference_backend::SigningKeyProblem> {
    text.expose_secret()
        .split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .map(str::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::builder::Resettable;
    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::*;

    /// Of the arguments alone, whatever is in the environment of whoever runs the tests.
    fn access(seconds: Option<&str>) -> Option<Duration> {
        let mut arguments = vec!["salon-backend", "serve", "--demo"];
        arguments.extend(
            seconds
                .iter()
                .flat_map(|seconds| ["--access-seconds", seconds]),
        );
        let command = Cli::command().mut_subcommand("serve", |serve| {
            serve.mut_args(|one| one.env(Resettable::Reset))
        });
        let matches = command.try_get_matches_from(arguments).ok()?;
        let Command::Serve(serve) = Cli::from_arg_matches(&matches).ok()?.command else {
            panic!("that is serve");
        };
        Some(serve.config().unwrap().lifetimes.access)
    }

    #[test]
    fn an_access_token_lasts_from_a_minute_to_a_day() {
        assert_eq!(access(None), Some(Config::loopback("").lifetimes.access));
        for seconds in [60, 3600, 86_400] {
            let asked = access(Some(&seconds.to_string()));
            assert_eq!(asked, Some(Duration::from_secs(seconds)));
        }
        for wrong in ["0", "59", "86401", "-60", "ten", "600s", ""] {
            assert_eq!(access(Some(wrong)), None, "{wrong}");
        }
    }
}
