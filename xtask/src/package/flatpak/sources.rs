//! Whether what a manifest names is enough to build of: looked at without the runtimes, which no registry has.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::process::{command, output, root, run};

/// Lays out what the manifest names, as flatpak-builder does. Of that, without a network, the page is built by the
/// manifest's own command, and cargo looks for every crate, unless `crates` of another manifest were looked for, which are
/// the same. As root.
///
/// # Errors
/// If something is missing.
pub(crate) fn are_enough(manifest: &Path, folder: &Path, crates: bool) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    let manifest: Value = serde_json::from_slice(&fs::read(manifest)?)?;
    let module = &manifest["modules"][0];
    let sources = module["sources"].as_array().context("no sources")?;
    let is_crate = |source: &&Value| source["dest"].as_str().is_some_and(is_of_a_crate);
    for source in sources.iter().filter(|source| crates || !is_crate(source)) {
        lay_out(source, &folder).with_context(|| format!("of {source}"))?;
    }
    let inside = format!("/run/build/{}", word(module, "name")?);
    let environment = module["build-options"]["env"].as_object();
    let environment: Vec<_> = environment
        .context("no environment")?
        .iter()
        .filter_map(|(name, value)| {
            let value = value.as_str()?;
            Some((name, value.replace(&inside, &folder.to_string_lossy())))
        })
        .collect();
    let alone = |script: &str| {
        let mut alone = command("unshare");
        alone.args(["--net", "sh", "-c", script]);
        alone.current_dir(&folder).envs(environment.iter().cloned());
        alone
    };
    let page = module["build-commands"][0].as_str().context("no command")?;
    run(&mut alone(page))?;
    ensure!(folder.join("ui/dist/index.html").is_file(), "no page");
    if crates {
        every_crate(&folder, alone)?;
    }
    // Up to two gigabytes.
    Ok(fs::remove_dir_all(folder)?)
}

fn is_of_a_crate(place: &str) -> bool {
    place.starts_with("vendor/")
}

/// Cargo finds all that the lock file names in the folder, and nothing elsewhere.
fn every_crate(folder: &Path, alone: impl Fn(&str) -> Command) -> Result<()> {
    let look = "cargo metadata --offline --locked --format-version 1";
    let found = output(&mut alone(look)).context("cargo lacks a crate")?;
    let found: Value = serde_json::from_str(&found)?;
    let elsewhere = found["packages"].as_array().into_iter().flatten();
    let elsewhere = elsewhere
        .filter_map(|package| package["manifest_path"].as_str())
        .find(|manifest| !Path::new(manifest).starts_with(folder));
    if let Some(elsewhere) = elsewhere {
        bail!("cargo reads {elsewhere}");
    }
    Ok(())
}

/// Puts one source where the manifest says.
fn lay_out(source: &Value, folder: &Path) -> Result<()> {
    let place = folder.join(source["dest"].as_str().unwrap_or_default());
    fs::create_dir_all(&place)?;
    match word(source, "type")? {
        "archive" => {
            let mut unpack = Command::new("tar");
            unpack.args(["-xz", "--no-same-owner", "--strip-components", "1", "-C"]);
            run(unpack.arg(place).arg("-f").arg(word(source, "path")?))
        }
        "inline" => {
            let file = place.join(word(source, "dest-filename")?);
            Ok(fs::write(file, word(source, "contents")?)?)
        }
        "dir" => {
            let whole = Path::new(word(source, "path")?).join(".");
            run(Command::new("cp").arg("-a").arg(whole).arg(place))
        }
        "git" => {
            let script = "git archive \"$1\" | tar -x -C \"$2\"";
            let mut unpack = command("sh");
            unpack.args(["-c", script, "sh", word(source, "commit")?]);
            run(unpack.arg(place).current_dir(root()))
        }
        other => bail!("flatpak-builder's `{other}` is not known here"),
    }
}

fn word<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    let word = value[field].as_str();
    word.with_context(|| format!("no {field}"))
}
