//! Finds the project's packages, and reads all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::graph::{House, from_the_top};
use crate::rust::{self, Crates};
use crate::script;

/// All that is checked in.
#[derive(Clone, Debug)]
pub struct Project {
    /// Crates, the ones that nobody depends on first.
    pub packages: Vec<Package>,
    /// Folders with scripts: packages of npm, and what lies beside crates.
    pub scripts: Vec<House>,
    /// Imports of one folder with scripts from another: from, to, and where.
    pub between_scripts: BTreeMap<(String, String), String>,
    /// `workspace.metadata.layers`: crates by name, from top to bottom. May be missing.
    pub layers: Vec<Vec<String>>,
}

/// A package of cargo's.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What its `Cargo.toml` says it is.
    pub description: String,
    /// Where it lies, from the project's root.
    pub folder: PathBuf,
    /// What it depends on, of the project's own.
    pub dependencies: BTreeMap<String, Dependency>,
    /// Its targets.
    pub targets: Vec<House>,
}

/// That a package has another one in its `Cargo.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// What for; the first of these that applies.
    pub kind: Kind,
    /// Whether its code names it.
    pub used: bool,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What is built.
    Normal,
    /// The build script.
    Build,
    /// Tests.
    Tests,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
    metadata: Option<WorkspaceMetadata>,
}

#[derive(Deserialize)]
struct WorkspaceMetadata {
    #[serde(default)]
    layers: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    description: Option<String>,
    manifest_path: PathBuf,
    dependencies: Vec<Wanted>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
    kind: Option<String>,
    rename: Option<String>,
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Project {
    /// Reads what is checked in below a folder, and what would be.
    ///
    /// # Errors
    /// If something cannot be read or parsed, and where Git, cargo, Node.js or the page's packages are missing.
    pub fn read(root: &Path) -> Result<Self> {
        let root = root
            .canonicalize()
            .with_context(|| format!("no {}", root.display()))?;
        let files = files(&root)?;
        let (described, layers) = described(&root, &files)?;
        let mut packages = Vec::new();
        for package in &described {
            packages.push(package.read(&root, &described)?);
        }
        sort(&mut packages);
        let (scripts, between_scripts) = script::read(&root, &files)?;
        Ok(Self {
            packages,
            scripts,
            between_scripts,
            layers,
        })
    }
}

impl Described {
    fn folder<'a>(&'a self, root: &Path) -> &'a Path {
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        folder.strip_prefix(root).unwrap_or(folder)
    }

    /// As code names it.
    fn library(&self) -> Option<String> {
        let library = |target: &&Target| {
            let kinds = ["lib", "proc-macro", "rlib", "cdylib", "staticlib", "dylib"];
            target
                .kind
                .iter()
                .any(|kind| kinds.contains(&kind.as_str()))
        };
        let library = self.targets.iter().find(library)?;
        Some(library.name.replace('-', "_"))
    }

    fn read(&self, root: &Path, all: &[Self]) -> Result<Package> {
        let mut targets = Vec::new();
        let mut named = BTreeMap::<Kind, BTreeSet<String>>::new();
        for target in &self.targets {
            let kind = match target.kind.first().map(String::as_str) {
                Some("custom-build") => Kind::Build,
                Some("test" | "bench" | "example") => Kind::Tests,
                _ => Kind::Normal,
            };
            let name = match target.kind.first().map(String::as_str) {
                Some("bin" | "test" | "bench" | "example") => {
                    format!("{} {}", self.name, target.name)
                }
                Some("custom-build") => format!("{} build.rs", self.name),
                _ => self.name.clone(),
            };
            let (mut house, Crates { in_code, in_tests }) =
                rust::read(&name, &target.src_path, kind == Kind::Tests)?;
            for module in &mut house.modules {
                if let Ok(file) = module.file.strip_prefix(root) {
                    module.file = file.to_owned();
                }
            }
            targets.push(house);
            named.entry(kind).or_default().extend(in_code);
            named.entry(Kind::Tests).or_default().extend(in_tests);
        }
        let mut dependencies = BTreeMap::new();
        for wanted in self.dependencies.iter().filter(|d| d.path.is_some()) {
            let Some(package) = all.iter().find(|package| package.name == wanted.name) else {
                bail!(
                    "{} depends on {}, which is not there",
                    self.name,
                    wanted.name
                );
            };
            let kind = match wanted.kind.as_deref() {
                Some("dev") => Kind::Tests,
                Some("build") => Kind::Build,
                _ => Kind::Normal,
            };
            let called = wanted.rename.as_ref().map(|name| name.replace('-', "_"));
            let called = called.or_else(|| package.library());
            let names = |kind: &Kind| {
                let names = named.get(kind);
                names.is_some_and(|names| called.as_ref().is_some_and(|c| names.contains(c)))
            };
            let used = match kind {
                Kind::Normal => names(&Kind::Normal),
                kind => names(&kind),
            };
            let dependency = dependencies
                .entry(package.name.clone())
                .or_insert(Dependency { kind, used });
            dependency.kind = dependency.kind.min(kind);
            dependency.used &= used;
        }
        Ok(Package {
            name: self.name.clone(),
            description: self.description.clone().unwrap_or_default(),
            folder: self.folder(root).to_owned(),
            dependencies,
            targets,
        })
    }
}

/// Those that nobody depends on first.
fn sort(packages: &mut [Package]) {
    let names = packages
        .iter()
        .map(|package| package.name.clone())
        .collect();
    let arrows: Vec<_> = packages
        .iter()
        .flat_map(|package| {
            let to = package.dependencies.keys().cloned();
            to.map(|to| (package.name.clone(), to))
        })
        .collect();
    let names = from_the_top(names, &arrows);
    packages.sort_by_key(|package| names.iter().position(|name| *name == package.name));
}

/// Every package of every workspace.
fn described(root: &Path, files: &[PathBuf]) -> Result<(Vec<Described>, Vec<Vec<String>>)> {
    let mut packages: Vec<Described> = Vec::new();
    let mut layers = Vec::new();
    let manifests = files.iter().filter(|file| file.ends_with("Cargo.toml"));
    // The outer ones first.
    let mut manifests: Vec<PathBuf> = manifests.map(|file| root.join(file)).collect();
    manifests.sort_by_key(|manifest| manifest.components().count());
    for manifest in manifests {
        if packages.iter().any(|known| known.manifest_path == manifest) {
            continue;
        }
        let mut cargo = Command::new("cargo");
        cargo.args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]);
        let text = output(cargo.arg("--manifest-path").arg(&manifest))?;
        let found: Metadata = serde_json::from_slice(&text)?;
        let more = found.packages.into_iter();
        packages.extend(more.filter(|package| package.manifest_path.starts_with(root)));
        layers.extend(
            found
                .metadata
                .into_iter()
                .flat_map(|metadata| metadata.layers),
        );
    }
    Ok((packages, layers))
}

/// What is checked in, and what is new and not ignored.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let text = output(git.current_dir(root))?;
    let mut files: Vec<PathBuf> = String::from_utf8(text)?
        .split_terminator('\0')
        .map(PathBuf::from)
        // What was removed and not yet committed.
        .filter(|file| root.join(file).is_file())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} does not start"))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output.stdout)
}
