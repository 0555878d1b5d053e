//! `./x package-flatpak`: the manifest that `flatpak-builder` makes a Flatpak of. What is built of comes from both
//! lock files, with their checksums, and is read from the caches of cargo and npm, so that nothing is fetched
//! while building.

pub(crate) mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use salon_brand::Brand;
use serde_json::{Value, json};

use super::changelog::Entry;
use super::{ICONS, entries, moment};
use crate::build::{self, target};
use crate::locked::{self, Crate};
use crate::npm;
use crate::process::{command, output, root, run};
use crate::release::VERSION;

/// The runtime has WebKitGTK and GStreamer.
const RUNTIME: &str = "48";
/// With what may be reached: network, screen, sound, and by the session bus only what every Flatpak may, the
/// portals. No file, no device, no other name.
const MAY: [&str; 6] = [
    "--share=network",
    "--share=ipc",
    "--socket=wayland",
    "--socket=fallback-x11",
    "--socket=pulseaudio",
    "--device=dri",
];

/// Where what the brand is made of lies among the sources, and its file there.
const BRAND: &str = "brand";
const NAMES: &str = "brand.toml";

/// Writes the manifest and lets flatpak-builder read it; `file`: of the product's names, if it is not Salon itself.
///
/// # Errors
/// If a package of a lock file is in no cache, or flatpak-builder refuses the manifest.
pub(crate) fn write(file: Option<&Path>) -> Result<PathBuf> {
    run(command("cargo").args(["fetch", "--quiet", "--locked"]))?;
    let brand = build::brand(file)?;
    let folder = target().join("packages/flatpak").join(&brand.program);
    std::fs::create_dir_all(&folder)?;
    let gathered = folder.join(BRAND);
    gather(&brand, &gathered)?;
    let file = folder.join(format!("{}.json", brand.id));
    let manifest = manifest(&brand, &gathered)?;
    std::fs::write(&file, serde_json::to_vec_pretty(&manifest)?)?;
    accepted(&file, &manifest)?;
    println!("{}", file.display());
    Ok(file)
}

/// flatpak-builder repeats what it has understood.
fn accepted(file: &Path, manifest: &Value) -> Result<()> {
    let mut ask = Command::new("flatpak-builder");
    // It leaves a folder where it is started.
    let ask = ask.current_dir(file.parent().context("no folder")?);
    let said = output(ask.arg("--show-manifest").arg(file));
    let said = said.context("flatpak-builder refuses the manifest")?;
    let understood: Value = serde_json::from_str(&said)?;
    for place in [
        "/id",
        "/runtime",
        "/command",
        "/finish-args",
        "/modules/0/build-commands",
    ] {
        ensure!(
            understood.pointer(place) == manifest.pointer(place),
            "of {place} flatpak-builder has understood {:?}",
            understood.pointer(place)
        );
    }
    let sources = |manifest: &Value| manifest["modules"][0]["sources"].as_array().map(Vec::len);
    ensure!(
        sources(&understood) == sources(manifest),
        "sources are missing"
    );
    Ok(())
}

/// Copies what a brand is made of into a folder of its own: its file, its icons and its profile.
fn gather(brand: &Brand, folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let icons = folder.join("icons");
    std::fs::create_dir_all(&icons)?;
    for icon in salon_brand::ICONS {
        std::fs::copy(brand.icons.join(icon), icons.join(icon))?;
    }
    let mut moved = brand.clone();
    moved.icons = "icons".into();
    if let Some(profile) = &mut moved.profile {
        std::fs::copy(&*profile, folder.join("profile.toml"))?;
        *profile = "profile.toml".into();
    }
    std::fs::write(folder.join(NAMES), text(&moved))?;
    // What was written is what was read.
    let again = Brand::read(&folder.join(NAMES))?;
    let (icons, profile) = (brand.icons.clone(), brand.profile.clone());
    let unmoved = Brand {
        icons,
        profile,
        ..again
    };
    ensure!(
        unmoved == *brand,
        "the copy of the brand's file says something else"
    );
    Ok(())
}

