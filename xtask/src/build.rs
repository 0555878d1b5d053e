//! What is built, and how: always the whole workspace in one go, so that cargo resolves features once
//! and tests, end-to-end checks and the demo share what was compiled (docs/decisions/one-build.md).

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use salon_brand::Brand;
use serde_json::{Value, json};

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
/// Tells `crates/salon-product`.
const BRAND: &str = "SALON_BRAND";
/// What Tauri takes instead of tauri.conf.json: it writes of it what a program for Windows says in its own file.
const TAURI: &str = "TAURI_CONFIG";
/// Tell the program where new versions are, and what they are signed with.
const UPDATE_URL: &str = "SALON_BUILD_UPDATE_URL";
const UPDATE_KEY: &str = "SALON_BUILD_UPDATE_KEY";
/// Tells `ui/vite.config.ts`.
const WITHOUT_STREAM: &str = "SALON_WITHOUT_STREAM";
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
        .envs(SECRETS.map(|name| (name, PLANTED)))
        .env_remove(BRAND)
        .env_remove(TAURI);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_this_program) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether cargo tells a program by this variable who it is. Some crates' build scripts look at the same ones, and with them
/// all that depends on those was compiled again, whenever somebody had called cargo themselves meanwhile.
fn is_of_this_program(variable: &str) -> bool {
    ["CARGO_MANIFEST_", "CARGO_PKG_"]
        .iter()
        .any(|begins| variable.starts_with(begins))
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

/// What Salon itself is called.
///
/// # Errors
/// If the file or what it names is not there.
pub(crate) fn own_brand() -> Result<Brand> {
    Ok(Brand::read(&root().join("packaging/brands/salon.toml"))?)
}

/// The product whose file this is, or Salon itself.
///
/// # Errors
/// If there is something wrong with it, or Salon has a name of it.
pub(crate) fn brand(file: Option<&Path>) -> Result<Brand> {
    let own = own_brand()?;
    let Some(file) = file else {
        return Ok(own);
    };
    let brand = Brand::read(file)?;
    for (field, same) in brand.shared_with(&own) {
        if same {
            bail!("`{field}` is Salon's own: installed beside it the two would be one");
        }
    }
    Ok(brand)
}

/// Has cargo build for a product, whose file this is (docs/brands.md), or for Salon itself.
///
/// # Errors
/// Those of [`brand`].
pub(crate) fn branded(build: &mut Command, file: Option<&Path>) -> Result<Brand> {
    let brand = brand(file)?;
    let Some(file) = file else {
        return Ok(brand);
    };
    build.env(BRAND, std::path::absolute(file)?);
    build.env(TAURI, for_tauri(&brand).to_string());
    // Those of whoever builds are Salon's.
    build.env_remove(UPDATE_URL).env_remove(UPDATE_KEY);
    if let Some(updates) = &brand.updates {
        build
            .env(UPDATE_URL, &updates.url)
            .env(UPDATE_KEY, &updates.key);
    }
    Ok(brand)
}

/// What differs from tauri.conf.json (JSON Merge Patch, RFC 7396).
fn for_tauri(brand: &Brand) -> Value {
    let icons = [
        "32x32.png",
        "128x128.png",
        "128x128@2x.png",
        "icon.icns",
        "icon.ico",
    ];
    json!({
        "productName": brand.name,
        "identifier": brand.id,
        "bundle": {
            "publisher": brand.maintainer_name(),
            "icon": icons.map(|icon| brand.icons.join(icon)),
        },
    })
}

/// A product that ships Salon under its own name.
pub(crate) const EXAMPLE: &str = "packaging/brands/example/brand.toml";

/// Builds the example of a product, as for tests; the program is the answer, and stays until this is called
/// again.
pub(crate) fn build_example() -> Result<PathBuf> {
    let file = root().join(EXAMPLE);
    // As everything is built, so that only what knows the brand is compiled again.
    let mut build = cargo(&["build", "--workspace"]);
    let brand = branded(&mut build, Some(&file))?;
    page_with(brand.stream)?;
    run(&mut build)?;
    let program = target().join("brands").join(&brand.program);
    std::fs::create_dir_all(target().join("brands"))?;
    // Another file, not the one that cargo writes again.
    std::fs::copy(Profile::Dev.folder().join("salon"), &program)?;
    Ok(program)
}

/// Writes the manual's pages and the shells' completions of a product into a folder, which is the answer.
#[cfg(unix)]
pub(crate) fn manual(brand: &Path) -> Result<PathBuf> {
    let mut write = cargo(&[
        "run",
        "--locked",
        "--quiet",
        "--package",
        "salon-settings",
        "--example",
        "manual",
    ]);
    let brand = branded(&mut write, Some(brand))?;
    let folder = target()
        .join("brands")
        .join(format!("{}-manual", brand.program));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    run(write.arg("--").arg(&folder))?;
    Ok(folder)
}

/// Builds the app as it is shipped, and nothing else: with its own features only, and without the places where
/// this machine has its sources; as Salon, or as the product whose file this is. The program is the answer.
#[cfg(unix)]
pub(crate) fn shipped(brand: Option<&Path>) -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    // The last that fits counts: also where it is built elsewhere, nobody sees it.
    let built = Some(std::path::absolute(target())?);
    let places = [
        (Some(root()), "/salon"),
        (built, "/salon/target"),
        (home, "/cargo"),
    ];
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
    let brand = branded(&mut build, brand)?;
    page_with(brand.stream)?;
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
    page_with(true)
}

