//! Named checks with their figures.

#![allow(clippy::print_stdout, reason = "the result of the program")]

use std::path::Path;

use serde_json::{Value, json};

/// The checks of one run.
#[derive(Debug, Default)]
pub struct Report {
    checks: Vec<(String, bool, Value)>,
}

impl Report {
    /// Records a check and prints it.
    pub fn check(&mut self, name: &str, passed: bool, figures: Value) {
        println!("{} {name} {figures}", if passed { "ok  " } else { "FAIL" });
        self.checks.push((name.to_owned(), passed, figures));
    }

    /// Whether all passed, and there were any.
    pub fn passed(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|(_, passed, _)| *passed)
    }

    /// How many failed so far.
    pub fn failures(&self) -> usize {
        self.checks.iter().filter(|(_, passed, _)| !passed).count()
    }

    /// Prints the summary: what failed once more, since a long log is often kept in part.
    pub fn summary(&self) {
        for (name, _, figures) in self.checks.iter().filter(|(_, passed, _)| !passed) {
            println!("FAIL {name} {figures}");
        }
        let failed = self.failures();
        println!(
            "{} of {} checks passed",
            self.checks.len() - failed,
            self.checks.len()
        );
    }

    /// Writes all checks as JSON.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, file: &Path) -> std::io::Result<()> {
        let checks: Vec<_> = self
            .checks
            .iter()
            .map(|(name, passed, figures)| {
                json!({ "name": name, "passed": passed, "figures": figures })
            })
            .collect();
        std::fs::write(file, format!("{:#}\n", json!({ "checks": checks })))
    }
}
