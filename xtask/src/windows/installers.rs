//! `./x package-windows`: installers by scripts of our own, which need no network (`packaging/windows`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use salon_brand::Brand;
use semver::{Prerelease, Version};

use super::sign::Signer;
use super::{LINKER, names};
use crate::elsewhere::folder;
use crate::process::{command, output, root, run};

/// What is installed beside the program, from the root.
const TEXTS: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"];
/// What the installers ask of the system, made of the C file of this name.
const CHECKS: &str = "checks.dll";
/// What of a command line Windows hands on to the part of an installation that has an administrator's rights: `FORCE`, and
/// what `wixl` itself looks for. It knows no `Secure` of a property's.
const SECURE: &str = "UPDATE `Property` SET `Value` = 'FORCE;WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED' \
                      WHERE `Property` = 'SecureCustomProperties'";
/// The product's icon, and what `salon.nsi` calls it.
const ICON: &str = "icon.ico";
const NAMES: &str = "names.nsh";
/// Finds WebView2's runtime; a build of this target does not have it inside.
const LOADER: &str = "WebView2Loader.dll";

/// What a version for trial begins with, in their order, and what each adds to a third number.
const STAGES: [(&str, u64); 3] = [("alpha", 0), ("beta", 300), ("rc", 600)];
/// What a release adds.
const RELEASE: u64 = 999;

/// What Windows compares of a version: three numbers (the first two up to 255, the third up to 65,535), which are in
/// the order of the versions, so that a release replaces what was tried before it.
///
/// # Errors
/// If there are none for it.
pub(super) fn numbers(version: &Version) -> Result<String> {
    let stage = match version.pre.as_str() {
        "" => Some(RELEASE),
        trial => STAGES.iter().find_map(|(name, from)| {
            let number: u64 = trial.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
            (number < 300).then_some(from + number)
        }),
    };
    let stage = stage.with_context(|| {
        format!(
            "Windows' numbers have no place for {version}: alpha.N, beta.N or rc.N, N below 300"
        )
    })?;
    ensure!(
        version.major <= 255 && version.minor <= 255 && version.patch <= 64,
        "Windows' numbers have no place for {version}"
    );
    let third = version.patch * 1000 + stage;
    Ok(format!("{}.{}.{third}", version.major, version.minor))
}

/// The installers of a product.
#[derive(Debug)]
pub(super) struct Installers {
    /// Whose.
    pub(super) brand: Brand,
    /// What they install.
    pub(super) version: Version,
    /// For who runs it.
    pub(super) user: PathBuf,
    /// For everybody.
    pub(super) machine: PathBuf,
    /// For everybody, as group policy and device management want it.
    pub(super) package: PathBuf,
}

/// What is installed, gathered in a folder.
#[derive(Debug)]
pub(super) struct Payload {
    brand: Brand,
    folder: PathBuf,
    /// Packed in a moment, and larger: to be tried, not to be shipped.
    quick: bool,
    /// Who signs it, if anybody.
    signer: Option<Signer>,
}

impl Installers {
    /// All of them.
    pub(super) fn files(&self) -> [&Path; 3] {
        [&self.user, &self.machine, &self.package]
    }
}

impl Payload {
    /// Gathers what is installed of a product whose program was built; beside it lies WebView2's loader.
    ///
    /// # Errors
    /// If something is missing.
    pub(super) fn gather(brand: &Brand, program: &Path, quick: bool) -> Result<Self> {
        let payload = Self {
            brand: brand.clone(),
            folder: folder().join("payload").join(&brand.program),
            quick,
            signer: None,
        };
        let place = &payload.folder;
        if place.exists() {
            std::fs::remove_dir_all(place)?;
        }
        std::fs::create_dir_all(place)?;
        let files = [
            (program.to_owned(), format!("{}.exe", brand.program)),
            (program.with_file_name(LOADER), LOADER.to_owned()),
            // `wixl` knows no whole paths of what it packs.
            (brand.icons.join("icon.ico"), ICON.to_owned()),
        ];
        let texts = TEXTS.map(|name| (root().join(name), name.to_owned()));
        for (from, name) in files.into_iter().chain(texts) {
            let copied = std::fs::copy(&from, place.join(name));
            copied.with_context(|| format!("{} cannot be copied", from.display()))?;
        }
        payload.checks()?;
        std::fs::write(place.join(NAMES), names::for_nsis(brand))?;
        Ok(payload)
    }

    /// Signs what is installed, and from now on what installs it and what takes it away.
    ///
    /// # Errors
    /// If the signer cannot.
    pub(super) fn sign(&mut self, signer: Signer) -> Result<()> {
        for name in [&*format!("{}.exe", self.brand.program), CHECKS] {
            signer.sign(&self.folder.join(name))?;
        }
        self.signer = Some(signer);
        Ok(())
    }

    fn checks(&self) -> Result<()> {
        let names = self.folder.join("names.h");
        std::fs::write(&names, names::for_c(&self.brand))?;
        let mut compile = Command::new(LINKER);
        compile.args(["-shared", "-Os", "-s", "-Wall", "-Wextra", "-Werror"]);
        compile.arg("-include").arg(names);
        compile.arg("-o").arg(self.folder.join(CHECKS));
        compile.arg(root().join("packaging/windows/checks.c"));
        run(compile.args(["-lmsi", "-lwintrust", "-lcrypt32"]))
    }