/// A brand's file. Strings and lists of them are written in TOML as in JSON.
fn text(brand: &Brand) -> String {
    let mut lines = Vec::new();
    let mut put = |name: &str, value: Value| lines.push(format!("{name} = {value}"));
    put("name", json!(brand.name));
    put("program", json!(brand.program));
    put("id", json!(brand.id));
    put("scheme", json!(brand.scheme));
    put("summary", json!(brand.summary));
    put("description", json!(brand.description));
    put("keywords", json!(brand.keywords));
    put("website", json!(brand.website));
    put("maintainer", json!(brand.maintainer));
    put("icons", json!(brand.icons));
    if let Some(profile) = &brand.profile {
        put("profile", json!(profile));
    }
    put("stream", json!(brand.stream));
    if let Some(colours) = &brand.colours {
        for (theme, palette) in [("dark", colours.dark), ("light", colours.light)] {
            for (name, colour) in [
                ("accent", palette.accent),
                ("accent_strong", palette.accent_strong),
                ("on_accent", palette.on_accent),
            ] {
                put(
                    &format!("colours.{theme}.{name}"),
                    json!(colour.to_string()),
                );
            }
        }
    }
    if let Some(updates) = &brand.updates {
        put("updates.url", json!(updates.url));
        put("updates.key", json!(updates.key));
    }
    lines.join("\n") + "\n"
}

fn manifest(brand: &Brand, gathered: &Path) -> Result<Value> {
    let id = &brand.id;
    let commit = output(command("git").args(["rev-parse", "HEAD"])).context("no git")?;
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md"))?;
    let release = Entry::of(&changelog, VERSION, moment()?)?;
    let mut sources = vec![
        json!({ "type": "git", "path": root(), "commit": commit }),
        json!({ "type": "dir", "path": gathered, "dest": BRAND }),
        inline(
            ".cargo",
            "config.toml",
            "[source.crates-io]\nreplace-with = 'vendored'\n\n\
                                          [source.vendored]\ndirectory = 'vendor'\n",
        ),
        inline(
            ".",
            &format!("{id}.desktop"),
            &entries::desktop_entry(brand, true),
        ),
        inline(
            ".",
            &format!("{id}.metainfo.xml"),
            &entries::metainfo(brand, &release),
        ),
        inline(
            ".",
            &format!("{id}.service"),
            &entries::bus_service(brand, "/app/bin"),
        ),
    ];
    sources.extend(crates()?);
    sources.extend(page(brand.stream)?);
    let mut manifest = names(brand);
    manifest["modules"] = json!([{
        "name": brand.program,
        "buildsystem": "simple",
        "build-options": {
            "append-path": "/usr/lib/sdk/node22/bin:/usr/lib/sdk/rust-stable/bin",
            "env": environment(brand)?,
        },
        "build-commands": commands(brand),
        "sources": sources,
    }]);
    Ok(manifest)
}

/// What is built upon, and what it may reach.
fn names(brand: &Brand) -> Value {
    json!({
        "id": brand.id,
        "runtime": "org.gnome.Platform",
        "runtime-version": RUNTIME,
        "sdk": "org.gnome.Sdk",
        "sdk-extensions": [
            "org.freedesktop.Sdk.Extension.node22",
            "org.freedesktop.Sdk.Extension.rust-stable",
        ],
        "command": brand.program,
        "finish-args": MAY,
    })
}

fn commands(brand: &Brand) -> Vec<String> {
    let Brand { program, id, .. } = brand;
    let mut commands = vec![
        "cd ui && node node_modules/vite/bin/vite.js build".to_owned(),
        // The crate is called so whatever the product is.
        "cargo build --offline --locked --profile dist --package salon --bin salon".to_owned(),
        format!("install -D target/dist/salon /app/bin/{program}"),
        format!("install -D -m 644 {id}.desktop /app/share/applications/{id}.desktop"),
        format!("install -D -m 644 {id}.metainfo.xml /app/share/metainfo/{id}.metainfo.xml"),
        format!("install -D -m 644 {id}.service /app/share/dbus-1/services/{id}.service"),
    ];
    commands.extend(ICONS.iter().map(|(size, name)| {
        let place = format!("/app/share/icons/hicolor/{size}/apps/{id}.png");
        format!("install -D -m 644 {BRAND}/icons/{name} {place}")
    }));
    commands
}

