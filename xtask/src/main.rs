//! The tasks behind `./x`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]
#![forbid(unsafe_code)]

mod advisories;
mod build;
mod checks;
mod demo;
mod derived;
mod disk;
mod elsewhere;
mod features;
mod files;
mod fuzz;
mod gallery;
#[cfg(target_os = "linux")]
mod limit;
mod locked;
#[cfg(unix)]
mod macos;
mod npm;
#[cfg(unix)]
mod package;
mod packages;
mod policy;
mod process;
mod release;
mod setup;
mod tools;
mod traces;
mod windows;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Parser, Subcommand};

use crate::demo::Play;
use crate::disk::Work;
use crate::npm::Packages;
use crate::release::offer::{self, Clock};
use crate::tools::Needs;

/// Tasks of the project.
#[derive(Debug, Parser)]
#[command(name = "x")]
struct Arguments {
    /// Install what is missing without asking.
    #[arg(long, global = true)]
    yes: bool,
    /// Builds, tests and runs without Stream's SDK, whose licence is not everybody's.
    #[arg(long, global = true)]
    without_stream: bool,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Plays a whole story in two windows: an offer is accepted, the app rings, two meet.
    Demo {
        /// Opens one window instead, at the door of a meeting in which a guest is waiting.
        #[arg(long)]
        alone: bool,
        /// Plays the story on Stream's protocol, on a double of the service: no account is needed.
        #[arg(long, conflicts_with = "alone")]
        stream: bool,
    },
    /// Every check and test.
    Test,
    /// The real app against a real server and a browser. `./x e2e -- --help` lists the groups.
    E2e {
        /// Handed to the checks, such as `--only call --repeat 5`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Builds the example of a product that ships Salon under its own name, and has it beside Salon.
    TestBrand {
        /// Handed to the check, such as `--screenshots FOLDER`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// What takes minutes: a long call and a flood of messages; whether memory stays where it is.
    Soak,
    /// Measures the app against Chromium, or the reference backend.
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
    /// Feeds made-up input to everything that reads what the network or the page sends.
    Fuzz {
        /// Seconds for each target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Runs only this one.
        #[arg(long)]
        target: Option<String>,
        /// Only looks whether a mistake that is made on purpose in libopus is found.
        #[arg(long, conflicts_with_all = ["seconds", "target"])]
        planted: bool,
    },
    /// Makes the installers for Windows, without a network.
    PackageWindows {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// Packs this program instead of building one; WebView2's loader lies beside it.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// Of a development build, which is there after `./x check windows`.
        #[arg(long)]
        dev: bool,
        /// Installs, starts, upgrades and uninstalls them under Wine, another product's beside them.
        #[arg(long = "try", conflicts_with = "brand")]
        try_them: bool,
        /// Copies them here.
        #[arg(long, value_name = "FOLDER")]
        into: Option<PathBuf>,
    },
    /// Makes the disk image for macOS; on a Mac only.
    #[cfg(unix)]
    PackageMacos {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// The folder that it is made in.
        #[arg(long, default_value = "target/packages")]
        into: PathBuf,
    },
    /// Takes a picture of every screen and state of the page, and compares it with what was accepted.
    Gallery {
        /// Takes what differs over. Look at each picture first: the last line says where they are.
        #[arg(long)]
        accept: bool,
        /// Only pictures with this in their names, such as `room-two` or `360`.
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// Formatting, lints, licences, documentation.
    Lint,
    /// Compiles for another system what ships there, with its tests. The first time takes long.
    Check {
        #[command(subcommand)]
        what: Check,
    },
    /// Crates and modules with their arrows, lines and tests, and what does not point one way.
    /// `--check` fails on that, `--write` draws the picture in ARCHITECTURE.md.
    Arrows {
        /// Handed to the tool, such as `--check`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// What goes with a release: notes, checksums, the signed offer for copies that update themselves.
    Release {
        #[command(subcommand)]
        part: Release,
    },
    /// Makes packages of the app for Linux: deb and rpm, and their symbols.
    #[cfg(unix)]
    Package {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// Packs this program instead of building one.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// Writes them here.
        #[arg(long, value_name = "FOLDER")]
        into: Option<PathBuf>,
        /// Packs in a moment what is larger: to try it, not to ship it.
        #[arg(long)]
        quick: bool,
        /// Builds and packs the last commit in two folders, and says what is not the same. Takes twice as long.
        #[arg(long, conflicts_with_all = ["program", "into"])]
        compare: bool,
    },
    /// Writes the manifest that flatpak-builder makes a Flatpak of.
    #[cfg(unix)]
    PackageFlatpak {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
    },
    /// Makes a folder with the app and all that it needs of a system, and of it an AppImage. Only as root.
    #[cfg(unix)]
    PackageAppimage {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// Packs this program instead of building one.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// What an AppImage begins with (type 2); without it there is only the folder.
        #[arg(long, value_name = "FILE")]
        runtime: Option<PathBuf>,
    },
    /// Installs the packages in bare systems, meets in a call there, upgrades, removes. Only as root.
    #[cfg(unix)]
    TestPackages {
        /// Packs this program instead of building one.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// Only in this release of Debian's, and nothing of what is the same wherever it is installed.
        #[arg(long)]
        suite: Option<String>,
    },
    /// Generates the TypeScript types of what Rust and the page exchange.
    Types,
    /// Installs what the other tasks need.
    Setup,
}

#[derive(Debug, Subcommand)]
enum Release {
    /// Fails unless a tag is that of the workspace's version.
    Tag {
        /// As `v1.2.3`.
        name: String,
    },
    /// Writes what CHANGELOG.md says of this version.
    Notes {
        /// The file.
        into: PathBuf,
    },
    /// Writes what a release is made of, crates and packages of the page (CycloneDX).
    Sbom {
        /// Where.
        folder: PathBuf,
        /// Of the crates for this system, such as x86_64-pc-windows-gnu.
        #[arg(long)]
        target: Option<String>,
    },
    /// Adds packages to the repositories of apt and rpm, signed with the key in SALON_PACKAGES_KEY.
    #[cfg(unix)]
    Repositories {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// The folder with the packages.
        packages: PathBuf,
        /// That of the repositories; they are begun where they are not there.
        folder: PathBuf,
    },
    /// Signs the repositories of apt and rpm anew, without a new package: apt believes what is 60 days old at most.
    #[cfg(unix)]
    RenewRepositories {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// That of the repositories.
        folder: PathBuf,
    },
    /// Makes the installers of what `package-windows` has built, signed with the key in SALON_WINDOWS_CERTIFICATE.
    SignWindows {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// Where.
        into: PathBuf,
    },
    /// Makes the disk image of what `package-macos` has built, signed with the key in SALON_APPLE_CERTIFICATE and
    /// notarised by Apple; on a Mac only.
    #[cfg(unix)]
    SignMacos {
        /// For a product that ships Salon under its own name: the file that says which (docs/brands.md).
        #[arg(long, value_name = "FILE")]
        brand: Option<PathBuf>,
        /// Where.
        into: PathBuf,
    },
    /// Writes SHA256SUMS of a folder's files.
    Checksums {
        /// The folder.
        folder: PathBuf,
    },
    /// Gathers what was made on each system in one folder, and says of what nobody has signed that it is so.
    Gather {
        /// The folder of folders, each called SYSTEM-signed or SYSTEM-unsigned.
        made: PathBuf,
        /// Where.
        into: PathBuf,
    },
    /// Writes what a channel offers, signed with the key in SALON_UPDATE_SECRET_KEY.
    Offer {
        /// The folder with the AppImages.
        folder: PathBuf,
        /// Who is offered it.
        #[arg(long, default_value = "stable", value_parser = ["stable", "beta"])]
        channel: String,
        /// This computer's clock is right, and the one that an earlier offer was signed by was ahead.
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Signs what a channel offers anew, without a new version: copies tell of an offer that is over 30 days old.
    Renew {
        /// The folder with the AppImages.
        folder: PathBuf,
        /// Who is offered it.
        #[arg(long, default_value = "stable", value_parser = ["stable", "beta"])]
        channel: String,
        /// This computer's clock is right, and the one that an earlier offer was signed by was ahead.
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Takes a version, the newest one too, from what a channel offers.
    Withdraw {
        /// Which.
        version: String,
        /// The folder with the AppImages.
        folder: PathBuf,
        /// Who is no longer offered it.
        #[arg(long, default_value = "stable", value_parser = ["stable", "beta"])]
        channel: String,
        /// This computer's clock is right, and the one that an earlier offer was signed by was ahead.
        #[arg(long)]
        clock_is_right: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Check {
    /// Type-checked for macOS.
    #[cfg(unix)]
    Macos,
    /// Compiled and linked for Windows.
    Windows {
        /// Runs the tests under Wine as well.
        #[arg(long)]
        run: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// A call of two.
    Call {
        /// Who carries it: a LiveKit server, or the double of the Stream service.
        #[arg(long, default_value = "livekit", value_parser = ["livekit", "stream"])]
        provider: String,
        /// Writes all figures.
        #[arg(long)]
        json: Option<PathBuf>,
        /// Rounds of each.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// What is measured, with commas between: call, loss. All, if nothing is named.
        #[arg(long)]
        rows: Option<String>,
    },
    /// Echo and noise taken out of a microphone, beside libwebrtc (Linux).
    Audio,
    /// A thousand users who listen to the reference backend.
    Listeners,
}

fn main() -> ExitCode {
    let Arguments {
        yes,
        without_stream,
        task,
    } = Arguments::parse();
    let yes = yes || std::env::var_os("CI").is_some();
    let packages = if without_stream {
        Packages::WithoutStream
    } else {
        Packages::All
    };
    let ensure = |needs| setup::ensure(needs, packages, yes);
    let outcome = match task {
        Task::Demo { stream: true, .. } if without_stream => Err(anyhow!(
            "the demo on Stream is not possible without Stream's SDK: leave one of the two out"
        )),
        Task::Demo { alone, stream } => demo::check_display()
            .and_then(|()| disk::has_room_for(Work::Demo))
            .and_then(|()| ensure(Needs::Run))
            .and_then(|()| {
                demo::run(match (alone, stream) {
                    (true, _) => Play::Alone,
                    (false, true) => Play::StoryOnStream,
                    (false, false) => Play::Story,
                })
            }),
        Task::Test => disk::has_room_for(Work::Test)
            .and_then(|()| ensure(Needs::Test))
            .and_then(|()| checks::test()),
        Task::E2e { arguments } => ensure(Needs::Test).and_then(|()| checks::e2e(&arguments)),
        Task::TestBrand { arguments } => {
            ensure(Needs::Test).and_then(|()| checks::test_brand(&arguments).map(drop))
        }
        Task::Soak => {
            let soak = ["--soak"].map(OsString::from);
            ensure(Needs::Test).and_then(|()| checks::e2e(&soak))
        }
        Task::Bench {
            what:
                Bench::Call {
                    provider,
                    json,
                    rounds,
                    rows,
                },
        } => ensure(Needs::Test)
            .and_then(|()| checks::bench_call(&provider, json, rounds, rows.as_deref())),
        // Rust only: nothing else has to be installed.
        Task::Bench { what: Bench::Audio } => {
            ensure(Needs::Run).and_then(|()| checks::bench_audio())
        }
        Task::Bench {
            what: Bench::Listeners,
        } => checks::bench_listeners(),
        Task::Fuzz { planted: true, .. } => fuzz::planted(packages, yes),
        Task::Fuzz {
            seconds, target, ..
        } => fuzz::run(seconds, target.as_deref(), packages, yes),
        #[cfg(unix)]
        Task::PackageMacos { brand, into } => {
            macos::package(brand.as_deref(), &into, packages, yes)
        }
        #[cfg(unix)]
        Task::Check { what: Check::Macos } => macos::check(packages, yes),
        Task::Check {
            what: Check::Windows { run },
        } => windows::check(run, packages, yes),
        Task::PackageWindows {
            brand,
            program,
            dev,
            try_them,
            into,
        } => {
            let wish = windows::Wish {
                brand,
                program,
                dev,
                try_them,
                into,
            };
            windows::package(&wish, packages, yes)
        }
        Task::Gallery { accept, only } => {
            ensure(Needs::Test).and_then(|()| gallery::run_task(&gallery::Wish { accept, only }))
        }
        Task::Lint => ensure(Needs::Test).and_then(|()| checks::lint()),
        Task::Arrows { arguments } => ensure(Needs::Run).and_then(|()| checks::arrows(&arguments)),
        Task::Release { part } => match part {
            Release::Tag { name } => release::tag(&name),
            Release::Notes { into } => release::notes(&into),
            #[cfg(unix)]
            Release::Repositories {
                brand,
                packages,
                folder,
            } => ensure(Needs::Package).and_then(|()| {
                package::repositories::of_a_release(brand.as_deref(), &packages, &folder)
            }),
            #[cfg(unix)]
            Release::RenewRepositories { brand, folder } => ensure(Needs::Package)
                .and_then(|()| package::repositories::renew(brand.as_deref(), &folder)),
            Release::Sbom { folder, target } => ensure(Needs::Package)
                .and_then(|()| release::sbom::write(&folder, target.as_deref())),
            Release::SignWindows { brand, into } => {
                windows::signed::of_a_release(brand.as_deref(), &into, yes)
            }
            #[cfg(unix)]
            Release::SignMacos { brand, into } => {
                macos::signed::of_a_release(brand.as_deref(), &into)
            }
            Release::Checksums { folder } => release::checksums(&folder),
            Release::Gather { made, into } => release::gather::gather(&made, &into),
            Release::Offer {
                folder,
                channel,
                clock_is_right,
            } => offer::offer(&folder, &channel, Clock::here(clock_is_right)),
            Release::Renew {
                folder,
                channel,
                clock_is_right,
            } => offer::renew(&folder, &channel, Clock::here(clock_is_right)),
            Release::Withdraw {
                version,
                folder,
                channel,
                clock_is_right,
            } => offer::withdraw(&folder, &channel, &version, Clock::here(clock_is_right)),
        },
        #[cfg(unix)]
        Task::Package {
            brand,
            program,
            into,
            quick,
            compare,
        } => {
            let wish = package::Wish {
                brand,
                program,
                folder: into,
                quick,
                ..package::Wish::default()
            };
            package::has_room(&wish, compare)
                .and_then(|()| ensure(Needs::Package))
                .and_then(|()| match compare {
                    true => package::compare::run_task(&wish),
                    false => package::run(&wish).map(drop),
                })
        }
        #[cfg(unix)]
        Task::PackageFlatpak { brand } => ensure(Needs::Package)
            .and_then(|()| package::flatpak::write(brand.as_deref()).map(drop)),
        #[cfg(unix)]
        Task::PackageAppimage {
            brand,
            program,
            runtime,
        } => ensure(Needs::Package)
            .and_then(|()| package::appdir::run_task(brand, program, runtime.as_deref())),
        #[cfg(unix)]
        Task::TestPackages { program, suite } => ensure(Needs::Package)
            .and_then(|()| ensure(Needs::Test))
            .and_then(|()| package::installed::test(program, suite.as_deref())),
        Task::Types => checks::types(),
        Task::Setup => ensure(Needs::Test),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("x: {error:#}");
            ExitCode::FAILURE
        }
    }
}
