//! `./x check windows`: what ships on Windows is compiled with its tests for Windows, on another system, and
//! linked; `--run` runs them under Wine.

mod installers;
mod names;
mod resources;
mod sign;
pub(crate) mod signed;
mod trial;
mod wine;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::build;
use crate::disk::{self, Work};
use crate::elsewhere::{cargo_for, folder, packages, standard_library, without_warnings};
use crate::npm::Packages;
use crate::policy;
use crate::process::{root, run};
use crate::release::{VERSION, with_size};
use crate::setup;
use crate::tools::Needs;

use installers::Payload;
use wine::{LONGEST, Wine};

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
    let said = without_warnings(&mut compile)?;
    resources::check(&program(true), &build::own_brand()?)?;
    if !run_tests {
        return Ok(());
    }
    let wine = wine::get(yes)?;
    let mut failed = Vec::new();
    for test in tests(&said) {
        println!("\n=== {} under Wine", test.name);
        let mut program = wine.program(&Wine::path_of(&test.program)?);
        // As cargo does: tests look for files from there.
        program.current_dir(&test.folder);
        if let Err(why) = wine.within(LONGEST, &test.name, || run(&mut program)) {
            println!("{why:#}");
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

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The file of the product's names, if it is not Salon itself.
    pub(crate) brand: Option<PathBuf>,
    /// A program that was built already, of the same brand, with WebView2's loader beside it.
    pub(crate) program: Option<PathBuf>,
    /// Of a build that is not the one that ships.
    pub(crate) dev: bool,
    /// Whether they are tried under Wine.
    pub(crate) try_them: bool,
    /// Where they are copied to, if anywhere.
    pub(crate) into: Option<PathBuf>,
}

/// Makes the installers, and the templates for group policy beside them.
///
/// # Errors
/// If one cannot be made, or does not do what it should.
pub(crate) fn package(wish: &Wish, packages: Packages, yes: bool) -> Result<()> {
    // What is wrong with a brand is said before anything takes long.
    let brand = build::brand(wish.brand.as_deref())?;
    if wish.program.is_none() && !wish.dev {
        disk::has_room_for(Work::PackageWindows)?;
    }
    setup::ensure(Needs::Run, packages, yes)?;
    setup::tools_for_windows(yes)?;
    setup::tools_for_installers(yes)?;
    let program = match &wish.program {
        Some(program) => program.clone(),
        None => built(wish)?,
    };
    resources::check(&program, &brand)?;
    let version = VERSION.parse()?;
    let payload = Payload::gather(&brand, &program, wish.dev)?;
    let installers = payload.installers(&version)?;
    let templates = folder().join("installers").join(&brand.program);
    let templates = policy::for_windows(&brand, &templates)?;
    if wish.try_them {
        let other = build::brand(Some(&root().join(build::EXAMPLE)))?;
        // The same program: what is tried are the installers.
        let mut other = Payload::gather(&other, &program, true)?;
        let (signer, certificate) = sign::Signer::made_up()?;
        other.sign(signer)?;
        let signed = trial::Signed {
            installers: other.installers(&version)?,
            certificate: &certificate,
        };
        let before = payload.earlier(&version)?;
        trial::run(&installers, &before, &signed, &wine::get(yes)?)?;
    }
    let made = installers.files().map(Path::to_owned);
    for made in made.into_iter().chain(templates) {
        let Some(into) = &wish.into else {
            println!("{}", with_size(&made)?);
            continue;
        };
        std::fs::create_dir_all(into)?;
        let copy = into.join(made.file_name().context("a file without a name")?);
        std::fs::copy(&made, &copy)?;
        println!("{}", with_size(&copy)?);
    }
    Ok(())
}

/// Builds the program, as it ships or for trying.
fn built(wish: &Wish) -> Result<PathBuf> {
    standard_library(TARGET)?;
    let mut build = if wish.dev {
        // Tests start the program, so that it is among what is compiled for them.
        compile()?
    } else {
        let mut build = for_windows("build");
        build.args(["--package", "salon", "--bin", "salon", "--profile", "dist"]);
        build
    };
    let brand = build::branded(&mut build, wish.brand.as_deref())?;
    build::page_with(brand.stream)?;
    run(&mut build)?;
    Ok(program(wish.dev))
}

fn program(dev: bool) -> PathBuf {
    let built = if dev { "debug" } else { "dist" };
    folder().join(TARGET).join(built).join("salon.exe")
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