/// What it is built with.
fn environment(brand: &Brand) -> Result<Value> {
    let sources = format!("/run/build/{}", brand.program);
    let mut environment = json!({ "CARGO_HOME": format!("{sources}/cargo") });
    if brand.id != build::own_brand()?.id {
        environment["SALON_BRAND"] = json!(format!("{sources}/{BRAND}/{NAMES}"));
    }
    if !brand.stream {
        environment["SALON_WITHOUT_STREAM"] = json!("1");
    }
    Ok(environment)
}

fn inline(folder: &str, name: &str, contents: &str) -> Value {
    json!({ "type": "inline", "dest": folder, "dest-filename": name, "contents": contents })
}

/// Every crate of the lock file, as cargo reads them from a folder.
fn crates() -> Result<Vec<Value>> {
    let caches = caches()?;
    let mut sources = Vec::new();
    for (name, checksum) in foreign(locked::crates()?) {
        let file = caches
            .iter()
            .map(|cache| cache.join(format!("{name}.crate")));
        let file = file.into_iter().find(|file| file.is_file());
        let file = file.with_context(|| format!("cargo has not fetched {name}"))?;
        let place = format!("vendor/{name}");
        sources.push(json!({
            "type": "archive",
            "archive-type": "tar-gzip",
            "path": file,
            "sha256": checksum,
            "dest": place,
        }));
        let sums = json!({ "package": checksum, "files": {} }).to_string();
        sources.push(inline(&place, ".cargo-checksum.json", &sums));
    }
    Ok(sources)
}

/// Cargo's folders with what it has fetched, one a registry.
fn caches() -> Result<Vec<PathBuf>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let folder = home
        .context("there is no home folder")?
        .join("registry/cache");
    let entries = std::fs::read_dir(folder)?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

/// Name with version, and checksum, of the crates that come from elsewhere.
fn foreign(crates: Vec<Crate>) -> Vec<(String, String)> {
    let foreign = crates.into_iter().filter_map(|locked| {
        let name = format!("{}-{}", locked.name, locked.version);
        Some((name, locked.checksum?))
    });
    foreign.collect()
}

/// Every package that the page is built of on this system, where Node.js looks for it; `stream`: with Stream's SDK.
fn page(stream: bool) -> Result<Vec<Value>> {
    let cache = output(command("npm").args(["config", "get", "cache"])).context("no npm")?;
    let cache = Path::new(&cache).join("_cacache/content-v2/sha512");
    let mut sources = Vec::new();
    for (path, package) in &locked::of_the_page()? {
        if !is_source(path, package, stream) {
            continue;
        }
        let sum = package["integrity"].as_str().and_then(sum);
        let sum = sum.with_context(|| format!("{path} has no checksum"))?;
        let file = cache.join(&sum[..2]).join(&sum[2..4]).join(&sum[4..]);
        if !file.is_file() {
            if package["optional"] == true {
                continue;
            }
            bail!("npm has not fetched {path}: `npm ci` in ui does");
        }
        sources.push(json!({
            "type": "archive",
            "archive-type": "tar-gzip",
            "path": file,
            "sha512": sum,
            "dest": format!("ui/{path}"),
        }));
    }
    Ok(sources)
}

fn is_source(path: &str, package: &Value, stream: bool) -> bool {
    let is_left_out = !stream && npm::is_for_stream_alone(package);
    // The page itself has no path.
    !path.is_empty() && !is_left_out && is_for_this_system(package)
}

