//! Who carries the call that is measured: the LiveKit server of the world, or the double of the Stream
//! service.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::ValueEnum;
use reqwest::Url;
use salon_support::StreamDouble;
use salon_support::stream::sfu::{Event, TrackKind};
use salon_support::stream::{Config, Seen};

use crate::host::Host;
use crate::stream;
use crate::token::{SECRET, claims, sign};
use crate::world::{AppOptions, ROOM, World};

/// Of the participant in a browser.
const USER: &str = "ann";

/// As the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Provider {
    /// The LiveKit server.
    Livekit,
    /// The double of the Stream service.
    Stream,
}

/// Whose the test's room is.
#[derive(Debug)]
pub enum Service {
    /// The world's own LiveKit server.
    LiveKit,
    /// A Stream service.
    Stream(StreamDouble),
}

impl Service {
    /// Starts what the world has not.
    ///
    /// # Errors
    /// If it does not start, or the app was built without it.
    pub async fn start(provider: Provider) -> Result<Self> {
        match provider {
            Provider::Livekit => Ok(Self::LiveKit),
            Provider::Stream if !stream::is_sdk_installed() => {
                bail!("Stream's SDK is not installed")
            }
            Provider::Stream => Ok(Self::Stream(StreamDouble::start(Config::default()).await?)),
        }
    }

    /// The app in dev mode with fake devices, at the lobby of the test's room.
    ///
    /// # Errors
    /// If its settings cannot be written.
    pub fn app(&self, world: &World, name: &str) -> Result<AppOptions> {
        match self {
            Self::LiveKit => Ok(AppOptions {
                arguments: world.dev_arguments(name),
                ..AppOptions::default()
            }),
            Self::Stream(double) => stream::dev_app(world, double, name),
        }
    }

    /// Where the same page in a browser is at that lobby.
    ///
    /// # Errors
    /// If no token can be signed.
    pub fn lobby(&self, world: &World, name: &str) -> Result<String> {
        let page = format!("{}/index.html", world.page_url());
        let at = [("room", ROOM), ("name", name), ("screen", "lobby")];
        match self {
            Self::LiveKit => {
                let token = sign(&claims(ROOM, USER), SECRET)?;
                let server = world.server_url();
                let given = [("server", server.as_str()), ("token", &token)];
                Ok(Url::parse_with_params(&page, given.iter().chain(&at))?.into())
            }
            Self::Stream(double) => {
                let token = double.token(USER);
                stream::address(&page, double, (USER, &token), &stream::cid(), &at)
            }
        }
    }

    /// Waits until a participant publishes a camera and a microphone. On Stream: anybody, since the
    /// service knows no names.
    ///
    /// # Errors
    /// If that takes longer than `limit`.
    pub async fn sees(&self, world: &World, name: &str, limit: Duration) -> Result<()> {
        let double = match self {
            Self::LiveKit => return Host::new(world)?.sees(name, limit).await,
            Self::Stream(double) => double,
        };
        let publishes = |seen: &[Seen], kind: TrackKind| {
            let is = |each: &Seen| matches!(each, Seen::Media(Event::Published { track, .. }) if *track == kind);
            seen.iter().any(is)
        };
        let both = |seen: &[Seen]| {
            let kinds = [TrackKind::Audio, TrackKind::Video];
            kinds.into_iter().all(|kind| publishes(seen, kind))
        };
        if tokio::time::timeout(limit, double.wait_until(both))
            .await
            .is_err()
        {
            bail!("nobody publishes anything");
        }
        Ok(())
    }
}
