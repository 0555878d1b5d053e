//! `./x demo`: a product's story on this machine, or a meeting with a guest.

mod alone;
mod backend;
mod children;
mod input;
mod media_server;
mod pair;
mod round;

use std::path::PathBuf;

use anyhow::Result;

use crate::checks::{build_page, target};
use crate::process::{self, command};

/// Which demo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demo {
    /// A meeting with a guest instead of the story of two.
    pub(crate) alone: bool,
    /// Programs that are built quickly and run slowly.
    pub(crate) debug_build: bool,
}

impl Demo {
    /// Runs until its windows are closed or Ctrl-C.
    pub(crate) fn run(self) -> Result<()> {
        println!("Building the page");
        build_page()?;
        if self.alone {
            return alone::run(&self.build(&["salon"])?);
        }
        pair::run(&self.build(&["salon", "salon-backend"])?)
    }

    /// The folder with what has been built.
    fn build(self, packages: &[&str]) -> Result<PathBuf> {
        println!("Building the app (the first time takes some minutes)");
        let mut cargo = command("cargo");
        cargo.arg("build");
        if !self.debug_build {
            cargo.arg("--release");
        }
        for package in packages {
            cargo.args(["--package", package]);
        }
        process::run(&mut cargo)?;
        let profile = if self.debug_build { "debug" } else { "release" };
        Ok(target().join(profile))
    }
}