/// `stream`: with Stream's SDK, where it is installed.
pub(crate) fn page_with(stream: bool) -> Result<()> {
    let folder = root().join("ui");
    let stamp = folder.join("node_modules/.salon-page");
    let state = state(&folder, &root().join("icons/icon.svg"))?;
    let state = if stream {
        state
    } else {
        state + " without Stream"
    };
    let built = std::fs::read_to_string(&stamp).is_ok_and(|built| built == state);
    if built && folder.join("dist/index.html").is_file() {
        return Ok(());
    }
    let mut build = npm_command(&folder, "build");
    build.env_remove(WITHOUT_STREAM);
    if !stream {
        build.env(WITHOUT_STREAM, "1");
    }
    run(&mut build)?;
    Ok(std::fs::write(stamp, state)?)
}

/// Differs whenever a source of the page does.
fn state(ui: &Path, icon: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    read(icon, &mut files)?;
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
    fn what_is_compiled_does_not_depend_on_who_calls_cargo() {
        // Tests are told by cargo who they are.
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
        let cargo = cargo(&["build"]);
        let of_its_own: Vec<_> = std::env::vars_os()
            .filter(|(name, _)| is_of_this_program(&name.to_string_lossy()))
            .collect();
        for (name, _) in of_its_own {
            let taken = cargo
                .get_envs()
                .any(|(other, value)| other == name && value.is_none());
            assert!(taken, "{name:?}");
        }
    }

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
        let icon = folder.join("icon.svg");
        std::fs::write(&icon, "icon").unwrap();
        let state = |folder: &Path| state(folder, &icon);
        let before = state(&folder).unwrap();
        assert_eq!(state(&folder).unwrap(), before);
        std::fs::write(folder.join("src/deep/b.ts"), "changed").unwrap();
        let changed = state(&folder).unwrap();
        assert_ne!(changed, before);
        std::fs::rename(folder.join("src/a.ts"), folder.join("src/c.ts")).unwrap();
        assert_ne!(state(&folder).unwrap(), changed);
        let before = state(&folder).unwrap();
        std::fs::write(&icon, "another").unwrap();
        assert_ne!(state(&folder).unwrap(), before);
        std::fs::remove_file(folder.join("index.html")).unwrap();
        assert!(state(&folder).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
