//! What others wrote of the program, and under which licences: nobody may ship it without saying so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::{command, output, root};
use crate::{locked, npm};

/// How files begin that have a licence.
const NAMES: [&str; 5] = ["licen", "copying", "copyright", "notice", "unlicense"];
/// Endings of files that begin so and are none.
const NONE: [&str; 5] = ["rs", "html", "js", "ts", "h"];

/// Something that somebody else wrote.
#[derive(Debug)]
struct Part {
    name: String,
    licence: String,
    source: Option<String>,
    texts: Vec<String>,
}

/// All of it, in one text; `stream`: with Stream's SDK.
///
/// # Errors
/// If cargo does not say what the program is made of.
pub(crate) fn all(stream: bool) -> Result<String> {
    let mut parts = crates()?;
    parts.extend(of_the_page(stream)?);
    Ok(text(&parts))
}

fn text(parts: &[Part]) -> String {
    let mut text = String::from(
        "What others wrote of this program, and under which licences. Their texts follow below.\n\n",
    );
    let mut shared: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for part in parts {
        let _ = writeln!(text, "{}: {}", part.name, part.licence);
        if let Some(source) = &part.source {
            let _ = writeln!(text, "    {source}");
        }
        for licence in &part.texts {
            shared.entry(licence).or_default().insert(&part.name);
        }
    }
    for (licence, names) in shared {
        let names: Vec<_> = names.into_iter().collect();
        let _ = write!(
            text,
            "\n{}\n{}\n\n{licence}\n",
            "=".repeat(78),
            names.join(", ")
        );
    }
    text
}

/// The crates that are linked, with what they bring along of C.
fn crates() -> Result<Vec<Part>> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let arguments = [
        "metadata",
        "--offline",
        "--format-version",
        "1",
        "--filter-platform",
        &target,
    ];
    let described = output(command("cargo").args(arguments)).context("cargo metadata failed")?;
    let described: Value = serde_json::from_str(&described)?;
    let linked = linked(&described).context("cargo metadata has another form")?;
    let packages = described["packages"].as_array().into_iter().flatten();
    let mut parts = Vec::new();
    for package in packages {
        let foreign = !package["source"].is_null();
        let ours = package["id"].as_str().is_some_and(|id| linked.contains(id));
        if !foreign || !ours || is_macro(package) {
            continue;
        }
        let word = |name: &str| package[name].as_str().map(str::to_owned);
        let manifest = word("manifest_path").map(PathBuf::from).unwrap_or_default();
        let name = format!(
            "{} {}",
            word("name").unwrap_or_default(),
            word("version").unwrap_or_default()
        );
        parts.push(Part {
            name,
            licence: word("license").unwrap_or_else(|| "see its text".into()),
            source: word("repository").or_else(|| word("homepage")),
            texts: manifest.parent().map(texts).unwrap_or_default(),
        });
    }
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(parts)
}

/// It is gone when the program is built.
fn is_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    let mut kinds = targets
        .filter_map(|target| target["kind"].as_array())
        .flatten();
    kinds.any(|kind| kind == "proc-macro")
}

/// Ids of the packages that the app's own stands on, but for those that only build or test it.
fn linked(described: &Value) -> Option<BTreeSet<&str>> {
    let nodes = described["resolve"]["nodes"].as_array()?;
    let nodes: BTreeMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let packages = described["packages"].as_array()?;
    let app = packages.iter().find(|package| package["name"] == "salon")?;
    let mut linked = BTreeSet::new();
    let mut next = vec![app["id"].as_str()?];
    while let Some(id) = next.pop() {
        if !linked.insert(id) {
            continue;
        }
        let dependencies = nodes.get(id).and_then(|node| node["deps"].as_array());
        for dependency in dependencies.into_iter().flatten() {
            let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
            if kinds.into_iter().any(|kind| kind["kind"].is_null()) {
                next.extend(dependency["pkg"].as_str());
            }
        }
    }
    Some(linked)
}

