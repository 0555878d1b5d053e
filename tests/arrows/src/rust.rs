//! Reads the modules of a Rust target.

mod names;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::graph::{Arrow, House, Module};

/// A crate's modules with what they define and name.
#[derive(Debug, Default)]
struct Tree {
    modules: Vec<Content>,
}

/// What stands in a module.
#[derive(Debug)]
struct Content {
    module: Module,
    /// By name. There is more than one where `cfg` chooses, or where a function is called as a module is.
    definitions: BTreeMap<String, Vec<Definition>>,
    /// What `*` was taken of.
    globs: Vec<Vec<String>>,
    mentions: Vec<Mention>,
}

#[derive(Debug)]
enum Definition {
    /// Defined here.
    Item,
    /// A child.
    Module(usize),
    /// Imported or handed on, under the path.
    Use(Vec<String>),
}

/// A path in the text.
#[derive(Debug)]
struct Mention {
    /// Its segments; the first is empty where it begins with `::`.
    path: Vec<String>,
    line: usize,
    in_test: bool,
    kind: MentionKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MentionKind {
    Use,
    Reexport,
    Glob,
    Inline,
}

/// What a target names of other crates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crates {
    /// In code.
    pub(crate) in_code: BTreeSet<String>,
    /// In what is compiled for tests only.
    pub(crate) in_tests: BTreeSet<String>,
}

/// Reads a target.
///
/// # Errors
/// If a file is missing or cannot be parsed.
pub(crate) fn read(name: &str, root: &Path, is_test: bool) -> Result<(House, Crates)> {
    let mut tree = Tree::default();
    tree.file(
        String::new(),
        None,
        root,
        root.parent().unwrap_or(root),
        is_test,
    )?;
    let (arrows, crates) = tree.arrows();
    let house = House {
        name: name.to_owned(),
        is_test,
        separator: "::",
        modules: tree.modules.into_iter().map(|m| m.module).collect(),
        arrows,
    };
    Ok((house, crates))
}

impl Tree {
    fn add(&mut self, name: String, parent: Option<usize>, file: &Path, is_test: bool) -> usize {
        let module = Module {
            name,
            parent,
            file: file.to_owned(),
            lines: 0,
            tests: 0,
            is_test,
        };
        self.modules.push(Content {
            module,
            definitions: BTreeMap::new(),
            globs: Vec::new(),
            mentions: Vec::new(),
        });
        self.modules.len() - 1
    }

    /// Reads a file and those of its modules, which are in `children` or below.
    fn file(
        &mut self,
        name: String,
        parent: Option<usize>,
        file: &Path,
        children: &Path,
        is_test: bool,
    ) -> Result<usize> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("no {}", file.display()))?;
        let parsed = syn::parse_file(&text)
            .with_context(|| format!("{} cannot be parsed", file.display()))?;
        let module = self.add(name, parent, file, is_test);
        let lines = text.lines().count();
        walk::file(self, module, &parsed, children, lines)?;
        Ok(module)
    }

    /// Where the file of `mod name;` is, and where those of its own modules are.
    fn locate(children: &Path, name: &str) -> Result<(PathBuf, PathBuf)> {
        let below = children.join(name);
        for file in [children.join(format!("{name}.rs")), below.join("mod.rs")] {
            if file.is_file() {
                return Ok((file, below));
            }
        }
        bail!("no file for the module {name} in {}", children.display())
    }

    fn arrows(&self) -> (Vec<Arrow>, Crates) {
        let mut arrows = Vec::new();
        let mut crates = Crates::default();
        for (from, content) in self.modules.iter().enumerate() {
            for mention in &content.mentions {
                let found = self.resolve(from, mention);
                let into = if mention.in_test {
                    &mut crates.in_tests
                } else {
                    &mut crates.in_code
                };
                into.extend(found.crates);
                arrows.extend(found.modules.into_iter().map(|to| Arrow {
                    from,
                    to,
                    line: mention.line,
                    how: mention.to_string(),
                    in_test: mention.in_test,
                }));
            }
        }
        (arrows, crates)
    }
}

impl std::fmt::Display for Mention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before = match self.kind {
            MentionKind::Use | MentionKind::Glob => "use ",
            MentionKind::Reexport => "pub use ",
            MentionKind::Inline => "",
        };
        let after = if self.kind == MentionKind::Glob {
            "::*"
        } else {
            ""
        };
        write!(f, "{before}{}{after}", self.path.join("::"))
    }
}
