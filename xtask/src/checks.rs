//! Lints, tests and measurements.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::advisories::{self, Checked};
use crate::build::{
    BUILT_WITH, PLANTED, Profile, build, build_example, cargo, npm_command, page, target,
};
// Its programs are ended if they hang, where they can all be found.
#[cfg(target_os = "linux")]
use crate::limit::run as run_step;
#[cfg(not(target_os = "linux"))]
use crate::process::run as run_step;
use crate::process::{command, root, run};
use crate::{features, files, gallery, npm, packages, tools, traces};

/// Runs a script of every package of npm's.
fn npm_run(script: &str) -> Result<()> {
    for folder in files::npm_packages()? {
        run_step(&mut npm_command(&folder, script))?;
    }
    Ok(())
}

/// The tool that draws the arrows between crates and between modules.
pub(crate) fn arrows(arguments: &[OsString]) -> Result<()> {
    // Alone, as this program is: little stands below it, and it is asked before all is built.
    // With the features that everything is built with.
    run(&mut cargo(&[
        "build",
        "--quiet",
        "--workspace",
        "--bin",
        "arrows",
    ]))?;
    // What is wrong is told with the failure, too: the end of a long log is all that is kept of some.
    let mut arrows = command(Profile::Dev.folder().join("arrows"));
    let output = arrows.args(arguments).output()?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

/// The named steps of a task, all run, also after one has failed.
pub(crate) struct Steps {
    passed: usize,
    failed: Vec<String>,
    not_checked: Vec<String>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self {
            passed: 0,
            failed: Vec::new(),
            not_checked: Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        self.step_if_it_can(name, || work().map(|()| Checked::Yes));
    }

    /// One that needs what is not everywhere: where it is missing, the step has not passed.
    fn step_if_it_can(&mut self, name: &str, work: impl FnOnce() -> Result<Checked>) {
        println!("\n=== {name}");
        let start = std::time::Instant::now();
        let outcome = work();
        let seconds = start.elapsed().as_secs();
        match outcome {
            Ok(Checked::Yes) => {
                println!("=== {name}: passed in {seconds} s");
                self.passed += 1;
            }
            Ok(Checked::No(why)) => {
                println!("=== {name}: not checked: {why}");
                self.not_checked.push(name.to_owned());
            }
            Err(error) => {
                println!("=== {name}: FAILED in {seconds} s: {error:#}");
                self.failed.push(format!("{name}: {error:#}"));
            }
        }
    }

    pub(crate) fn finish(self) -> Result<()> {
        for name in &self.failed {
            println!("failed: {name}");
        }
        for name in &self.not_checked {
            println!("not checked: {name}");
        }
        println!("\n{} passed, {} failed", self.passed, self.failed.len());
        if !self.failed.is_empty() {
            bail!("{} steps failed", self.failed.len());
        }
        Ok(())
    }
}

/// Formatting, lints, licences, documentation, drift of generated files.
pub(crate) fn lint() -> Result<()> {
    let mut steps = Steps::new();
    lint_steps(&mut steps);
    steps.finish()
}

fn lint_steps(steps: &mut Steps) {
    steps.step("files of one sitting", files::lengths);
    steps.step("every crate has the lints", packages::have_lints);
    steps.step("arrows point one way", || arrows(&["--check".into()]));
    steps.step("the arrows in ARCHITECTURE.md", || {
        arrows(&["--current".into()])
    });
    steps.step(
        "nothing of Linux's calls on other systems",
        traces::no_traces,
    );
    steps.step("actionlint", || {
        let workflow = root().join(".github/workflows/release.yml");
        run_step(command(tools::actionlint()?).arg(workflow))
    });
    steps.step("the page builds", page);
    steps.step("rustfmt", || {
        run_step(&mut cargo(&["fmt", "--all", "--check"]))
    });
    steps.step("one resolution of features", features::check);
    steps.step("clippy", || {
        run_step(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-Dwarnings",
        ]))
    });
    steps.step("without the plugin", || {
        // The whole workspace again, so that its dependencies are those that clippy has read.
        run_step(&mut cargo(&[
            "clippy",
            "--workspace",
            "--no-default-features",
            "--",
            "-Dwarnings",
        ]))
    });
    steps.step("licences and bans", || {
        run_step(command(tools::cargo_deny()?).args(["check", "bans", "licenses", "sources"]))
    });
    steps.step("licences of the page's packages", || {
        for folder in files::npm_packages()? {
            npm::licences(&root().join(folder))?;
        }
        Ok(())
    });
    steps.step_if_it_can("advisories on Rust packages", advisories::of_crates);
    steps.step_if_it_can("advisories on the page's packages", advisories::of_the_page);
    steps.step("documentation", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps"]);
        run_step(doc.env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    steps.step("the scripts' own checks", || npm_run("verify"));
}

/// Everything.
pub(crate) fn test() -> Result<()> {
    let mut steps = Steps::new();
    lint_steps(&mut steps);
    steps.step("unit and integration tests", || {
        run_step(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))
    });
    if cfg!(target_os = "linux") {
        steps.step("gallery", || {
            gallery::run_task(&gallery::Wish::default())?;
            gallery::nothing_shipped()
        });
        steps.step("end to end", || e2e(&[]));
    }
    steps.finish()
}

