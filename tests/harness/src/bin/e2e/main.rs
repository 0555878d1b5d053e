//! End to end: the real app, a real LiveKit server, a real browser; nothing in between is made up.
//!
//! A group is a file here: declared, imported, named in `GROUPS`, and called in `run`, whose last arm is `faults`.

#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod adapter;
#[cfg(target_os = "linux")]
mod asked_to_unmute;
#[cfg(target_os = "linux")]
mod brands;
#[cfg(target_os = "linux")]
mod call;
#[cfg(target_os = "linux")]
mod chat_flood;
#[cfg(target_os = "linux")]
mod convex;
#[cfg(target_os = "linux")]
mod devices;
#[cfg(target_os = "linux")]
mod expiry;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod film;
#[cfg(target_os = "linux")]
mod installed;
#[cfg(target_os = "linux")]
mod links;
#[cfg(target_os = "linux")]
mod long_call;
#[cfg(target_os = "linux")]
mod looks;
#[cfg(target_os = "linux")]
mod near;
#[cfg(target_os = "linux")]
mod networks;
#[cfg(target_os = "linux")]
mod older_server;
#[cfg(target_os = "linux")]
mod outage;
#[cfg(target_os = "linux")]
mod page_process;
#[cfg(target_os = "linux")]
mod profiles;
#[cfg(target_os = "linux")]
mod pulled;
#[cfg(target_os = "linux")]
mod reach;
#[cfg(target_os = "linux")]
mod ringing;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod story;
#[cfg(target_os = "linux")]
mod stream;
#[cfg(target_os = "linux")]
mod vp9;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    linux::main().await
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    // WebDriver reaches the app's webview on Linux only.
    std::process::ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    #![allow(clippy::print_stderr, reason = "a program for a terminal")]

    use std::path::PathBuf;
    use std::process::ExitCode;

    use anyhow::{Result, anyhow};
    use clap::Parser;
    use salon_harness::report::Report;
    use salon_harness::stream::is_sdk_installed;
    use salon_harness::wall::can_build;
    use salon_harness::world::World;
    use serde_json::json;

    use crate::{
        adapter, asked_to_unmute, brands, call, chat_flood, convex, devices, expiry, faults,
        installed, links, long_call, looks, networks, older_server, outage, page_process, profiles,
        pulled, reach, ringing, screen, start, story, stream, vp9,
    };

    /// Each is the file of this name, which says what it proves.
    const GROUPS: [&str; 23] = [
        "call",
        "older_server",
        "networks",
        "outage",
        "faults",
        "story",
        "convex",
        "profiles",
        "links",
        "ringing",
        "expiry",
        "devices",
        "asked_to_unmute",
        "looks",
        "screen",
        "start",
        "reach",
        "stream",
        "page_process",
        "pulled",
        "chat_flood",
        "vp9",
        "adapter",
    ];
    /// What takes long, and measures: only when asked for by its whole name (`./x soak`).
    const SOAKS: [&str; 2] = ["long_call", "chat_flood_minute"];
    /// What needs more than is built here, a system in which the app is installed (`./x test-packages`) or
    /// another product's build (`./x test-brand`): only by its whole name, too.
    const PREPARED: [&str; 2] = ["installed", "brands"];

    /// Runs the end-to-end checks.
    #[derive(Debug, Parser)]
    struct Arguments {
        /// Writes each check with its figures.
        #[arg(long)]
        json: Option<PathBuf>,
        #[arg(long, help = only())]
        only: Option<String>,
        /// Runs the soaks, and nothing else.
        #[arg(long, conflicts_with = "only")]
        soak: bool,
        /// Keeps screenshots here.
        #[arg(long)]
        screenshots: Option<PathBuf>,
        /// Runs each group so often, to find what fails now and then; all runs have to pass.
        #[arg(long, default_value_t = 1)]
        repeat: u32,
    }

    fn only() -> String {
        let (groups, soaks) = (GROUPS.join(", "), SOAKS.join(", "));
        format!(
            "Runs only the groups whose name contains this: {groups}. Or a soak, only if asked for by its \
             name: {soaks}"
        )
    }

    pub(crate) async fn main() -> ExitCode {
        let arguments = Arguments::parse();
        let mut report = Report::default();
        let ended = match salon_support::asked_to_end() {
            Ok(ended) => ended,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        // What was started ends with the group that started it.
        let whole = tokio::select! {
            () = groups(&arguments, &mut report) => true,
            () = ended => false,
        };
        if let Some(file) = &arguments.json
            && let Err(error) = report.write(file)
        {
            eprintln!("{}: {error}", file.display());
            return ExitCode::FAILURE;
        }
        report.summary();
        if !whole {
            eprintln!("not all was checked: it was asked to end");
        }
        if whole && report.passed() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    async fn groups(arguments: &Arguments, report: &mut Report) {
        let only = arguments.only.as_deref();
        let wanted = |group: &&str| match only {
            _ if PREPARED.contains(group) => only == Some(*group),
            None if arguments.soak => SOAKS.contains(group),
            None => !SOAKS.contains(group),
            Some(only) if SOAKS.contains(group) => *group == only,
            Some(only) => group.contains(only),
        };
        let all = GROUPS.iter().chain(&SOAKS).chain(&PREPARED).copied();
        let repeated = (0..arguments.repeat).flat_map(|_| all.clone().filter(wanted));
        for group in repeated {
            // What cannot be run is said, and is no success.
            let on_stream = ["stream", "adapter"].contains(&group);
            if on_stream && only.is_none() && !is_sdk_installed() {
                eprintln!("{group}: not checked, since the SDK is not installed");
                continue;
            }
            if group == "networks"
                && only.is_none()
                && let Err(reason) = can_build()
            {
                eprintln!("{group}: not checked: {reason:#}");
                continue;
            }
            if let Err(error) = run(group, arguments, report).await {
                // A group that breaks off is a failed check, not a silent gap.
                report.check(group, false, json!({ "error": format!("{error:#}") }));
            }
        }
    }

    async fn run(group: &str, arguments: &Arguments, report: &mut Report) -> Result<()> {
        let mut world = World::start().await?;
        let before = report.failures();
        let outcome = match group {
            "asked_to_unmute" => asked_to_unmute::run(&mut world, report).await,
            "call" => call::run(&mut world, report, arguments.screenshots.as_deref()).await,
            "brands" => brands::run(&mut world, report, arguments.screenshots.as_deref()).await,
            "networks" => networks::run(&mut world, report).await,
            "older_server" => older_server::run(&mut world, report).await,
            "pulled" => pulled::run(&mut world, report).await,
            "chat_flood" => chat_flood::run(&mut world, report).await,
            "chat_flood_minute" => chat_flood::minute(&mut world, report).await,
            "vp9" => vp9::run(&mut world, report).await,
            "long_call" => long_call::run(&mut world, report).await,
            "outage" => outage::run(&mut world, report).await,
            "story" => story::run(&mut world, report).await,
            "convex" => convex::run(&mut world, report).await,
            "profiles" => profiles::run(&mut world, report).await,
            "installed" => {
                installed::run(&mut world, report, arguments.screenshots.as_deref()).await
            }
            "devices" => devices::run(&mut world, report).await,
            "links" => links::run(&mut world, report).await,
            "ringing" => ringing::run(&mut world, report).await,
            "reach" => reach::run(&mut world, report).await,
            "screen" => screen::run(&mut world, report, arguments.screenshots.as_deref()).await,
            "start" => start::run(&mut world, report).await,
            "stream" => stream::run(&mut world, report).await,
            "page_process" => {
                page_process::run(&mut world, report, arguments.screenshots.as_deref()).await
            }
            "adapter" => adapter::run(&mut world, report, arguments.screenshots.as_deref()).await,
            "expiry" => expiry::run(&mut world, report).await,
            "looks" => looks::run(&mut world, report, arguments.screenshots.as_deref()).await,
            "faults" => faults::run(&mut world, report).await,
            _ => Err(anyhow!("nothing runs this group")),
        };
        if outcome.is_err() || report.failures() > before {
            eprintln!("{}", world.last_words());
        }
        outcome
    }

    #[cfg(test)]
    mod tests {
        use std::path::Path;

        #[test]
        fn each_group_is_the_file_of_its_name() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/e2e");
            for group in super::GROUPS {
                assert!(folder.join(group).with_extension("rs").is_file(), "{group}");
            }
        }
    }
}
