//! What has to be on the machine, and how it gets there.

use std::io::{BufRead, Write};
use std::process::Command;

use anyhow::{Result, bail};

use crate::files;
use crate::npm::{self, Packages};
use crate::process::{command, find, is_root, output, root, run, succeeds};
use crate::tools::{self, Needs};

/// Oldest Node.js that the page's tools run on.
const NODE: (u32, u32) = (20, 19);

/// A package manager, and what things are called there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
}

const APT_RUN: &[&str] = &[
    "build-essential",
    "pkg-config",
    "cmake",
    "libwebkit2gtk-4.1-dev",
    "libgtk-3-dev",
    "librsvg2-dev",
    "libayatana-appindicator3-dev",
    "libgstreamer1.0-dev",
    "libgstreamer-plugins-base1.0-dev",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-pulseaudio",
];
const APT_TEST: &[&str] = &[
    "xvfb",
    "openbox",
    "xdotool",
    "pulseaudio",
    "pulseaudio-utils",
    "chromium",
    "chromium-driver",
    "webkit2gtk-driver",
    "dbus",
    "gnome-keyring",
    "iproute2",
    "nftables",
];
/// Packages are made on Debian and its kin: who else needs `dpkg-shlibdeps` has its database of libraries.
const APT_PACKAGE: &[&str] = &[
    "appstream",
    "apt-utils",
    "createrepo-c",
    "debootstrap",
    "desktop-file-utils",
    "dnf",
    "flatpak-builder",
    "gnupg",
    "lintian",
    "rpm",
    "rpmlint",
    "squashfs-tools",
];
const DNF_RUN: &[&str] = &[
    "gcc",
    "gcc-c++",
    "make",
    "pkgconf",
    "cmake",
    "webkit2gtk4.1-devel",
    "gtk3-devel",
    "librsvg2-devel",
    "libayatana-appindicator-gtk3-devel",
    "gstreamer1-devel",
    "gstreamer1-plugins-base-devel",
    "gstreamer1-plugins-good",
];
const DNF_TEST: &[&str] = &[
    "xorg-x11-server-Xvfb",
    "openbox",
    "xdotool",
    "pulseaudio-utils",
    "chromium",
    "chromedriver",
    "webkit2gtk-driver",
    "dbus-daemon",
    "gnome-keyring",
    "iproute",
    "nftables",
];
const PACMAN_RUN: &[&str] = &[
    "base-devel",
    "cmake",
    "webkit2gtk-4.1",
    "gtk3",
    "librsvg",
    "libayatana-appindicator",
    "gstreamer",
    "gst-plugins-base",
    "gst-plugins-good",
];
const PACMAN_TEST: &[&str] = &[
    "xorg-server-xvfb",
    "openbox",
    "xdotool",
    "libpulse",
    "chromium",
    "dbus",
    "gnome-keyring",
    "iproute2",
    "nftables",
];
const BREW_RUN: &[&str] = &["cmake"];

impl Manager {
    fn detect() -> Option<Self> {
        if cfg!(target_os = "macos") {
            return find("brew").map(|_| Self::Brew);
        }
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        Self::of_release(&release)
    }

    /// From the text of `/etc/os-release`.
    fn of_release(release: &str) -> Option<Self> {
        let value = |name: &str| {
            release
                .lines()
                .find_map(|line| Some(line.strip_prefix(name)?.trim_matches('"')))
        };
        let family = format!(
            "{} {}",
            value("ID=").unwrap_or(""),
            value("ID_LIKE=").unwrap_or("")
        );
        family.split_whitespace().find_map(|name| match name {
            "debian" | "ubuntu" => Some(Self::Apt),
            "fedora" | "rhel" => Some(Self::Dnf),
            "arch" => Some(Self::Pacman),
            _ => None,
        })
    }

