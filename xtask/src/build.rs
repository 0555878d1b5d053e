//! What is built, and how: always the whole workspace in one go, so that cargo resolves features once
//! and tests, end-to-end checks and the demo share what was compiled (docs/decisions/one-build.md).

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process::{command, root, run};

/// What whoever builds may have in their environment, and nobody is to find in what was built.
const SECRETS: [&str; 3] = [
    "LIVEKIT_API_SECRET",
    "SALON_BACKEND_TOKEN",
    "STREAM_API_SECRET",
];
/// What everything is built with in their place; the end-to-end checks look for it.
pub(crate) const PLANTED: &str = "planted-while-building-c41e";
/// The variable that tells those checks.
pub(crate) const BUILT_WITH: &str = "BUILT_WITH";
/// What the page is made of, in `ui/`.
const PAGE: [&str; 8] = [
    "src",
    "public",
    "index.html",
    "guest.html",
    "package-lock.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
];

/// How a program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quickly; media code is optimised all the same. For everything but measurements.
    Dev,
    /// As fast as it runs. For measurements.
    Release,
}

impl Profile {
    /// The folder with what has been built.
    pub(crate) fn folder(self) -> PathBuf {
        target().join(match self {
            Self::Dev => "debug",
            Self::Release => "release",
        })
    }
}

/// `cargo`, with planted secrets.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command("cargo");
    cargo
        .args(arguments)
        .envs(SECRETS.map(|name| (name, PLANTED)));
    cargo
}

/// A script of a `package.json`, with planted secrets.
pub(crate) fn npm_command(folder: &Path, script: &str) -> Command {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut npm = command(npm);
    npm.args(["run", "--silent", script])
        .envs(SECRETS.map(|name| (name, PLANTED)))
        .current_dir(root().join(folder));
    npm
}

/// Builds all programs.
pub(crate) fn build(profile: Profile) -> Result<()> {
    page()?;
    let mut build = cargo(&["build", "--workspace"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    run(&mut build)
}

/// Builds the app as it is shipped, and nothing else: with its own features only, and without the places where
/// this machine has its sources. The program is the answer.
pub(crate) fn shipped() -> Result<PathBuf> {
    page()?;
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let places = [(Some(root()), "/salon"), (home, "/cargo")];
    let places = places
        .iter()
        .filter_map(|(from, to)| Some((from.as_ref()?.display(), to)));
    let (mut rust, mut c) = (
        vec!["-Clink-arg=-Wl,--build-id=sha1".to_owned()],
        Vec::new(),
    );
    for (from, to) in places {
        rust.push(format!("--remap-path-prefix={from}={to}"));
        c.push(format!("-ffile-prefix-map={from}={to}"));
    }
    let mut build = cargo(&[
        "build",
        "--locked",
        "--profile",
        "dist",
        "--package",
        "salon",
        "--bin",
        "salon",
    ]);
    build
        .env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}"))
        .env("CFLAGS", c.join(" "))
        .env("CXXFLAGS", c.join(" "));
    run(&mut build)?;
    Ok(target().join("dist/salon"))
}

/// Builds the page, if its sources changed: the app has it inside, and is compiled again whenever it
/// was written.
pub(crate) fn page() -> Result<()> {
    let folder = root().join("ui");
    let stamp = folder.join("node_modules/.salon-page");
    let state = state(&folder)?;
    let built = std::fs::read_to_string(&stamp).is_ok_and(|built| built == state);
    if built && folder.join("dist/index.html").is_file() {
        return Ok(());
    }
    run(&mut npm_command(&folder, "build"))?;
    Ok(std::fs::write(stamp, state)?)
}

/// Differs whenever a source of the page does.
fn state(ui: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    for part in PAGE {
        read(&ui.join(part), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn read(path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let failed = || format!("{} cannot be read", path.display());
    if !path.is_dir() {
        let content = std::fs::read(path).with_context(failed)?;
        files.insert(path.to_owned(), content);
        return Ok(());
    }
    for entry in std::fs::read_dir(path).with_context(failed)? {
        read(&entry?.path(), files)?;
    }
    Ok(())
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_built_again_when_a_source_changed() {
        let folder = std::env::temp_dir().join(format!("salon-page-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src/deep")).unwrap();
        for file in PAGE
            .into_iter()
            .skip(1)
            .chain(["src/a.ts", "src/deep/b.ts"])
        {
            std::fs::write(folder.join(file), file).unwrap();
        }
        let before = state(&folder).unwrap();
        assert_eq!(state(&folder).unwrap(), before);
        std::fs::write(folder.join("src/deep/b.ts"), "changed").unwrap();
        let changed = state(&folder).unwrap();
        assert_ne!(changed, before);
        std::fs::rename(folder.join("src/a.ts"), folder.join("src/c.ts")).unwrap();
        assert_ne!(state(&folder).unwrap(), changed);
        std::fs::remove_file(folder.join("index.html")).unwrap();
        assert!(state(&folder).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
