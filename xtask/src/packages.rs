//! What every package of the workspace has to have.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::{command, output};

/// Looks for packages without the workspace's lints, which cargo does not ask for.
///
/// # Errors
/// If there is one.
pub(crate) fn have_lints() -> Result<()> {
    let mut without = Vec::new();
    for manifest in manifests()? {
        if !takes_lints(&std::fs::read_to_string(&manifest)?) {
            without.push(manifest.display().to_string());
        }
    }
    if !without.is_empty() {
        bail!(
            "`[lints] workspace = true` is missing in {}",
            without.join(", ")
        );
    }
    Ok(())
}

/// Where the packages of the workspace are described.
///
/// # Errors
/// If cargo does not say it.
pub(crate) fn manifests() -> Result<Vec<PathBuf>> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ];
    let described = output(command("cargo").args(arguments)).context("cargo metadata failed")?;
    let described: Value = serde_json::from_str(&described)?;
    let packages = described["packages"].as_array().into_iter().flatten();
    let manifests = packages.filter_map(|package| package["manifest_path"].as_str());
    Ok(manifests.map(PathBuf::from).collect())
}

fn takes_lints(manifest: &str) -> bool {
    let mut lines = manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]");
    lines.nth(1) == Some("workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_the_lints_is_seen() {
        assert!(takes_lints(
            "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"
        ));
        assert!(!takes_lints("[package]\nname = \"a\"\n"));
        assert!(!takes_lints("[workspace.lints.rust]\nworkspace = true\n"));
        assert!(!takes_lints(
            "[lints]\n[lints.rust]\nmissing_docs = \"warn\"\n"
        ));
        let manifests = manifests().unwrap();
        assert!(
            manifests
                .iter()
                .any(|path| path.ends_with("xtask/Cargo.toml")),
            "{manifests:?}"
        );
    }
}
