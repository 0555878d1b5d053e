//! Whether every build of the workspace has the same features of its dependencies: a difference means
//! that a library, and all above it, is compiled twice.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use crate::process::{command, output};

/// Compares what programs and what tests are built with.
pub(crate) fn check() -> Result<()> {
    let programs = resolved("normal,build")?;
    let tests = resolved("normal,build,dev")?;
    let differences = differences(&programs, &tests);
    if !differences.is_empty() {
        bail!(
            "features that only tests switch on belong into tests/support/Cargo.toml as well:\n{}",
            differences.join("\n")
        );
    }
    Ok(())
}

/// Package and version to what is switched on in it, once or (for build scripts) differently again.
type Features = BTreeMap<String, Vec<String>>;

fn resolved(edges: &str) -> Result<Features> {
    let arguments = ["tree", "--workspace", "--edges", edges];
    let shown = ["--prefix", "none", "--format", "{p}|{f}"];
    let tree = output(command("cargo").args(arguments).args(shown));
    Ok(read(&tree.context("cargo tree failed")?))
}

fn read(tree: &str) -> Features {
    let mut features = Features::new();
    for line in tree.lines() {
        // A package that was listed before ends in "(*)".
        let line = line.trim_end_matches("(*)").trim_end();
        let Some((package, switched_on)) = line.split_once('|') else {
            continue;
        };
        let all = features.entry(package.to_owned()).or_default();
        if !all.iter().any(|known| known == switched_on) {
            all.push(switched_on.to_owned());
            all.sort();
        }
    }
    features
}

fn differences(programs: &Features, tests: &Features) -> Vec<String> {
    let both = programs
        .iter()
        .filter_map(|(package, features)| Some((package, features, tests.get(package)?)));
    // What tests lack is no difference: of a library that build scripts have as well, cargo lists only once what it
    // depends on, and that may be what only those have.
    let known =
        |programs: &[String], tests: &[String]| tests.iter().all(|one| programs.contains(one));
    both.filter(|(_, programs, tests)| !known(programs, tests))
        .map(|(package, programs, tests)| format!("{package}: {programs:?}, in tests {tests:?}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_only_tests_have_is_found() {
        let programs = read("a v1.0.0|std\nb v2.0.0|\na v1.0.0|std (*)\n");
        assert_eq!(differences(&programs, &programs), Vec::<String>::new());
        // What only tests have at all is compiled once.
        let more = read("a v1.0.0|std\nb v2.0.0|\nproptest v1.0.0|std\n");
        assert_eq!(differences(&programs, &more), Vec::<String>::new());
        // A build script's own way of having it, which is listed for one of the two only.
        let twice = read("a v1.0.0|std\na v1.0.0|\nb v2.0.0|\n");
        assert_eq!(differences(&twice, &programs), Vec::<String>::new());
        assert_eq!(differences(&programs, &twice).len(), 1);
        let other = read("a v1.0.0|std,test-util\nb v2.0.0|\n");
        let found = differences(&programs, &other);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a v1.0.0") && found[0].contains("test-util"));
    }
}
