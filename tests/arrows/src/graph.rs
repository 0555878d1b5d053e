//! Modules, the arrows between them, and circles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

/// What is compiled or bundled as one: a target of a Rust package, or the scripts of a folder.
#[derive(Clone, Debug)]
pub struct House {
    /// The target's name, or the folder.
    pub name: String,
    /// Whether all of it is for tests only.
    pub is_test: bool,
    /// What stands between the names in a module's path.
    pub separator: &'static str,
    /// The first is the root.
    pub modules: Vec<Module>,
    /// Between modules of this house.
    pub arrows: Vec<Arrow>,
}

/// A module, a file of TypeScript, or a folder of those.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its name below its parent.
    pub name: String,
    /// Its parent's place in the house; the root has none.
    pub parent: Option<usize>,
    /// Where it is; a folder's path for a folder.
    pub file: PathBuf,
    /// Lines of the file that are this module's, without those for tests.
    pub lines: usize,
    /// Tests that are written down here.
    pub tests: usize,
    /// Whether it is compiled for tests only.
    pub is_test: bool,
}

/// That a module names what another one defines.
#[derive(Clone, Debug)]
pub struct Arrow {
    /// Who names.
    pub from: usize,
    /// Who defines.
    pub to: usize,
    /// The line, counted from one.
    pub line: usize,
    /// How, as it is written.
    pub how: String,
    /// Whether that line is compiled for tests only.
    pub in_test: bool,
}

/// Modules of which each leads to every other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// Whose children they are.
    pub(crate) within: String,
    /// Their names.
    pub(crate) members: Vec<String>,
    /// One line for each arrow among them, with one place where it is.
    pub(crate) arrows: Vec<String>,
}

impl House {
    /// A module's path from the root, without the root's own name.
    #[must_use]
    pub fn path(&self, module: usize) -> String {
        let mut names: Vec<&str> = Vec::new();
        let mut current = module;
        while let Some(parent) = self.modules[current].parent {
            names.push(&self.modules[current].name);
            current = parent;
        }
        names.reverse();
        names.join(self.separator)
    }

    /// A module with its parents, from the root down.
    fn line_of(&self, module: usize) -> Vec<usize> {
        let mut line = vec![module];
        while let Some(parent) = self.modules[line[line.len() - 1]].parent {
            line.push(parent);
        }
        line.reverse();
        line
    }

    /// Whether one is the other, or stands above it.
    pub(crate) fn is_above(&self, above: usize, module: usize) -> bool {
        self.line_of(module).contains(&above)
    }

    /// The children between which an arrow goes, and their parent. `None` between a module and one above it,
    /// unless that is the root.
    fn children_of(&self, arrow: &Arrow) -> Option<(usize, usize, usize)> {
        let (from, to) = (self.line_of(arrow.from), self.line_of(arrow.to));
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let parent = from[common - 1];
        let child = |line: &[usize]| match line.get(common) {
            Some(child) => Some(*child),
            None if parent == 0 => Some(0),
            None => None,
        };
        let (a, b) = (child(&from)?, child(&to)?);
        (a != b).then_some((parent, a, b))
    }

    /// Arrows between children of the same parent: which, and one place where each is. Those of tests are left
    /// out, but where all is for tests.
    pub(crate) fn among_children(&self) -> BTreeMap<usize, BTreeMap<(usize, usize), &Arrow>> {
        let mut levels: BTreeMap<usize, BTreeMap<(usize, usize), &Arrow>> = BTreeMap::new();
        for arrow in self.arrows.iter().filter(|a| self.is_test || !a.in_test) {
            if let Some((parent, from, to)) = self.children_of(arrow) {
                let level = levels.entry(parent).or_default();
                level.entry((from, to)).or_insert(arrow);
            }
        }
        levels
    }

    /// All circles, on every level, and those among modules of tests.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let mut circles = Vec::new();
        for (parent, arrows) in self.among_children() {
            let within = match self.path(parent) {
                path if path.is_empty() => self.name.clone(),
                path => format!("{} {path}", self.name),
            };
            circles.extend(self.circles_in(&within, &arrows));
        }
        if !self.is_test {
            let within = format!("the tests of {}", self.name);
            circles.extend(self.circles_in(&within, &self.among_tests()));
        }
        circles
    }

    fn among_tests(&self) -> BTreeMap<(usize, usize), &Arrow> {
        let mut arrows = BTreeMap::new();
        for arrow in &self.arrows {
            let tests = self.modules[arrow.from].is_test && self.modules[arrow.to].is_test;
            let related =
                self.is_above(arrow.from, arrow.to) || self.is_above(arrow.to, arrow.from);
            if tests && !related {
                arrows.entry((arrow.from, arrow.to)).or_insert(arrow);
            }
        }
        arrows
    }

    fn circles_in(&self, within: &str, arrows: &BTreeMap<(usize, usize), &Arrow>) -> Vec<Circle> {
        let name = |module: usize| match self.path(module) {
            path if path.is_empty() => "(root)".to_owned(),
            path => path,
        };
        let described = |((from, to), arrow): (&(usize, usize), &&Arrow)| {
            let file = self.modules[arrow.from].file.display();
            let (from, to) = (name(*from), name(*to));
            format!("{from} -> {to}: {file}:{} {}", arrow.line, arrow.how)
        };
        strongly_connected(arrows.keys().copied())
            .into_iter()
            .map(|members| Circle {
                within: within.to_owned(),
                members: members.iter().map(|module| name(*module)).collect(),
                arrows: arrows
                    .iter()
                    .filter(|((from, to), _)| members.contains(from) && members.contains(to))
                    .map(described)
                    .collect(),
            })
            .collect()
    }
}

/// Groups of more than one, in which every one leads to every other one.
pub(crate) fn strongly_connected<T: Copy + Ord>(
    arrows: impl Iterator<Item = (T, T)>,
) -> Vec<BTreeSet<T>> {
    let mut graph = DiGraph::<T, ()>::new();
    let mut nodes = BTreeMap::new();
    for (from, to) in arrows {
        let from = *nodes.entry(from).or_insert_with(|| graph.add_node(from));
        let to = *nodes.entry(to).or_insert_with(|| graph.add_node(to));
        graph.add_edge(from, to, ());
    }
    let mut groups: Vec<BTreeSet<T>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|group| group.len() > 1)
        .map(|group| group.into_iter().map(|node| graph[node]).collect())
        .collect();
    groups.sort();
    groups
}

/// Those that nothing leads to first, and each before what it leads to, but for circles. Otherwise by order.
pub(crate) fn from_the_top<T: Clone + Ord>(all: Vec<T>, arrows: &[(T, T)]) -> Vec<T> {
    let mut sorted = Vec::new();
    let mut rest = all;
    rest.sort();
    while !rest.is_empty() {
        let led_to = |each: &T| {
            let mut arrows = arrows.iter();
            arrows.any(|(from, to)| to == each && from != each && rest.contains(from))
        };
        let (lower, free): (Vec<_>, Vec<_>) = rest.iter().cloned().partition(led_to);
        // What is in circles stays together.
        let free = if free.is_empty() { rest.clone() } else { free };
        rest = lower
            .into_iter()
            .filter(|each| !free.contains(each))
            .collect();
        sorted.extend(free);
    }
    sorted
}