/// What is in the page, or may be loaded by it; `stream`: with Stream's SDK.
fn of_the_page(stream: bool) -> Result<Vec<Part>> {
    let folder = root().join("ui");
    let mut parts = Vec::new();
    for (path, package) in &locked::of_the_page()? {
        let installed = folder.join(path);
        let is_tool = package["dev"] == true || package["devOptional"] == true;
        let is_left_out = !stream && npm::is_for_stream_alone(package);
        if path.is_empty() || is_tool || is_left_out || !installed.is_dir() {
            continue;
        }
        let name = path
            .rsplit_once("node_modules/")
            .map_or(path.as_str(), |(_, name)| name);
        let version = package["version"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().or_else(|| npm::unsaid(name));
        parts.push(Part {
            name: format!("{name} {version}"),
            licence: licence.unwrap_or("see its text").into(),
            source: None,
            texts: texts(&installed),
        });
    }
    Ok(parts)
}

/// The licences that lie in a folder or directly below it, where some have what they bring along.
fn texts(folder: &Path) -> Vec<String> {
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<BTreeSet<_>>()
    };
    let mut files = Vec::new();
    for path in entries(folder) {
        if path.is_dir() && !path.ends_with("node_modules") {
            files.extend(entries(&path).into_iter().filter(|path| path.is_file()));
        } else {
            files.push(path);
        }
    }
    let files = files.into_iter().filter(|file| is_licence(file));
    let texts: BTreeSet<String> = files
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .map(|text| plain(&text))
        .filter(|text| !text.is_empty())
        .collect();
    texts.into_iter().collect()
}

fn is_licence(file: &Path) -> bool {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase());
    let ending = file
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    name.is_some_and(|name| NAMES.iter().any(|begin| name.starts_with(begin)))
        && !ending.is_some_and(|ending| NONE.contains(&ending.as_str()))
}

/// Without what differs from copy to copy of one text.
fn plain(text: &str) -> String {
    let lines: Vec<_> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim_end)
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_is_named_with_its_licence() {
        let all = all(true).unwrap();
        for part in [
            "\ntokio 1.",
            "\nopusic-sys ",
            "\nlivekit-client ",
            "\n@fontsource-variable/inter ",
            "\nsvelte-toolbelt ",
        ] {
            assert!(all.contains(part), "{part}");
        }
        // Those of C that crates bring along.
        assert!(all.contains("Xiph.Org"), "libopus");
        assert!(all.contains("SIL OPEN FONT LICENSE"), "the type face");
        // What only tests, builds or packages is no part of the program.
        for other in [
            "\nproptest ",
            "\nbindgen ",
            "\nserde_derive ",
            "\nvitest ",
            "\nureq ",
        ] {
            assert!(!all.contains(other), "{other}");
        }
    }

    #[test]
    fn without_stream_neither_its_licence_is_there_nor_what_only_its_sdk_brings_along() {
        let parts = |stream: bool| {
            let parts = of_the_page(stream).unwrap().into_iter();
            parts
                .map(|part| part.name.rsplit_once(' ').unwrap().0.to_owned())
                .collect::<BTreeSet<_>>()
        };
        let (with, without) = (parts(true), parts(false));
        for name in ["@stream-io/video-client", "rxjs", "axios"] {
            assert!(!without.contains(name), "{name}");
        }
        for name in ["livekit-client", "svelte", "@fontsource-variable/inter"] {
            assert!(with.contains(name) && without.contains(name), "{name}");
        }
    }

    #[test]
    fn one_text_is_there_once() {
        let part = |name: &str| Part {
            name: name.into(),
            licence: "MIT".into(),
            source: None,
            texts: vec![plain("\u{feff}MIT \r\n\r\nDo.\r\n\r\n")],
        };
        let text = text(&[part("a 1"), part("b 2")]);
        assert_eq!(text.matches("MIT\n\nDo.\n").count(), 1, "{text}");
        assert!(text.contains("a 1, b 2\n"), "{text}");
    }
}
