//! `./x demo`: a product's story on this machine, or a meeting with a guest.

mod alone;
mod backend;
mod children;
mod input;
mod media_server;
mod pair;
mod round;

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

/// Runs until its windows are closed or Ctrl-C. `alone`: a meeting with a guest instead of the story
/// of two.
pub(crate) fn run(alone: bool) -> Result<()> {
    println!("Building the app (the first time takes some minutes)");
    build::build(Profile::Dev)?;
    let built = Profile::Dev.folder();
    if alone {
        alone::run(&built)
    } else {
        pair::run(&built)
    }
}
