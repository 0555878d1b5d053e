//! `./x demo`: a product's story on this machine, or a meeting with a guest.

mod alone;
mod backend;
mod calls;
mod children;
mod input;
mod media_server;
mod pair;
mod round;
mod stream;

use anyhow::{Result, bail};

use crate::build::{self, Profile};

/// Says that windows cannot be opened here, before anything is built for them.
pub(crate) fn check_display() -> Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        bail!(
            "the demo opens windows, and there is no display: neither DISPLAY nor WAYLAND_DISPLAY \
             is set. Start it from a terminal of a desktop, or with a display made up: \
             xvfb-run ./x demo"
        );
    }
    Ok(())
}

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Play {
    /// The story of two, whose calls are LiveKit's.
    Story,
    /// The same story, whose calls are Stream's.
    StoryOnStream,
    /// A meeting with a guest.
    Alone,
}

/// Runs until its windows are closed or Ctrl-C.
pub(crate) fn run(play: Play) -> Result<()> {
    println!("Building the app (the first time takes some minutes)");
    build::build(Profile::Dev)?;
    let built = Profile::Dev.folder();
    match play {
        Play::Alone => alone::run(&built),
        Play::Story | Play::StoryOnStream => pair::run(&built, play == Play::StoryOnStream),
    }
}
