//! What a release is made of, for whoever looks for known faults in it: a bill of materials in the form of
//! CycloneDX for the crates that are linked, and one for the packages in the page.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::{command, output, root, run};
use crate::tools;
use crate::{locked, packages};

/// What the tool calls its files, of which it puts one beside every manifest.
const MADE: &str = "bill-of-materials-being-made";

/// Writes both into a folder; `target`: of the crates for this system, if it is not the one that this runs on.
///
/// # Errors
/// If a tool cannot be had, or names what no lock file does.
pub(crate) fn write(folder: &Path, target: Option<&str>) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let folder = std::path::absolute(folder)?;
    let of_target = target.map_or(String::new(), |target| format!("-{target}"));
    let crates = folder.join(format!("salon-crates{of_target}.cdx.json"));
    of_crates(&crates, target)?;
    check(&crates, &locked_crates()?, "tauri")?;
    let page = folder.join("salon-page.cdx.json");
    of_the_page(&page)?;
    check(&page, &locked_page()?, "livekit-client")?;
    println!("{}\n{}", crates.display(), page.display());
    Ok(())
}

fn of_crates(into: &Path, target: Option<&str>) -> Result<()> {
    let own = || output(command("rustc").args(["--print", "host-tuple"]));
    let target = target.map(str::to_owned).or_else(own);
    let mut list = command(tools::cargo_cyclonedx()?);
    list.args([
        "cyclonedx",
        "--quiet",
        "--format",
        "json",
        "--spec-version",
        "1.5",
    ])
    .args(["--no-build-deps", "--override-filename", MADE])
    .args([
        "--target",
        &target.context("rustc does not say for what it compiles")?,
    ]);
    let listed = run(&mut list);
    let name = format!("{MADE}.json");
    let text = std::fs::read_to_string(root().join(&name));
    for manifest in packages::manifests()? {
        // Where none was made there is none to be taken away.
        let _ = std::fs::remove_file(manifest.with_file_name(&name));
    }
    listed?;
    // Nobody is to know where this machine has its sources.
    let here = root().display().to_string();
    std::fs::write(into, text?.replace(&here, "/salon"))?;
    Ok(())
}

fn of_the_page(into: &Path) -> Result<()> {
    let mut list = command(tools::cyclonedx_npm()?);
    list.args([
        "--package-lock-only",
        "--omit",
        "dev",
        "--output-reproducible",
    ])
    .args(["--output-format", "JSON", "--output-file"])
    .arg(into);
    run(list.arg(root().join("ui/package.json")))
}

/// Looks whether a bill names what is known to be in there, and nothing that the lock file does not.
fn check(bill: &Path, locked: &BTreeSet<String>, known: &str) -> Result<()> {
    let text = std::fs::read_to_string(bill)?;
    let bill: Value = serde_json::from_str(&text)?;
    let named = named(&bill);
    if !named
        .iter()
        .any(|name| name.starts_with(&format!("{known}@")))
    {
        bail!("{known} is not in the bill of materials");
    }
    let strange: Vec<_> = named.difference(locked).collect();
    if !strange.is_empty() {
        bail!("no lock file has {strange:?}");
    }
    Ok(())
}

/// What a bill names, as `group/name@version`.
fn named(bill: &Value) -> BTreeSet<String> {
    let components = bill["components"].as_array().into_iter().flatten();
    let word = |component: &Value, field: &str| component[field].as_str().map(str::to_owned);
    let names = components.filter_map(|component| {
        let group = word(component, "group").map_or(String::new(), |group| group + "/");
        let (name, version) = (word(component, "name")?, word(component, "version")?);
        Some(format!("{group}{name}@{version}"))
    });
    names.collect()
}

fn locked_crates() -> Result<BTreeSet<String>> {
    let crates = locked::crates()?.into_iter();
    Ok(crates
        .map(|locked| format!("{}@{}", locked.name, locked.version))
        .collect())
}

fn locked_page() -> Result<BTreeSet<String>> {
    let packages = locked::of_the_page()?;
    let names = packages.iter().filter_map(|(path, package)| {
        let (_, name) = path.rsplit_once("node_modules/")?;
        Some(format!("{name}@{}", package["version"].as_str()?))
    });
    Ok(names.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_lock_file_has_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let bill = folder.path().join("bill.json");
        let component = |group: &str, name: &str| serde_json::json!({ "group": group, "name": name, "version": "1.0.0" });
        let all = serde_json::json!({ "components": [component("@a", "b"), component("", "c")] });
        let group_is_left_out = all.to_string().replace("\"group\":\"\",", "");
        std::fs::write(&bill, group_is_left_out).unwrap();
        let both = BTreeSet::from(["@a/b@1.0.0".to_owned(), "c@1.0.0".to_owned()]);
        check(&bill, &both, "c").unwrap();
        assert!(check(&bill, &both, "tauri").is_err());
        assert!(check(&bill, &BTreeSet::from(["c@1.0.0".to_owned()]), "c").is_err());
    }

    #[test]
    fn lock_files_are_read() {
        assert!(
            locked_crates()
                .unwrap()
                .contains(&format!("xtask@{}", super::super::VERSION))
        );
        let page = locked_page().unwrap();
        assert!(page.iter().any(|name| name.starts_with("livekit-client@")));
        assert!(
            page.iter().any(|name| name.starts_with("@tauri-apps/api@")),
            "{page:?}"
        );
    }
}
