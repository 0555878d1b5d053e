//! `./x test-packages`: the packages in bare systems. What is looked at is what a user meets there.

mod guide;
mod published;
mod rpms;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use salon_brand::Brand;

use self::published::Published;
use super::compare::without_network;
use super::repositories::is_of;
use super::roots::{self, Root};
use super::{Wish, appdir, flatpak, run as package};
use crate::build::{EXAMPLE, Profile, build, own_brand, shipped, target};
use crate::checks::{Steps, harness, publisher, test_brand};
use crate::process::{output, root, run, succeeds};
use crate::release::{VERSION, sbom};

/// Debian's, the oldest that is supported first.
const SUITES: [&str; 2] = ["bookworm", "trixie"];
/// What the version before is called.
const EARLY: &str = "beta.1";
/// What the administrator wrote.
const POLICY: &str = "etc/salon/policy.toml";

/// Makes the packages, or takes a program that was built, and tries them.
///
/// # Errors
/// If a check fails.
pub(crate) fn test(program: Option<PathBuf>, suite: Option<&str>) -> Result<()> {
    roots::need_rights()?;
    let others = match suite {
        // What tries them in there.
        Some(_) => build(Profile::Dev).map(|()| None)?,
        None => Some(Others::make()?),
    };
    let folder = target().join("packages/trial");
    let program = match program {
        Some(program) => program,
        None => shipped(None)?,
    };
    let wish = |version: Option<&str>, part: &str| Wish {
        brand: None,
        program: Some(program.clone()),
        version: version.map(str::to_owned),
        folder: Some(folder.join(part)),
        quick: true,
    };
    let new = package(&wish(None, "new"))?;
    let early = format!("{VERSION}-{EARLY}");
    let older = package(&wish(Some(&early), "older"))?;
    let mut steps = Steps::new();
    let published = Published::make(&older, &new, &folder.join("repositories"))?;
    if let Some(others) = &others {
        let packed = Packed {
            program: &program,
            new: &new,
            older: &older,
            folder: &folder,
        };
        packed.check(&mut steps, &published, others);
    }
    let appdir = appdir::make(None, Some(program.clone()), &folder.join("appimage"))?;
    let suites = SUITES
        .iter()
        .filter(|known| suite.is_none_or(|suite| suite == **known));
    for suite in suites {
        let root = Root::bare(suite, folder.join("roots").join(suite))?;
        let on = On {
            root,
            brand: own_brand()?,
            suite,
            folder: &folder,
        };
        on.check(&mut steps, &appdir, &older[0], &published);
        // A gigabyte.
        on.root.remove()?;
    }
    for part in [
        "again",
        "appimage",
        "older",
        "other-appimage",
        "others",
        "repositories",
    ] {
        let part = folder.join(part);
        if part.exists() {
            fs::remove_dir_all(part)?;
        }
    }
    steps.finish()
}

/// The example of a product with names of its own.
struct Others {
    program: PathBuf,
    packages: Vec<PathBuf>,
}

impl Others {
    /// Builds it, and everything else, too.
    fn make() -> Result<Self> {
        let program = test_brand(&[])?;
        let packages = package(&Wish {
            brand: Some(root().join(EXAMPLE)),
            program: Some(program.clone()),
            folder: Some(target().join("packages/brand")),
            quick: true,
            ..Wish::default()
        })?;
        Ok(Self { program, packages })
    }
}

/// What was packed, whatever it is installed on.
struct Packed<'a> {
    program: &'a Path,
    new: &'a [PathBuf],
    older: &'a [PathBuf],
    folder: &'a Path,
}

