//! The arrows for a reader: as text for a terminal, and for ARCHITECTURE.md.

use std::fmt::Write as _;

use crate::graph::{House, from_the_top};
use crate::project::{Kind, Package, Project};

/// Crates and modules with their arrows, their lines of code and their tests.
#[must_use]
pub fn printed(project: &Project) -> String {
    let mut text =
        String::from("# Crates: lines without tests, tests, what each names of the others\n");
    for package in &project.packages {
        let lines: usize = package.targets.iter().map(House::lines).sum();
        let tests: usize = package.targets.iter().map(House::tests).sum();
        row(&mut text, &package.name, lines, tests, &crates(package));
    }
    text.push_str("\n# Folders with scripts\n");
    for house in &project.scripts {
        let to = project.between_scripts.keys();
        let to = to.filter(|(from, _)| *from == house.name);
        let to: Vec<_> = to.map(|(_, to)| to.as_str()).collect();
        row(
            &mut text,
            &house.name,
            house.lines(),
            house.tests(),
            &to.join(", "),
        );
    }
    let targets = project.packages.iter().flat_map(|package| &package.targets);
    for house in targets.chain(&project.scripts) {
        modules(&mut text, house);
    }
    text
}

fn row(text: &mut String, name: &str, lines: usize, tests: usize, arrows: &str) {
    let arrow = if arrows.is_empty() { "" } else { " -> " };
    let _ = writeln!(text, "{name:32} {lines:6} {tests:5}{arrow}{arrows}");
}

fn crates(package: &Package) -> String {
    let names = package.dependencies.iter().map(|(name, dependency)| {
        let kind = match dependency.kind {
            Kind::Normal => "",
            Kind::Build => " (to build)",
            Kind::Tests => " (tests)",
        };
        let unused = if dependency.used { "" } else { " (not named)" };
        format!("{name}{kind}{unused}")
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The arrows among the children of every module that has any.
fn modules(text: &mut String, house: &House) {
    for parent in 0..house.modules.len() {
        let children = house.children(parent);
        if children.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n## {} {}", house.name, house.path(parent));
        for (child, to) in children {
            let below = |module: &usize| house.is_above(child, *module);
            let all: Vec<usize> = (0..house.modules.len()).filter(below).collect();
            let lines = all.iter().map(|module| house.modules[*module].lines).sum();
            let tests = all.iter().map(|module| house.modules[*module].tests).sum();
            row(
                text,
                &house.modules[child].name,
                lines,
                tests,
                &to.join(", "),
            );
        }
    }
}

impl House {
    /// The children of a module from the top down, with the names of those that each leads to.
    fn children(&self, parent: usize) -> Vec<(usize, Vec<&str>)> {
        let levels = self.among_children();
        let arrows: Vec<(usize, usize)> = match levels.get(&parent) {
            Some(arrows) => arrows.keys().copied().collect(),
            None => Vec::new(),
        };
        let children = (0..self.modules.len())
            .filter(|&module| self.modules[module].parent == Some(parent))
            .filter(|&module| self.is_test || !self.modules[module].is_test)
            .collect();
        let sorted = from_the_top(children, &arrows).into_iter();
        let named = |to: usize| match to {
            0 => "(root)",
            to => self.modules[to].name.as_str(),
        };
        let leads_to = |child: usize| {
            let from_here = arrows.iter().filter(move |(from, _)| *from == child);
            let to_parent = self.arrows.iter().any(|arrow| {
                let counts = self.is_test || !arrow.in_test;
                counts && parent != 0 && arrow.to == parent && self.is_above(child, arrow.from)
            });
            let to_parent = to_parent.then_some("(parent)");
            let others = from_here.map(|(_, to)| named(*to));
            to_parent.into_iter().chain(others).collect()
        };
        sorted.map(|child| (child, leads_to(child))).collect()
    }

    fn lines(&self) -> usize {
        self.modules.iter().map(|module| module.lines).sum()
    }

    fn tests(&self) -> usize {
        self.modules.iter().map(|module| module.tests).sum()
    }
}

/// What stands in ARCHITECTURE.md: the crates, and the parts of the page and of the plugin's script.
#[must_use]
pub fn written(project: &Project) -> String {
    let mut text = String::from("```mermaid\ngraph TD\n");
    for package in &project.packages {
        let _ = writeln!(text, "  {}[{}]", id(&package.name), package.name);
    }
    for package in &project.packages {
        for (to, dependency) in &package.dependencies {
            let arrow = match dependency.kind {
                Kind::Normal => "-->",
                Kind::Build | Kind::Tests => "-.->",
            };
            let _ = writeln!(text, "  {} {arrow} {}", id(&package.name), id(to));
        }
    }
    text.push_str("```\n");
    for house in &project.scripts {
        let sources = (0..house.modules.len()).find(|&module| house.path(module) == "src");
        let parts = sources.map_or(Vec::new(), |sources| house.children(sources));
        if parts.len() < 2 {
            continue;
        }
        let _ = writeln!(text, "\n`{}/src`, from the top:\n\n```text", house.name);
        for (part, to) in parts {
            let name = &house.modules[part].name;
            if to.is_empty() {
                let _ = writeln!(text, "{name}");
            } else {
                let _ = writeln!(text, "{name} -> {}", to.join(", "));
            }
        }
        text.push_str("```\n");
    }
    text
}

/// What Mermaid takes as a name.
fn id(name: &str) -> String {
    name.replace('-', "_")
}