    fn packages(self, needs: Needs) -> Vec<&'static str> {
        let (run, test, package): (&[&str], &[&str], &[&str]) = match self {
            Self::Apt => (APT_RUN, APT_TEST, APT_PACKAGE),
            Self::Dnf => (DNF_RUN, DNF_TEST, &[]),
            Self::Pacman => (PACMAN_RUN, PACMAN_TEST, &[]),
            Self::Brew => (BREW_RUN, &[], &[]),
        };
        let more = match needs {
            Needs::Run => &[],
            Needs::Package => package,
            Needs::Test => test,
        };
        run.iter().chain(more).copied().collect()
    }

    fn for_windows(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &[
                "gcc-mingw-w64-x86-64-posix",
                "g++-mingw-w64-x86-64-posix",
                "nasm",
            ],
            Self::Dnf => &["mingw64-gcc", "mingw64-gcc-c++", "nasm"],
            Self::Pacman => &["mingw-w64-gcc", "nasm"],
            Self::Brew => &["mingw-w64", "nasm"],
        }
    }

    fn for_installers(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["msitools", "nsis", "osslsigncode", "wixl"],
            Self::Dnf => &["mingw32-nsis", "msitools", "osslsigncode"],
            Self::Pacman => &["nsis", "msitools"],
            Self::Brew => &["makensis", "msitools", "osslsigncode"],
        }
    }

    fn for_wine(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["bubblewrap", "debootstrap"],
            // Theirs is new enough.
            Self::Dnf | Self::Pacman => &["wine"],
            Self::Brew => &[],
        }
    }

    fn has(self, package: &str) -> bool {
        match self {
            Self::Apt => output(Command::new("dpkg-query").args(["-W", "-f=${Status}", package]))
                .is_some_and(|status| status.ends_with(" installed")),
            Self::Dnf => succeeds(Command::new("rpm").args(["-q", "--whatprovides", package])),
            Self::Pacman => succeeds(Command::new("pacman").args(["-Q", package])),
            Self::Brew => succeeds(Command::new("brew").args(["list", package])),
        }
    }

    /// The commands that install packages, as a shell has them.
    fn install(self, packages: &[&str]) -> String {
        let names = packages.join(" ");
        match self {
            Self::Apt => format!(
                "{0}apt-get update && {0}env DEBIAN_FRONTEND=noninteractive apt-get install -y {names}",
                sudo()
            ),
            Self::Dnf => format!("{}dnf install -y {names}", sudo()),
            Self::Pacman => format!("{}pacman -S --needed --noconfirm {names}", sudo()),
            Self::Brew => format!("brew install {names}"),
        }
    }

    fn node(self) -> &'static str {
        match self {
            Self::Apt => "nodejs npm",
            Self::Dnf => "nodejs nodejs-npm",
            Self::Pacman => "nodejs npm",
            Self::Brew => "node",
        }
    }

    fn go(self) -> &'static str {
        match self {
            Self::Apt => "golang-go",
            Self::Dnf => "golang",
            Self::Pacman | Self::Brew => "go",
        }
    }
}

pub(crate) fn sudo() -> &'static str {
    if is_root() { "" } else { "sudo " }
}

/// What programs for Windows are compiled and linked with.
pub(crate) fn tools_for_windows(yes: bool) -> Result<()> {
    ensure_packages(Manager::for_windows, yes)
}

/// What a system with Wine is made and entered with, where the own one has none that will do.
pub(crate) fn tools_for_wine(yes: bool) -> Result<()> {
    ensure_packages(Manager::for_wine, yes)
}

/// What installers for Windows are made with.
pub(crate) fn tools_for_installers(yes: bool) -> Result<()> {
    ensure_packages(Manager::for_installers, yes)
}

fn ensure_packages(of: fn(Manager) -> &'static [&'static str], yes: bool) -> Result<()> {
    match Manager::detect() {
        Some(manager) => install_missing(manager, of(manager), yes),
        None => Ok(()),
    }
}