impl Packed<'_> {
    fn check(&self, steps: &mut Steps, published: &Published, others: &Others) {
        let Self {
            program,
            new,
            older,
            folder,
        } = *self;
        steps.step(
            "packed elsewhere and later, without a network, they are the same byte for byte",
            || same_again(program, new, folder),
        );
        steps.step("lintian finds no fault", || {
            run(Command::new("lintian")
                .args([
                    "--fail-on",
                    "error",
                    "--suppress-tags",
                    "spelling-error-in-changelog",
                ])
                .args(new.iter().filter(|file| is_of(file, "deb"))))
        });
        steps.step("rpm takes a beta for older than its version", || {
            rpm_sorts(older, new)
        });
        steps.step(
            "dnf and rpm take the signed repository, and nothing false",
            || published.are_right_for_rpm(new),
        );
        steps.step(
            "the repositories of another product have its names alone",
            || published::of_another_product(&others.packages, &folder.join("others")),
        );
        steps.step(
            "the folder of another product starts under its name",
            || starts_as_another_product(&others.program, &folder.join("other-appimage")),
        );
        steps.step("rpmlint finds no fault", || rpms::lint(rpm(new)?));
        steps.step(
            "by Fedora's names the rpm installs, upgrades and leaves nothing",
            || rpms::install_upgrade_remove(rpm(older)?, rpm(new)?),
        );
        steps.step("the bill of materials names what the lock files do", || {
            sbom::write(&folder.join("sbom"), None)
        });
        steps.step(
            "flatpak-builder reads the manifest, and of what it names the page builds and cargo has every crate",
            || {
                let folder = folder.join("flatpak");
                let own = flatpak::write(None)?;
                flatpak::sources::are_enough(&own, &folder, true)?;
                let others = flatpak::write(Some(&root().join(EXAMPLE)))?;
                flatpak::sources::are_enough(&others, &folder, false)
            },
        );
        steps.step(
            "an AppImage is its runtime and what is packed behind it",
            appdir::try_sealing,
        );
    }
}

/// The app's, which comes before its symbols.
fn rpm(packages: &[PathBuf]) -> Result<&Path> {
    let rpm = packages.iter().find(|file| is_of(file, "rpm"));
    Ok(rpm.context("no rpm")?)
}

/// Packs a copy of the program, which is newer, in another folder, with another mask and time zone, and in a
/// network namespace where nobody is reached.
fn same_again(program: &Path, made: &[PathBuf], folder: &Path) -> Result<()> {
    let folder = folder.join("again");
    fs::create_dir_all(&folder)?;
    let copy = folder.join("program");
    fs::copy(program, &copy)?;
    let mut again = without_network();
    again
        .current_dir(root())
        .args(["sh", "-c", "umask 077; exec \"$@\"", "sh"])
        // By its process: its file may have been written anew since it was started.
        .arg(format!("/proc/{}/exe", std::process::id()))
        .args(["package", "--quick", "--program"])
        .arg(&copy)
        .arg("--into")
        .arg(&folder);
    run(again.env("TZ", "Pacific/Chatham"))?;
    for one in made {
        let other = folder.join(one.file_name().context("a package without a name")?);
        if fs::read(one)? != fs::read(&other)? {
            bail!("{} and {} differ", one.display(), other.display());
        }
    }
    Ok(())
}

/// The program in the folder says who it is, from the system that it brings along.
fn starts_as_another_product(program: &Path, folder: &Path) -> Result<()> {
    let file = root().join(EXAMPLE);
    let brand = Brand::read(&file)?;
    let made = appdir::make(Some(file), Some(program.to_owned()), folder)?;
    let said = output(Command::new(made.join("AppRun")).arg("--version"));
    if said.as_deref() != Some(&format!("{} {VERSION}", brand.program)) {
        bail!("it says {said:?}");
    }
    Ok(())
}

fn rpm_sorts(older: &[PathBuf], newer: &[PathBuf]) -> Result<()> {
    let version = |files: &[PathBuf]| {
        let mut ask = Command::new("rpm");
        ask.args(["-qp", "--queryformat", "%{VERSION}-%{RELEASE}"]);
        output(ask.arg(rpm(files)?)).context("rpm does not read it")
    };
    let (older, newer) = (version(older)?, version(newer)?);
    let compare = format!("%{{lua:print(rpm.vercmp('{older}', '{newer}'))}}");
    let found = output(Command::new("rpm").args(["--eval", &compare]));
    if found.as_deref() != Some("-1") {
        bail!("of {older} and {newer} it says {found:?}");
    }
    Ok(())
}

