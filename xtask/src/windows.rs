//! `./x check windows`: what ships on Windows is compiled with its tests for Windows, on another system, and
//! linked; `--run` runs them under Wine.

mod installers;
mod trial;
mod wine;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::build;
use crate::elsewhere::{cargo_for, packages, standard_library};
use crate::npm::Packages;
use crate::process::{output, run};
use crate::setup;
use crate::tools::Needs;

use wine::Wine;

/// What it is compiled for. The compiler and linker of the other Windows target are to be had on Windows only.
const TARGET: &str = "x86_64-pc-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Compiles and links everything that ships, with its tests; `run_tests`: runs them under Wine as well.
///
/// # Errors
/// If something does not compile, a test fails, or a tool cannot be had.
pub(crate) fn check(run_tests: bool, packages: Packages, yes: bool) -> Result<()> {
    if cfg!(windows) {
        bail!("on Windows itself, `x test` is this check");
    }
    setup::ensure(Needs::Run, packages, yes)?;
    setup::tools_for_windows(yes)?;
    build::page()?;
    standard_library(TARGET)?;
    let mut compile = compile()?;
    run(&mut compile)?;
    if !run_tests {
        return Ok(());
    }
    // Nothing is compiled any more; it says where the tests are.
    compile.args(["--message-format", "json"]);
    let said = output(&mut compile).context("cargo does not say where the tests are")?;
    let wine = wine::get(yes)?;
    let mut failed = Vec::new();
    for test in tests(&said) {
        println!("\n=== {} under Wine", test.name);
        let mut program = wine.program(&Wine::path_of(&test.program)?);
        // As cargo does: tests look for files from there.
        if run(program.current_dir(&test.folder)).is_err() {
            failed.push(test.name);
        }
    }
    if !failed.is_empty() {
        bail!("under Wine, tests fail in {}", failed.join(", "));
    }
    Ok(())
}

/// Compiles and links everything that ships, with its tests.
fn compile() -> Result<Command> {
    let mut compile = for_windows("test");
    compile.arg("--no-run");
    // What `x` is on Windows, too.
    for package in packages(TARGET)?
        .iter()
        .map(String::as_str)
        .chain(["xtask"])
    {
        compile.args(["--package", package]);
    }
    Ok(compile)
}

/// Tests that were compiled into one program.
#[derive(Debug, PartialEq, Eq)]
struct Tests {
    name: String,
    program: PathBuf,
    /// Of the package.
    folder: PathBuf,
}

/// What is run, of what cargo says.
fn tests(said: &str) -> Vec<Tests> {
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let tests = messages.filter_map(|message| {
        let target = &message["target"];
        let mut kinds = target["kind"].as_array()?.iter();
        if !kinds.any(|kind| kind == "lib" || kind == "test") {
            return None;
        }
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
        Some(Tests {
            name: target["name"].as_str()?.to_owned(),
            program: message["executable"].as_str()?.into(),
            folder: folder.to_owned(),
        })
    });
    tests.collect()
}

/// Makes the installers; `dev`: of a build that is not the one that ships; `try_them`: under Wine; `into`: and copies
/// them there.
///
/// # Errors
/// If one cannot be made, or does not do what it should.
pub(crate) fn package(
    dev: bool,
    try_them: bool,
    into: Option<&Path>,
    packages: Packages,
    yes: bool,
) -> Result<()> {
    setup::ensure(Needs::Run, packages, yes)?;
    setup::tools_for_windows(yes)?;
    setup::tools_for_installers(yes)?;
    build::page()?;
    standard_library(TARGET)?;
    let installers = installers::build(dev)?;
    if try_them {
        trial::run(&installers, &installers::earlier(dev)?, &wine::get(yes)?)?;
    }
    for made in [installers.user, installers.machine, installers.package] {
        let Some(into) = into else {
            println!("{}", made.display());
            continue;
        };
        std::fs::create_dir_all(into)?;
        let copy = into.join(made.file_name().context("an installer without a name")?);
        std::fs::copy(&made, &copy)?;
        println!("{}", copy.display());
    }
    Ok(())
}

/// `cargo VERB` for Windows.
fn for_windows(verb: &str) -> Command {
    let mut cargo = cargo_for(TARGET, verb);
    cargo
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", LINKER)
        // Where there is no package for them, what is shipped goes without.
        .env("CARGO_PROFILE_DIST_STRIP", "debuginfo");
    cargo
}

#[cfg(test)]
mod of_messages {
    use super::*;

    #[test]
    fn of_what_cargo_says_the_programs_with_tests_are_run() {
        let said = r#"{"reason":"compiler-artifact","manifest_path":"/s/crates/salon-token/Cargo.toml","target":{"kind":["lib"],"name":"salon_token"},"executable":"/t/salon_token-1.exe"}
{"reason":"compiler-artifact","manifest_path":"/s/crates/salon-token/Cargo.toml","target":{"kind":["lib"],"name":"salon_token"},"executable":null}
{"reason":"compiler-artifact","manifest_path":"/s/Cargo.toml","target":{"kind":["bin"],"name":"salon"},"executable":"/t/salon.exe"}
{"reason":"compiler-artifact","manifest_path":"/s/Cargo.toml","target":{"kind":["test"],"name":"faults"},"executable":"/t/faults-1.exe"}
not JSON
{"reason":"build-finished","success":true}"#;
        let of = |name: &str, program: &str, folder: &str| Tests {
            name: name.into(),
            program: program.into(),
            folder: folder.into(),
        };
        assert_eq!(
            tests(said),
            [
                of(
                    "salon_token",
                    "/t/salon_token-1.exe",
                    "/s/crates/salon-token"
                ),
                of("faults", "/t/faults-1.exe", "/s"),
            ]
        );
    }
}