    /// Makes the installers of a version.
    ///
    /// # Errors
    /// If Windows' numbers have no place for it, or a tool fails.
    pub(super) fn installers(&self, version: &Version) -> Result<Installers> {
        let made = folder().join("installers").join(&self.brand.program);
        std::fs::create_dir_all(&made)?;
        let name = |rest: &str| made.join(format!("{}-{version}-{rest}", self.brand.program));
        let installers = Installers {
            brand: self.brand.clone(),
            version: version.clone(),
            user: name("user.exe"),
            machine: name("machine.exe"),
            package: name("x64.msi"),
        };
        self.installer("user", version, &installers.user)?;
        self.installer("machine", version, &installers.machine)?;
        self.package(version, &installers.package)?;
        if let Some(signer) = &self.signer {
            for file in installers.files() {
                signer.sign(file)?;
            }
        }
        Ok(installers)
    }

    /// The installers of an earlier version: for trying an upgrade.
    ///
    /// # Errors
    /// If one cannot be made.
    pub(super) fn earlier(&self, than: &Version) -> Result<Installers> {
        let mut version = than.clone();
        // Before each that somebody makes.
        version.pre = Prerelease::new("alpha.0")?;
        self.installers(&version)
    }

    fn installer(&self, scope: &str, version: &Version, out: &Path) -> Result<()> {
        let at = |name: &str| self.folder.join(name);
        let mut makensis = command("makensis");
        makensis.args(["-V2", "-WX"]);
        if self.quick {
            makensis.arg("-DQUICK");
        }
        if let Some(signer) = &self.signer {
            let mut definition = std::ffi::OsString::from("-DSIGN=");
            definition.push(signer.script());
            makensis.arg(definition);
        }
        for (name, value) in [
            ("BRAND", at(NAMES).as_os_str()),
            ("SCOPE", scope.as_ref()),
            ("VERSION", version.to_string().as_ref()),
            ("NUMBERS", numbers(version)?.as_ref()),
            ("PAYLOAD", self.folder.as_os_str()),
            ("CHECKS", at(CHECKS).as_os_str()),
            ("ICON", at(ICON).as_os_str()),
            ("OUT", out.as_os_str()),
        ] {
            let mut definition = std::ffi::OsString::from(format!("-D{name}="));
            definition.push(value);
            makensis.arg(definition);
        }
        run(makensis.arg("packaging/windows/salon.nsi"))
    }

    fn package(&self, version: &Version, out: &Path) -> Result<()> {
        let template = std::fs::read_to_string(root().join("packaging/windows/salon.wxs"))?;
        let source = names::for_wixl(&template, &self.brand, version, &numbers(version)?);
        let file = self.folder.join("package.wxs");
        std::fs::write(&file, source)?;
        let mut wixl = Command::new("wixl");
        wixl.current_dir(&self.folder).args(["--arch", "x64"]);
        run(wixl.arg("--output").arg(out).arg(file))?;
        run(Command::new("msibuild").arg(out).args(["-q", SECURE]))?;
        let properties = output(
            Command::new("msiinfo")
                .arg("export")
                .arg(out)
                .arg("Property"),
        );
        ensure!(
            properties.is_some_and(|all| all.contains("SecureCustomProperties\tFORCE;")),
            "{} would not be told of FORCE",
            out.display()
        );
        let Some(letters) = names::letters(&self.brand) else {
            return Ok(());
        };
        let file = self.folder.join("letters.idt");
        std::fs::write(&file, letters)?;
        run(Command::new("msibuild").arg(out).arg("-i").arg(file))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_windows_compares_is_in_the_order_of_the_versions() {
        let versions = [
            "0.1.0",
            "0.2.0-alpha.0",
            "0.2.0-alpha.10",
            "0.2.0-beta.1",
            "0.2.0-beta.299",
            "0.2.0-rc.1",
            "0.2.0",
            "0.2.1-beta.2",
            "0.2.1",
            "0.2.64",
            "0.3.0-alpha.1",
            "1.0.0-rc.3",
            "1.0.0",
            "255.255.64",
        ]
        .map(|version| version.parse::<Version>().unwrap());
        let compared = versions.each_ref().map(|version| {
            let numbers = numbers(version).unwrap();
            let numbers = numbers.split('.').map(|number| number.parse().unwrap());
            <[u32; 3]>::try_from(numbers.collect::<Vec<_>>()).unwrap()
        });
        assert!(versions.is_sorted_by(|one, next| one < next));
        assert!(
            compared.is_sorted_by(|one, next| one < next),
            "{compared:?}"
        );
        // As much as Windows has room for.
        let most = compared.iter().map(|[_, _, third]| third).max().unwrap();
        assert!(*most <= 65_535, "{most}");
    }

    #[test]
    fn a_version_that_windows_could_not_place_has_no_installer() {
        for version in [
            "256.0.0",
            "0.256.0",
            "0.2.65",
            "0.2.0-nightly.1",
            "0.2.0-beta",
            "0.2.0-beta.300",
            "0.2.0-beta.1.2",
        ] {
            assert!(numbers(&version.parse().unwrap()).is_err(), "{version}");
        }
    }
}
