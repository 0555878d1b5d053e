//! What a backtrace is read with, apart from the program.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::tree::Tree;
use crate::process::{output, run};

/// Puts the program into one tree, without symbols, and those into the other, where debuggers look for them
/// by the program's build id, which is the answer.
///
/// # Errors
/// If the program has no build id, or binutils are missing.
pub(crate) fn apart(built: &Path, program: &str, tree: &Tree, symbols: &Tree) -> Result<String> {
    let notes = output(
        Command::new("readelf")
            .env("LC_ALL", "C")
            .arg("-n")
            .arg(built),
    );
    let notes = notes.context("no readelf")?;
    let id = build_id(&notes).context("the program has no build id")?;
    let (first, rest) = id.split_at(2);
    let file = format!("usr/lib/debug/.build-id/{first}/{rest}.debug");
    // A place in the tree, to be written over.
    symbols.put(&file, [])?;
    let mut keep = Command::new("objcopy");
    keep.args(["--only-keep-debug", "--compress-debug-sections=zlib"]);
    run(keep.arg(built).arg(symbols.at(&file)))?;
    // It took those of the program, as far as the mask left them.
    symbols.mode(&file, 0o644)?;
    tree.put_program(program, built)?;
    let mut strip = Command::new("objcopy");
    strip.args(["--strip-all", "--remove-section=.comment"]);
    run(strip.arg(tree.at(program)))?;
    tree.mode(program, 0o755)?;
    Ok(id)
}

/// Of what readelf says.
fn build_id(notes: &str) -> Option<String> {
    let id = notes
        .lines()
        .find_map(|line| line.trim().strip_prefix("Build ID: "))?;
    let id = id.trim();
    let hexadecimal = id.len() > 2 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::build_id;

    #[test]
    fn a_build_id_is_read() {
        let notes = "Displaying notes\n    Build ID: 0a1b2c\n";
        assert_eq!(build_id(notes).as_deref(), Some("0a1b2c"));
        assert_eq!(build_id("    Build ID: ../x\n"), None);
        assert_eq!(build_id("nothing\n"), None);
    }
}
