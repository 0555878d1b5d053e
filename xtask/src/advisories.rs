//! What is known to be wrong with packages that come into the program: asked of databases that are not to be
//! had everywhere.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{command, root, run, succeeds};
use crate::tools;

/// Whether something was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// And found right.
    Yes,
    /// Why not.
    No(String),
}

/// The crates of `Cargo.lock`. `deny.toml` says what is left out, and why.
///
/// # Errors
/// If there is something wrong with one.
pub(crate) fn of_crates() -> Result<Checked> {
    let deny = tools::cargo_deny()?;
    if !succeeds(command(&deny).args(["fetch", "db"])) {
        return Ok(Checked::No("the advisory database is not reached".into()));
    }
    run(command(&deny).args(["--offline", "check", "advisories"]))?;
    Ok(Checked::Yes)
}

/// The page's packages that are shipped: not those that only build it.
///
/// # Errors
/// If there is something wrong with one.
pub(crate) fn of_the_page() -> Result<Checked> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let asked = Command::new(npm)
        .args(["audit", "--omit=dev", "--json"])
        .current_dir(root().join("ui"))
        .output()
        .context("npm does not start")?;
    read(&asked.stdout)
}

/// `npm audit` ends with 1 both for what it found and where it could not ask; its report tells which.
fn read(answer: &[u8]) -> Result<Checked> {
    let report: Value = serde_json::from_slice(answer).unwrap_or_default();
    let Some(found) = report["vulnerabilities"].as_object() else {
        let why = report["message"].as_str().unwrap_or("npm says nothing");
        return Ok(Checked::No(why.lines().next().unwrap_or_default().into()));
    };
    if !found.is_empty() {
        let names: Vec<_> = found.keys().map(String::as_str).collect();
        bail!("`npm audit` in ui/ objects to {}", names.join(", "));
    }
    Ok(Checked::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_does_not_answer_has_found_nothing_right() {
        for answer in [
            "",
            "Not found",
            r#"{"message": "405 Method Not Allowed - POST https://r.example", "error": {}}"#,
            r#"{"error": {"code": "ENOAUDIT", "summary": "", "detail": ""}}"#,
        ] {
            assert!(matches!(read(answer.as_bytes()).unwrap(), Checked::No(_)));
        }
    }

    #[test]
    fn what_is_found_fails_and_nothing_passes() {
        let found = r#"{"auditReportVersion": 2, "vulnerabilities": {"svelte": {}}}"#;
        let error = read(found.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("svelte"), "{error}");
        let nothing = r#"{"auditReportVersion": 2, "vulnerabilities": {}}"#;
        assert_eq!(read(nothing.as_bytes()).unwrap(), Checked::Yes);
    }
}