/// The real app against a real server and a browser. `arguments` are the checks' own.
pub(crate) fn e2e(arguments: &[OsString]) -> Result<()> {
    build(Profile::Dev)?;
    let mut e2e = harness("e2e", Profile::Dev)?;
    e2e.env("PUBLISHER", publisher()?);
    run_step(e2e.env(BUILT_WITH, PLANTED).args(arguments))
}

/// The example of a product with a name of its own, beside Salon on one desktop; its program is the answer.
pub(crate) fn test_brand(arguments: &[OsString]) -> Result<PathBuf> {
    let program = build_example()?;
    build(Profile::Dev)?;
    let mut e2e = harness("e2e", Profile::Dev)?;
    e2e.env("SALON_BRANDED_APP", &program);
    run_step(e2e.args(["--only", "brands"]).args(arguments))?;
    Ok(program)
}

/// Builds the participant that is made with LiveKit's Go SDK.
pub(crate) fn publisher() -> Result<PathBuf> {
    let program = target().join("publisher");
    run(command("go")
        .args(["build", "-o"])
        .arg(&program)
        .current_dir(root().join("tests/publisher")))?;
    Ok(program)
}

/// The app against Chromium.
pub(crate) fn bench_call(
    provider: &str,
    json: Option<PathBuf>,
    rounds: u32,
    rows: Option<&str>,
) -> Result<()> {
    build(Profile::Release)?;
    let mut bench = harness("bench-call", Profile::Release)?;
    bench.args(["--provider", provider]);
    bench.arg("--rounds").arg(rounds.to_string());
    if let Some(rows) = rows {
        bench.args(["--rows", rows]);
    }
    if let Some(json) = json {
        bench.arg("--json").arg(std::path::absolute(json)?);
    }
    run(&mut bench)
}

/// What is done to a microphone's sound against libwebrtc's own.
pub(crate) fn bench_audio() -> Result<()> {
    let python = tools::libwebrtc()?;
    // An example of the crate that does it, built as everything else is.
    let example = ["build", "--release", "--workspace", "--example", "audio"];
    run(&mut cargo(&example))?;
    run(command(Profile::Release.folder().join("examples/audio")).arg(python))
}

/// The reference backend with a thousand live lists; fails if one is told too late or memory grows.
pub(crate) fn bench_listeners() -> Result<()> {
    // An example of the backend's, built as everything else is.
    let example = ["build", "--release", "--workspace", "--example", "load"];
    run(&mut cargo(&example))?;
    run(&mut command(
        Profile::Release.folder().join("examples/load"),
    ))
}

/// A program of the harness, told where everything is.
pub(crate) fn harness(program: &str, profile: Profile) -> Result<Command> {
    let built = profile.folder();
    let mut harness = command(built.join(program));
    harness
        .env("SALON_APP", built.join("salon"))
        .env(
            "LIVEKIT_SERVER",
            tools::livekit_server().unwrap_or_default(),
        )
        .env("TAURI_DRIVER", tools::tauri_driver()?);
    Ok(harness)
}

/// Writes the TypeScript twins of Rust's types, the schemas of the settings and of profiles, and the
/// page of faults.
pub(crate) fn types() -> Result<()> {
    for tests in [
        &["--lib", "--bins"][..],
        &["--test", "faults", "--test", "manual"],
    ] {
        let mut test = cargo(&["test", "--workspace"]);
        run(test.args(tests).arg("up_to_date").env("UPDATE_TYPES", "1"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_could_not_be_checked_has_not_passed_and_is_told() {
        let mut steps = Steps::new();
        steps.step("tea", || Ok(()));
        steps.step_if_it_can("cake", || Ok(Checked::No("none is there".into())));
        assert_eq!((steps.passed, steps.failed.len()), (1, 0));
        assert_eq!(steps.not_checked, ["cake"]);
        steps.finish().unwrap();
    }

    #[test]
    fn a_step_that_fails_keeps_no_other_from_being_tried_and_fails_all() {
        let mut steps = Steps::new();
        steps.step("tea", || Err(anyhow!("too hot")));
        steps.step("cake", || Ok(()));
        assert_eq!(
            (steps.passed, &*steps.failed),
            (1, &["tea: too hot".to_owned()][..])
        );
        assert!(steps.finish().is_err());
    }
}
