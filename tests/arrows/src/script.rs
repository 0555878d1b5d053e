//! Reads TypeScript, JavaScript and components: each file is a module.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::graph::{Arrow, House, Module};

/// Parses with the compilers of TypeScript and Svelte.
const PARSER: &str = include_str!("script/read.mjs");
/// Where those are: among the packages of the page that this program was built beside, whatever it reads.
const COMPILERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/package.json");
const ENDINGS: [&str; 5] = ["ts", "js", "mjs", "svelte", "mts"];

#[derive(Serialize)]
struct Wanted<'a> {
    files: &'a [PathBuf],
    compilers: &'a str,
}

#[derive(Deserialize)]
struct Script {
    file: PathBuf,
    lines: usize,
    tests: usize,
    imports: Vec<Import>,
}

#[derive(Deserialize)]
struct Import {
    line: usize,
    how: String,
    to: PathBuf,
}

/// What leads from one folder's scripts to another's: from, to, and one place where it does.
pub(crate) type Between = BTreeMap<(String, String), String>;

/// Where each file of a script is: the folder's place, and the module's.
type Places = BTreeMap<PathBuf, (usize, usize)>;

/// Reads all scripts, by the folder of the package they are in, and what leads from one folder to another.
///
/// # Errors
/// If one cannot be parsed, or imports a file that is not there.
pub(crate) fn read(root: &Path, files: &[PathBuf]) -> Result<(Vec<House>, Between)> {
    let scripts: Vec<PathBuf> = files
        .iter()
        .filter(|f| is_script(f))
        .map(|f| root.join(f))
        .collect();
    if scripts.is_empty() {
        return Ok((Vec::new(), BTreeMap::new()));
    }
    let parsed = parse(&scripts)?;
    let mut houses: Vec<House> = Vec::new();
    let mut places = Places::new();
    for script in &parsed {
        let file = script.file.strip_prefix(root).unwrap_or(&script.file);
        let folder = package_of(root, file);
        let name = folder.display().to_string();
        let house = match houses.iter().position(|house| house.name == name) {
            Some(known) => known,
            None => {
                houses.push(House::of_scripts(name, folder));
                houses.len() - 1
            }
        };
        let module = houses[house].add(folder, file, script);
        places.insert(script.file.clone(), (house, module));
    }
    let mut between = Between::new();
    for script in &parsed {
        let (house, from) = places[&script.file];
        for import in &script.imports {
            // Styles, pictures and tables are no modules.
            let Some(&(other, to)) = places.get(&import.to) else {
                continue;
            };
            if other == house {
                houses[house].arrows.push(Arrow {
                    from,
                    to,
                    line: import.line,
                    how: import.how.clone(),
                    in_test: false,
                });
            } else {
                let file = script.file.strip_prefix(root).unwrap_or(&script.file);
                between
                    .entry((houses[house].name.clone(), houses[other].name.clone()))
                    .or_insert_with(|| {
                        format!("{}:{} {}", file.display(), import.line, import.how)
                    });
            }
        }
    }
    Ok((houses, between))
}

fn is_script(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    // What was built lies in `dist`.
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
        && !file.components().any(|part| part.as_os_str() == "dist")
}

/// The folder of the package that a file is in: npm's or cargo's.
fn package_of<'a>(root: &Path, file: &'a Path) -> &'a Path {
    let is_package = |folder: &&Path| {
        let folder = root.join(folder);
        folder.join("package.json").is_file() || folder.join("Cargo.toml").is_file()
    };
    let folders = file.ancestors().skip(1);
    folders
        .into_iter()
        .find(is_package)
        .unwrap_or(Path::new(""))
}

impl House {
    fn of_scripts(name: String, folder: &Path) -> Self {
        let root = Module {
            name: String::new(),
            parent: None,
            file: folder.to_owned(),
            lines: 0,
            tests: 0,
            is_test: false,
        };
        Self {
            name,
            is_test: false,
            separator: "/",
            modules: vec![root],
            arrows: Vec::new(),
        }
    }

    /// Adds a file and the folders above it.
    fn add(&mut self, folder: &Path, file: &Path, script: &Script) -> usize {
        let inner = file.strip_prefix(folder).unwrap_or(file);
        let of_tests = inner.components().any(|part| part.as_os_str() == "tests");
        let mut parent = 0;
        let mut path = folder.to_owned();
        for part in inner.components() {
            let name = part.as_os_str().to_string_lossy().into_owned();
            path.push(&name);
            let known = self.modules.iter().position(|module| module.file == path);
            parent = known.unwrap_or_else(|| {
                self.modules.push(Module {
                    name,
                    parent: Some(parent),
                    file: path.clone(),
                    lines: 0,
                    tests: 0,
                    is_test: false,
                });
                self.modules.len() - 1
            });
        }
        let module = &mut self.modules[parent];
        module.lines = if of_tests { 0 } else { script.lines };
        module.tests = script.tests;
        parent
    }
}

fn parse(files: &[PathBuf]) -> Result<Vec<Script>> {
    let wanted = serde_json::to_vec(&Wanted {
        files,
        compilers: COMPILERS,
    })?;
    let mut node = Command::new("node")
        .args(["--input-type=module", "--eval", PARSER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("Node.js does not start")?;
    let mut stdin = node.stdin.take().context("no input")?;
    // It reads all before it writes anything.
    stdin.write_all(&wanted)?;
    drop(stdin);
    let output = node.wait_with_output()?;
    if !output.status.success() {
        bail!("the page's scripts could not be read; `./x setup` installs what reads them");
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
