//! Follows a path to the modules that define what it names.

use std::collections::BTreeSet;

use super::{Definition, Mention, MentionKind, Tree};

/// Where a path leads.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Modules of this crate.
    pub(super) modules: BTreeSet<usize>,
    /// First segments that are not this crate's: other crates, and names of the language.
    pub(super) crates: BTreeSet<String>,
}

/// What a search goes through.
#[derive(Default)]
struct Search {
    /// Modules that define what was looked for.
    defining: BTreeSet<usize>,
    /// Modules that are what was looked for.
    named: BTreeSet<usize>,
    /// Modules that only handed it on.
    through: BTreeSet<usize>,
    crates: BTreeSet<String>,
    /// Imports that are being followed: one may lead back to itself, as `use rand::rand` does.
    open: Vec<(usize, String, usize)>,
}

impl Tree {
    pub(super) fn resolve(&self, from: usize, mention: &Mention) -> Found {
        let mut search = Search::default();
        match &mention.path[..] {
            // A name that this module imports has its arrow from there.
            [name] if mention.kind == MentionKind::Inline => {
                if !self.modules[from].definitions.contains_key(name) {
                    self.through_globs(from, &mention.path, true, &mut search);
                    search.named.clear();
                }
            }
            path => {
                self.follow(from, path, &mut search);
            }
        }
        let above = |module: &usize| self.is_above(*module, from);
        let mut modules = search.defining;
        // To say a parent's name is not to take anything of it; whatever is taken has its own path.
        modules.extend(search.named.iter().filter(|m| !above(m)));
        modules.extend(search.through.iter().filter(|m| !above(m)));
        modules.remove(&from);
        Found {
            modules,
            crates: search.crates,
        }
    }

    fn is_above(&self, above: usize, module: usize) -> bool {
        let mut scope = Some(module);
        while let Some(module) = scope {
            if module == above {
                return true;
            }
            scope = self.modules[module].module.parent;
        }
        false
    }

    /// Follows a path as it stands in a module. Whether it leads anywhere.
    fn follow(&self, from: usize, path: &[String], search: &mut Search) -> bool {
        let mut scope = from;
        let mut rest = path;
        while let [first, more @ ..] = rest {
            scope = match first.as_str() {
                "crate" => 0,
                "self" => scope,
                "super" => self.modules[scope].module.parent.unwrap_or(scope),
                _ => break,
            };
            rest = more;
        }
        match rest {
            [] => search.named.insert(scope),
            [absolute, name, ..] if absolute.is_empty() => search.crates.insert(name.clone()),
            [name, ..] => {
                let lexical = rest.len() == path.len();
                if self.look_up(scope, rest, lexical, search) {
                    return true;
                }
                if lexical {
                    search.crates.insert(name.clone());
                } else {
                    // A macro made it.
                    search.defining.insert(scope);
                }
                true
            }
        };
        true
    }

    /// Looks for the first name of a path among a module's. Where that is not `lexical`, the module stands in the
    /// path, and hands on what it imports.
    fn look_up(&self, scope: usize, path: &[String], lexical: bool, search: &mut Search) -> bool {
        let Some((name, rest)) = path.split_first() else {
            return false;
        };
        let mut found = false;
        let definitions = self.modules[scope].definitions.get(name);
        for (place, definition) in definitions.into_iter().flatten().enumerate() {
            match definition {
                Definition::Item => {
                    search.defining.insert(scope);
                    found = true;
                }
                Definition::Module(child) if rest.is_empty() => {
                    search.named.insert(*child);
                    found = true;
                }
                Definition::Module(child) => {
                    if !self.look_up(*child, rest, false, search) {
                        search.defining.insert(*child);
                    }
                    found = true;
                }
                Definition::Use(target) => {
                    let key = (scope, name.clone(), place);
                    if search.open.contains(&key) {
                        continue;
                    }
                    search.open.push(key);
                    let whole = [target, rest].concat();
                    found |= self.follow(scope, &whole, search);
                    search.open.pop();
                    if !lexical {
                        search.through.insert(scope);
                    }
                }
            }
        }
        found || self.through_globs(scope, path, lexical, search)
    }

    fn through_globs(
        &self,
        scope: usize,
        path: &[String],
        lexical: bool,
        search: &mut Search,
    ) -> bool {
        for (place, glob) in self.modules[scope].globs.iter().enumerate() {
            let key = (scope, "*".to_owned(), place);
            if search.open.contains(&key) {
                continue;
            }
            search.open.push(key);
            let mut of = Search {
                open: std::mem::take(&mut search.open),
                ..Search::default()
            };
            self.follow(scope, glob, &mut of);
            search.open = of.open;
            let found = of
                .named
                .into_iter()
                .any(|module| self.look_up(module, path, false, search));
            search.open.pop();
            if found {
                if !lexical {
                    search.through.insert(scope);
                }
                return true;
            }
        }
        false
    }
}
