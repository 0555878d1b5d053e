//! Lints, tests and measurements.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{command, root, run};
use crate::setup::npm;
use crate::tools;

const GUEST_JS: &str = "crates/tauri-plugin-webrtc/guest-js";

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command("cargo");
    cargo.args(arguments);
    cargo
}

fn npm_command(folder: &str, script: &str) -> Command {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut npm = command(npm);
    npm.args(["run", "--silent", script])
        .current_dir(root().join(folder));
    npm
}

fn npm_run(folder: &str, script: &str) -> Result<()> {
    run(&mut npm_command(folder, script))
}

/// Builds the page: the app has it inside.
pub(crate) fn build_page() -> Result<()> {
    npm_run("ui", "build")
}

/// The named steps of a task, all run, also after one has failed.
struct Steps {
    passed: Vec<&'static str>,
    failed: Vec<&'static str>,
}

impl Steps {
    fn new() -> Self {
        Self {
            passed: Vec::new(),
            failed: Vec::new(),
        }
    }

    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        println!("\n=== {name}");
        let start = std::time::Instant::now();
        let outcome = work();
        let seconds = start.elapsed().as_secs();
        match outcome {
            Ok(()) => {
                println!("=== {name}: passed in {seconds} s");
                self.passed.push(name);
            }
            Err(error) => {
                println!("=== {name}: FAILED in {seconds} s: {error:#}");
                self.failed.push(name);
            }
        }
    }

    fn finish(self) -> Result<()> {
        for name in &self.failed {
            println!("failed: {name}");
        }
        println!(
            "\n{} passed, {} failed",
            self.passed.len(),
            self.failed.len()
        );
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
    steps.step("the page builds", build_page);
    steps.step("rustfmt", || run(&mut cargo(&["fmt", "--all", "--check"])));
    steps.step("clippy", || {
        run(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-Dwarnings",
        ]))
    });
    steps.step("without the plugin", || {
        run(&mut cargo(&[
            "check",
            "--package",
            "salon",
            "--no-default-features",
        ]))
    });
    steps.step("licences and bans", || {
        run(command(tools::cargo_deny()?).args(["check", "bans", "licenses", "sources"]))
    });
    steps.step("documentation", || {
        let packages = [
            "rtc-core",
            "rtc-media",
            "rtc-host",
            "tauri-plugin-webrtc",
            "salon",
            "salon-backend",
            "salon-support",
            "xtask",
        ];
        let mut doc = cargo(&["doc", "--no-deps"]);
        for package in packages {
            doc.args(["--package", package]);
        }
        run(doc.env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    steps.step("the page's checks", || npm_run("ui", "verify"));
    steps.step("the polyfill's checks", || {
        npm(&root().join(GUEST_JS))?;
        npm_run(GUEST_JS, "verify")
    });
}

/// Everything.
pub(crate) fn test() -> Result<()> {
    let mut steps = Steps::new();
    lint_steps(&mut steps);
    steps.step("unit and integration tests", || {
        run(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))
    });
    if cfg!(target_os = "linux") {
        steps.step("end to end", || e2e(None, None));
    }
    steps.finish()
}

/// What whoever builds may have in their environment, and nobody is to find in what was built.
const SECRETS: [&str; 3] = [
    "LIVEKIT_API_SECRET",
    "SALON_BACKEND_TOKEN",
    "STREAM_API_SECRET",
];
/// What the end-to-end checks are built with in their place, and look for.
const PLANTED: &str = "planted-while-building-c41e";

/// The real app against a real server and a browser.
pub(crate) fn e2e(json: Option<PathBuf>, only: Option<String>) -> Result<()> {
    let secrets = SECRETS.map(|name| (name, PLANTED));
    run(npm_command("ui", "build").envs(secrets))?;
    let packages = ["--package", "salon", "--package", "salon-harness"];
    run(cargo(&["build"]).args(packages).envs(secrets))?;
    let mut e2e = harness("e2e", "debug")?;
    e2e.env("BUILT_WITH", PLANTED);
    if let Some(json) = json {
        e2e.arg("--json").arg(std::path::absolute(json)?);
    }
    if let Some(only) = only {
        e2e.arg("--only").arg(only);
    }
    run(&mut e2e)
}

/// The app against Chromium.
pub(crate) fn bench_call(json: Option<PathBuf>, rounds: u32) -> Result<()> {
    build_page()?;
    run(&mut cargo(&[
        "build",
        "--release",
        "--package",
        "salon",
        "--package",
        "salon-harness",
    ]))?;
    let mut bench = harness("bench-call", "release")?;
    bench.arg("--rounds").arg(rounds.to_string());
    if let Some(json) = json {
        bench.arg("--json").arg(std::path::absolute(json)?);
    }
    run(&mut bench)
}

/// The reference backend with a thousand live lists; fails if one is told too late or memory grows.
pub(crate) fn bench_listeners() -> Result<()> {
    run(&mut cargo(&[
        "run",
        "--release",
        "--package",
        "salon-backend",
        "--example",
        "load",
    ]))
}

fn harness(program: &str, profile: &str) -> Result<Command> {
    let built = target().join(profile);
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

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Writes the TypeScript twins of Rust's types, the schemas of the settings and of profiles, and the
/// page of faults.
pub(crate) fn types() -> Result<()> {
    for package in ["salon", "tauri-plugin-webrtc"] {
        let arguments = ["test", "--package", package, "--lib", "up_to_date"];
        run(cargo(&arguments).env("UPDATE_TYPES", "1"))?;
    }
    let faults = [
        "test",
        "--package",
        "salon",
        "--test",
        "faults",
        "up_to_date",
    ];
    run(cargo(&faults).env("UPDATE_TYPES", "1"))
}
