//! The page's packages: which are installed, and under which licences they are.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{command, run};

/// Whose licence is not everybody's: an optional dependency of the page, and the reason for
/// `--without-stream`.
const STREAM: &str = "@stream-io/video-client";
/// Packages under that licence: only that one may ask for the others.
const STREAMS: [&str; 3] = [STREAM, "@stream-io/logger", "@stream-io/worker-timer"];
/// Licences of what may come into the page, as in `deny.toml`, and those of tools that only build it.
const LICENCES: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    // Of type faces, which are shipped as they are.
    "OFL-1.1",
];

/// Packages that say nothing in their `package.json`, and what their own licence files say.
const UNSAID: [(&str, &str); 1] = [("svelte-toolbelt", "MIT")];

/// Which of the page's packages are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packages {
    /// All.
    All,
    /// All but Stream's SDK, and what only that needs.
    WithoutStream,
}

/// `npm ci`, if the lock file or what is wanted changed since the last time.
///
/// # Errors
/// If npm fails or the lock file cannot be read.
pub(crate) fn install(folder: &Path, packages: Packages) -> Result<()> {
    let path = folder.join("package-lock.json");
    let lock = std::fs::read(&path).with_context(|| format!("no {}", path.display()))?;
    let stamp = folder.join("node_modules/.salon-lock");
    let wanted = [&lock, format!("{packages:?}").as_bytes()].concat();
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Installing the packages of {}", folder.display());
    let npm = |arguments: &[&str]| {
        let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let common = ["--no-audit", "--no-fund"];
        run(command(program)
            .args(arguments)
            .args(common)
            .current_dir(folder))
    };
    match packages {
        Packages::All => npm(&["ci"])?,
        Packages::WithoutStream => {
            npm(&["ci", "--omit=optional"])?;
            // The tools that build the page have their native parts among the optional ones.
            let native = native_parts(&serde_json::from_slice(&lock)?);
            let mut install = vec!["install", "--no-save", "--omit=optional"];
            install.extend(native.iter().map(String::as_str));
            npm(&install)?;
        }
    }
    std::fs::write(stamp, wanted)?;
    Ok(())
}

/// The native parts of tools for this machine, as `name@version`.
fn native_parts(lock: &Value) -> Vec<String> {
    let packages = lock["packages"].as_object().into_iter().flatten();
    packages
        .filter(|(_, package)| package["dev"] == true && package["optional"] == true)
        .filter(|(_, package)| {
            is_ours(&package["os"], os())
                && is_ours(&package["cpu"], cpu())
                && (package["libc"].is_null() || is_ours(&package["libc"], libc()))
        })
        .filter_map(|(path, package)| {
            // One that lies within another package is that one's own.
            let name = path.strip_prefix("node_modules/")?;
            let version = package["version"].as_str()?;
            (!name.contains("node_modules/")).then(|| format!("{name}@{version}"))
        })
        .collect()
}

fn is_ours(list: &Value, ours: &str) -> bool {
    let mut list = list.as_array().into_iter().flatten();
    list.any(|each| each == ours)
}

/// As npm calls it.
fn os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

/// As npm calls it.
fn cpu() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// As npm calls it.
fn libc() -> &'static str {
    if cfg!(target_env = "musl") {
        "musl"
    } else {
        "glibc"
    }
}

/// Whether all that is installed in a folder may be, as its `package.json`s say. Needs no network.
///
/// # Errors
/// If the licence of a package is not known, or something other than the page's optional dependency
/// leads to Stream's.
pub(crate) fn licences(folder: &Path) -> Result<()> {
    let path = folder.join("package-lock.json");
    let lock = std::fs::read(&path).with_context(|| format!("no {}", path.display()))?;
    let lock: Value = serde_json::from_slice(&lock)?;
    let mut objections = objections_to(&lock);
    let mut read = 0;
    for path in lock["packages"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, _)| path)
    {
        // What is left out, or meant for other systems, is not installed.
        let Ok(text) = std::fs::read(folder.join(path).join("package.json")) else {
            continue;
        };
        if path.is_empty() {
            continue;
        }
        read += 1;
        objections.extend(objection(&serde_json::from_slice(&text)?));
    }
    if read == 0 {
        bail!("no packages are installed in {}", folder.display());
    }
    if !objections.is_empty() {
        bail!("{}", objections.join("; "));
    }
    println!("{read} packages in {}", folder.display());
    Ok(())
}

/// The licence of a package that does not say it itself.
pub(crate) fn unsaid(name: &str) -> Option<&'static str> {
    let unsaid = UNSAID.iter().find(|(package, _)| *package == name);
    unsaid.map(|(_, licence)| *licence)
}

/// Whether a package of the lock file is there for Stream's SDK alone, which is what the page can do without. npm
/// decides the same when it leaves out what is optional; native parts of tools are for who builds. Packages for Linux ask
/// for it.
#[cfg(any(unix, test))]
pub(crate) fn is_for_stream_alone(package: &Value) -> bool {
    package["optional"] == true && package["dev"] != true
}

/// What is wrong with an installed package's licence.
fn objection(package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap_or_default();
    if STREAMS.contains(&name) {
        return None;
    }
    let unsaid = unsaid(name).unwrap_or_default();
    // Old packages have an object, or a list of them.
    let licence = match &package["license"] {
        Value::String(licence) => licence.as_str(),
        other => other["type"]
            .as_str()
            .or_else(|| package["licenses"][0]["type"].as_str())
            .unwrap_or(unsaid),
    };
    (!is_known(licence)).then(|| format!("{name} is under {licence:?}"))
}

/// An SPDX expression of licences that are known: one of those between `OR`, all of those between `AND`.
fn is_known(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "");
    plain.split(" OR ").any(|each| {
        each.split(" AND ")
            .all(|each| LICENCES.contains(&each.trim()))
    })
}

