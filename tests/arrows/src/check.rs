//! What does not point one way.

use std::collections::BTreeMap;

use crate::graph::strongly_connected;
use crate::project::Project;

/// Everything that is wrong with a project's arrows, in words: circles of crates, of modules and of folders with
/// scripts, arrows that do not lead down the layers, dependencies that no code names.
#[must_use]
pub fn faults(project: &Project) -> Vec<String> {
    let mut faults = Vec::new();
    let crates = project.packages.iter().flat_map(|package| {
        let to = package.dependencies.keys();
        to.map(|to| (package.name.as_str(), to.as_str()))
    });
    for circle in strongly_connected(crates) {
        let names: Vec<_> = circle.into_iter().collect();
        faults.push(format!("circle of crates: {}", names.join(", ")));
    }
    let scripts = project.between_scripts.keys();
    for circle in strongly_connected(scripts.map(|(from, to)| (from.as_str(), to.as_str()))) {
        let names: Vec<_> = circle.into_iter().collect();
        faults.push(format!("circle of folders: {}", names.join(", ")));
    }
    let targets = project.packages.iter().flat_map(|package| &package.targets);
    for house in targets.chain(&project.scripts) {
        for circle in house.circles() {
            let mut fault = format!("circle in {}: {}", circle.within, circle.members.join(", "));
            for arrow in circle.arrows {
                fault.push_str("\n    ");
                fault.push_str(&arrow);
            }
            faults.push(fault);
        }
    }
    faults.extend(upwards(project));
    for package in &project.packages {
        for (to, dependency) in &package.dependencies {
            if !dependency.used {
                faults.push(format!(
                    "{} depends on {to}, and no code names it",
                    package.name
                ));
            }
        }
    }
    faults
}

/// Where layers are written down: who is in none of them, and arrows that do not lead to a lower one.
fn upwards(project: &Project) -> Vec<String> {
    let mut layers = BTreeMap::new();
    for (depth, layer) in project.layers.iter().enumerate() {
        for name in layer {
            layers.insert(name.as_str(), depth);
        }
    }
    let mut faults = Vec::new();
    if layers.is_empty() {
        return faults;
    }
    for name in layers.keys() {
        if !project.packages.iter().any(|package| package.name == *name) {
            faults.push(format!("{name} has a layer, and is not there"));
        }
    }
    for package in &project.packages {
        let Some(from) = layers.get(package.name.as_str()) else {
            faults.push(format!("{} is in none of the layers", package.name));
            continue;
        };
        for to in package.dependencies.keys() {
            if layers.get(to.as_str()).is_some_and(|to| to <= from) {
                faults.push(format!(
                    "{} -> {to} does not lead to a lower layer",
                    package.name
                ));
            }
        }
    }
    faults
}