/// One of the systems.
struct On<'a> {
    root: Root,
    brand: Brand,
    suite: &'a str,
    folder: &'a Path,
}

impl On<'_> {
    fn check(&self, steps: &mut Steps, appdir: &Path, older: &Path, published: &Published) {
        let kept = PathBuf::from(format!(
            "/tmp/salon-kept-{}-{}",
            self.suite,
            std::process::id()
        ));
        let mut step = |name: &str, work: &dyn Fn(&Self) -> Result<()>| {
            steps.step(&format!("{}: {name}", self.suite), || work(self));
        };
        step(
            "nothing is installed, and the AppDir meets in a call",
            &|on| on.starts_without_installation(appdir),
        );
        step("an older version installs with all that it needs", &|on| {
            on.root.install(older)
        });
        step("the program says its version", &Self::says_its_version);
        step(
            "the desktop takes its entry and its metadata",
            &Self::is_well_formed,
        );
        step(
            "a clicked link reaches it, and two installed copies meet in a call",
            &|on| on.harness(&kept, 0, None),
        );
        step(
            "two installed copies sign in at the reference backend, ring, meet and sign out",
            &|on| on.story(),
        );
        step("apt takes the signed repository", &|on| {
            on.is_pointed_to(published)
        });
        step(
            "apt takes nothing that was changed or signed by somebody else",
            &|on| on.takes_nothing_false(published),
        );
        step(
            "the system brings it up to date during a call, which goes on",
            &|on| {
                let upgrade = on.is_offered_the_newer(published)?;
                on.harness(&kept, 1, Some(&upgrade))?;
                on.has_version(VERSION)
            },
        );
        step(
            "who waits for releases installs them from the suite that has nothing else",
            &|on| on.installs_what_was_released(published),
        );
        step("settings and history are those from before", &|on| {
            on.harness(&kept, 2, None)
        });
        step(
            "removed and purged, it leaves what users and the administrator made, and nothing else",
            &|on| on.leaves_nothing(&kept),
        );
        step(
            "the commands of the guide install it, start it with the desktop, and take it away",
            &|on| on.follows_the_guide(published),
        );
        // What the runs of the app left; the folder may be gone already.
        let _ = fs::remove_dir_all(&kept);
    }

    fn says_its_version(&self) -> Result<()> {
        let said = output(self.root.enter(&self.brand.program).arg("--version"));
        let said = said.context("it does not start")?;
        if said != format!("{} {}", self.brand.program, VERSION) {
            bail!("it says {said:?}");
        }
        Ok(())
    }

    fn has_version(&self, version: &str) -> Result<()> {
        let mut ask = self.root.enter("dpkg-query");
        let found = output(ask.args(["-W", "-f=${Status} ${Version}", &self.brand.program]));
        if found.as_deref() != Some(&format!("install ok installed {version}")) {
            bail!("the system has {found:?}");
        }
        Ok(())
    }

    fn is_well_formed(&self) -> Result<()> {
        let id = &self.brand.id;
        let entry = self
            .root
            .at(&format!("usr/share/applications/{id}.desktop"));
        run(Command::new("desktop-file-validate").arg(entry))?;
        let metadata = self
            .root
            .at(&format!("usr/share/metainfo/{id}.metainfo.xml"));
        run(Command::new("appstreamcli")
            .args(["validate", "--no-net"])
            .arg(metadata))
    }

    /// The end-to-end checks, with the installed program for the built one.
    fn checks(&self, group: &str) -> Result<Command> {
        let program = format!("/usr/bin/{}", self.brand.program);
        let mut e2e = harness("e2e", Profile::Dev)?;
        e2e.args(["--only", group])
            .env("SALON_APP", self.root.door(&program)?);
        Ok(e2e)
    }

    fn starts_without_installation(&self, appdir: &Path) -> Result<()> {
        let name = appdir.file_name().context("a folder without a name")?;
        let place = self.root.at("opt").join(name);
        fs::rename(appdir, &place)?;
        let start = format!("/opt/{}/AppRun", name.display());
        let checks = |group: &str| {
            let mut e2e = harness("e2e", Profile::Dev)?;
            e2e.args(["--only", group])
                .env("SALON_APP", self.root.door(&start)?);
            run(e2e.env("PUBLISHER", publisher()?))
        };
        // The second looks at the sandbox of the page's process, within the one that the folder is entered by.
        let met = checks("call").and_then(|()| checks("reach"));
        // The other systems are to try it, too.
        fs::rename(place, appdir)?;
        met
    }

    fn story(&self) -> Result<()> {
        run(&mut self.checks("story")?)
    }

    /// Runs the installed app as a user does. `past` meetings are to be in its history.
    /// A program that is to be run during the call is `during`.
    fn harness(&self, kept: &Path, past: u32, during: Option<&Path>) -> Result<()> {
        let mut e2e = self.checks("installed")?;
        e2e.env("SALON_XDG_OPEN", self.root.door("/usr/bin/xdg-open")?)
            .env("SALON_KEPT", kept)
            .env("SALON_PAST_MEETINGS", past.to_string());
        if let Some(during) = during {
            e2e.env("SALON_DURING_CALL", during);
        }
        let pictures = self.folder.join(format!("pictures-{}-{past}", self.suite));
        run(e2e.arg("--screenshots").arg(pictures))
    }

    fn leaves_nothing(&self, kept: &Path) -> Result<()> {
        let Brand {
            program,
            id,
            scheme,
            ..
        } = &self.brand;
        let policy = self.root.at(POLICY);
        fs::create_dir_all(policy.parent().context("no folder")?)?;
        fs::write(&policy, "")?;
        let made = [
            policy,
            kept.join("config/salon/settings.toml"),
            kept.join("data/salon"),
        ];
        let mut purge = self.root.enter("apt-get");
        run(purge.args(["purge", "--quiet", "--quiet", "--yes", program]))?;
        if succeeds(self.root.enter("dpkg-query").args(["-W", program])) {
            bail!("the system still knows it");
        }
        if let Some(gone) = made.iter().find(|made| !made.exists()) {
            bail!("{} is gone", gone.display());
        }
        let mut find = Command::new("find");
        // Where the user is at home, what the administrator made, and where packages come from.
        let not_ours = ["root", "etc/salon", "etc/apt", "srv/packages"];
        let not_ours = not_ours.map(|path| self.root.at(path));
        find.arg(self.root.at("")).arg("-xdev");
        for path in &not_ours {
            find.arg("-path").arg(path).args(["-prune", "-o"]);
        }
        find.args(["-iname", &format!("*{program}*"), "-print"]);
        let left = output(&mut find).context("find failed")?;
        if !left.is_empty() {
            bail!("what is left: {left}");
        }
        let mut search = Command::new("grep");
        search.args(["-rlE", &format!("{id}|x-scheme-handler/{scheme}")]);
        let places = [
            "usr/share/applications",
            "usr/share/icons",
            "usr/share/dbus-1",
            "etc",
        ];
        let places = places.map(|path| self.root.at(path));
        search.args(places.iter().filter(|place| place.exists()));
        let found = search.output()?;
        // 1: nothing found; 2: something could not be read.
        if found.status.code() != Some(1) {
            let left = String::from_utf8_lossy(&found.stdout);
            bail!(
                "what still speaks of it: {left}{}",
                String::from_utf8_lossy(&found.stderr)
            );
        }
        Ok(())
    }
}