/// What leads to packages of Stream's, as the lock file has it.
fn objections_to(lock: &Value) -> Vec<String> {
    let mut objections = Vec::new();
    for (path, package) in lock["packages"].as_object().into_iter().flatten() {
        let name = path.rsplit("node_modules/").next().unwrap_or_default();
        let allowed = |kind: &str, wanted: &str| match name {
            "" => kind == "optionalDependencies" && wanted == STREAM,
            other => other == STREAM,
        };
        for kind in [
            "dependencies",
            "devDependencies",
            "optionalDependencies",
            "peerDependencies",
        ] {
            for (wanted, _) in package[kind].as_object().into_iter().flatten() {
                if wanted.starts_with("@stream-io/") && !allowed(kind, wanted) {
                    let who = if path.is_empty() {
                        "package.json"
                    } else {
                        name
                    };
                    objections.push(format!("{who} has {wanted} among its {kind}"));
                }
            }
        }
        if name.starts_with("@stream-io/") {
            if !STREAMS.contains(&name) {
                objections.push(format!("{name} is not known"));
            }
            if package["optional"] != true {
                objections.push(format!("{name} is not optional"));
            }
        }
    }
    objections
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::process::root;

    #[test]
    fn licences_that_are_not_known_are_objected_to() {
        for (package, right) in [
            (json!({"name": "a", "license": "MIT"}), true),
            (json!({"name": "a", "license": "(MIT OR GPL-3.0)"}), true),
            (
                json!({"name": "a", "license": "(Apache-2.0 AND BSD-3-Clause)"}),
                true,
            ),
            (json!({"name": "a", "license": "MIT AND GPL-3.0"}), false),
            (
                json!({"name": "a", "license": "See license in LICENSE"}),
                false,
            ),
            (json!({"name": "a"}), false),
            (json!({"name": "a", "license": {"type": "ISC"}}), true),
            (json!({"name": "a", "licenses": [{"type": "MIT"}]}), true),
            (
                json!({"name": STREAM, "license": "See license in LICENSE"}),
                true,
            ),
            (
                json!({"name": "@stream-io/other", "license": "See license in LICENSE"}),
                false,
            ),
        ] {
            assert_eq!(objection(&package).is_none(), right, "{package}");
        }
    }

    #[test]
    fn only_the_pages_optional_dependency_leads_to_stream() {
        let lock = json!({"packages": {
            "": {"optionalDependencies": {STREAM: "1"}},
            "node_modules/@stream-io/video-client": {
                "optional": true, "dependencies": {"@stream-io/logger": "2"},
            },
            "node_modules/@stream-io/logger": {"optional": true},
        }});
        assert_eq!(objections_to(&lock), Vec::<String>::new());
        let mut needed = lock.clone();
        needed["packages"][""] = json!({"dependencies": {STREAM: "1"}});
        assert_eq!(objections_to(&needed).len(), 1);
        let mut needed = lock.clone();
        needed["packages"]["node_modules/@stream-io/video-client"]["optional"] = json!(false);
        assert_eq!(objections_to(&needed).len(), 1);
        let mut needed = lock.clone();
        needed["packages"]["node_modules/b"] = json!({"dependencies": {"@stream-io/logger": "2"}});
        assert_eq!(objections_to(&needed).len(), 1);
        let mut more = lock;
        more["packages"]["node_modules/@stream-io/more"] = json!({"optional": true});
        assert_eq!(objections_to(&more).len(), 1);
    }

    #[test]
    fn what_only_streams_sdk_needs_is_told_from_what_all_need() {
        let packages = crate::locked::of_the_page().unwrap();
        let alone = |path: &str| is_for_stream_alone(&packages[path]);
        // The last one lies within the SDK; the two before it only the SDK asks for.
        for path in [
            "@stream-io/video-client",
            "@stream-io/logger",
            "rxjs",
            "axios",
            "@stream-io/video-client/node_modules/webrtc-adapter",
        ] {
            assert!(alone(&format!("node_modules/{path}")), "{path}");
        }
        for path in [
            "livekit-client",
            "svelte",
            "vite",
            "webrtc-adapter",
            "@rolldown/binding-linux-x64-gnu",
        ] {
            assert!(!alone(&format!("node_modules/{path}")), "{path}");
        }
    }

    #[test]
    fn the_lock_file_names_no_registry_and_keeps_stream_optional() {
        let lock = std::fs::read(root().join("ui/package-lock.json")).unwrap();
        let lock: Value = serde_json::from_slice(&lock).unwrap();
        assert_eq!(objections_to(&lock), Vec::<String>::new());
        let packages = lock["packages"].as_object().unwrap();
        assert!(
            packages
                .values()
                .all(|package| package["resolved"].is_null())
        );
    }

    #[test]
    fn the_native_parts_of_tools_are_those_of_this_machine() {
        let part = |os: &str, cpu: &str, dev: bool| json!({"version": "1.2.3", "optional": true, "dev": dev, "os": [os], "cpu": [cpu]});
        let mut other_libc = part(os(), cpu(), true);
        other_libc["libc"] = json!(["another"]);
        let lock = json!({"packages": {
            "node_modules/@tool/ours": part(os(), cpu(), true),
            "node_modules/@tool/other": part("another", cpu(), true),
            "node_modules/@tool/older": part(os(), "another", true),
            "node_modules/@tool/libc": other_libc,
            "node_modules/shipped": part(os(), cpu(), false),
            "node_modules/tool/node_modules/part": part(os(), cpu(), true),
        }});
        assert_eq!(native_parts(&lock), ["@tool/ours@1.2.3"]);
    }
}