/// Says what is missing and installs it, after asking unless `yes`.
pub(crate) fn ensure(needs: Needs, packages: Packages, yes: bool) -> Result<()> {
    if let Some(manager) = Manager::detect() {
        system(manager, needs, yes)?;
        node(manager, yes)?;
        let server = needs != Needs::Package && tools::livekit_server().is_none();
        let wanted = needs == Needs::Test || server;
        if wanted && find("go").is_none() {
            install(
                "Go, to build the LiveKit server and tools for tests",
                &manager.install(&[manager.go()]),
                yes,
            )?;
        }
    } else if !cfg!(windows) {
        println!("This system's package manager is not known; going on with what is there.");
    }
    // All of them are tested; the page is run.
    let folders = match needs {
        Needs::Run | Needs::Package => vec!["ui".into()],
        Needs::Test => files::npm_packages()?,
    };
    for folder in folders {
        npm::install(&root().join(folder), packages)?;
    }
    if needs == Needs::Package {
        // From here on nothing is fetched: what is packed can be made without a network.
        let machine = output(command("rustc").args(["--print", "host-tuple"]));
        let machine = machine.unwrap_or_default();
        run(command("cargo").args(["fetch", "--quiet", "--locked", "--target", &machine]))?;
    }
    tools::ensure(needs)
}

fn system(manager: Manager, needs: Needs, yes: bool) -> Result<()> {
    install_missing(manager, &manager.packages(needs), yes)
}

fn install_missing(manager: Manager, packages: &[&str], yes: bool) -> Result<()> {
    let missing: Vec<_> = packages
        .iter()
        .copied()
        .filter(|package| !manager.has(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing.join(", "), &manager.install(&missing), yes)
}

fn install(what: &str, how: &str, yes: bool) -> Result<()> {
    println!("Missing: {what}\nTo be run: {how}");
    if !yes {
        print!("Go on? [y/N] ");
        std::io::stdout().flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            bail!("not installed");
        }
    }
    run(Command::new("sh").args(["-c", how]))
}

fn node(manager: Manager, yes: bool) -> Result<()> {
    if node_version().is_some_and(|version| version >= NODE) {
        return Ok(());
    }
    let wanted = format!("Node.js {}.{} or later", NODE.0, NODE.1);
    install(&wanted, &manager.install(&[manager.node()]), yes)?;
    if node_version().is_some_and(|version| version >= NODE) {
        return Ok(());
    }
    // The distribution's is too old: `n` from the npm registry brings a newer one.
    install(&wanted, &format!("{}npx --yes n lts", sudo()), yes)?;
    match node_version() {
        Some(version) if version >= NODE => Ok(()),
        found => bail!("{wanted} is needed; found {found:?}"),
    }
}

fn node_version() -> Option<(u32, u32)> {
    parse_version(&output(Command::new("node").arg("--version"))?)
}

/// Major and minor of `v20.19.1` and the like.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_known_by_their_family() {
        let cases = [
            ("ID=debian\n", Some(Manager::Apt)),
            ("NAME=x\nID=ubuntu\nID_LIKE=debian\n", Some(Manager::Apt)),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Some(Manager::Apt),
            ),
            ("ID=fedora\n", Some(Manager::Dnf)),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                Some(Manager::Dnf),
            ),
            ("ID=arch\n", Some(Manager::Pacman)),
            ("ID=void\n", None),
        ];
        for (release, expected) in cases {
            assert_eq!(Manager::of_release(release), expected, "{release}");
        }
    }

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(parse_version("v20.19.1"), Some((20, 19)));
        assert!(parse_version("v9.99.0") < Some(NODE));
        assert!(parse_version("v22.1.0") > Some(NODE));
        assert_eq!(parse_version("nonsense"), None);
    }

    #[test]
    fn tests_need_more_than_running() {
        let (run, test) = (
            Manager::Apt.packages(Needs::Run),
            Manager::Apt.packages(Needs::Test),
        );
        assert!(run.iter().all(|package| test.contains(package)));
        assert!(test.contains(&"xvfb") && !run.contains(&"xvfb"));
        let package = Manager::Apt.packages(Needs::Package);
        assert!(package.contains(&"rpm") && !package.contains(&"xvfb"));
    }
}