/// As npm decides it.
fn is_for_this_system(package: &Value) -> bool {
    let names = |field: &str, ours: &str| {
        let listed = package[field].as_array();
        listed.is_none_or(|listed| listed.iter().any(|name| name == ours))
    };
    let machine = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    names("os", "linux") && names("cpu", machine) && names("libc", "glibc")
}

/// In hexadecimal, of a lock file's `sha512-…`.
fn sum(integrity: &str) -> Option<String> {
    let bytes = STANDARD.decode(integrity.strip_prefix("sha512-")?).ok()?;
    (bytes.len() == 64).then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::EXAMPLE;
    use crate::locked::crates_of;

    #[test]
    fn the_manifest_of_another_product_builds_and_installs_it_under_its_names() {
        let brand = Brand::read(&root().join(EXAMPLE)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        gather(&brand, folder.path()).unwrap();
        let again = Brand::read(&folder.path().join(NAMES)).unwrap();
        assert_eq!(again.icons, folder.path().join("icons"));
        assert_eq!(again.profile, Some(folder.path().join("profile.toml")));
        let names = names(&brand);
        assert_eq!(names["id"], "org.example.GardenTalk");
        assert_eq!(names["command"], "garden-talk");
        let built = commands(&brand).join("\n");
        // What is made is Salon's crate; what it becomes is not.
        let installed: Vec<_> = built
            .split_whitespace()
            .filter(|word| word.starts_with("/app/"))
            .collect();
        assert!(installed.contains(&"/app/bin/garden-talk"), "{built}");
        assert!(
            !installed.concat().to_lowercase().contains("salon"),
            "{built}"
        );
        let environment = environment(&brand).unwrap();
        let file = "/run/build/garden-talk/brand/brand.toml";
        assert_eq!(environment["SALON_BRAND"], file);
        assert_eq!(environment["SALON_WITHOUT_STREAM"], "1");
    }

    #[test]
    fn streams_packages_are_sources_of_products_with_its_sdk_alone() {
        let names = |stream: bool| {
            let packages = locked::of_the_page().unwrap().into_iter();
            packages
                .filter(|(path, package)| is_source(path, package, stream))
                .map(|(path, _)| path)
                .collect::<Vec<_>>()
        };
        let (with, without) = (names(true), names(false));
        let is_streams = |path: &&String| path.contains("@stream-io/") || path.ends_with("/rxjs");
        assert_eq!(with.iter().filter(is_streams).count(), 5, "{with:?}");
        assert_eq!(without.iter().find(is_streams), None);
        let livekit = "node_modules/livekit-client".to_owned();
        assert!(with.contains(&livekit) && without.contains(&livekit));
    }

    #[test]
    fn only_portals_are_reached() {
        let strange: Vec<_> = MAY
            .iter()
            .filter(|may| {
                [
                    "filesystem",
                    "talk-name",
                    "own-name",
                    "device=all",
                    "system-bus",
                ]
                .iter()
                .any(|more| may.contains(more))
            })
            .collect();
        assert!(strange.is_empty(), "{strange:?}");
    }

    #[test]
    fn every_crate_of_the_lock_file_is_a_source() {
        let lock = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\n\
                    version = \"1.0.0\"\nsource = \"registry\"\nchecksum = \"00ff\"\n";
        assert_eq!(
            foreign(crates_of(lock)),
            [("a-1.0.0".to_owned(), "00ff".to_owned())]
        );
    }

    #[test]
    fn packages_of_other_systems_are_left_out() {
        assert!(is_for_this_system(&json!({ "version": "1.0.0" })));
        assert!(!is_for_this_system(&json!({ "os": ["win32"] })));
        assert!(!is_for_this_system(
            &json!({ "os": ["linux"], "libc": ["musl"] })
        ));
        assert_eq!(sum("sha1-AAAA"), None);
        let known = format!("sha512-{}", STANDARD.encode([1; 64]));
        assert_eq!(sum(&known), Some("01".repeat(64)));
    }
}
