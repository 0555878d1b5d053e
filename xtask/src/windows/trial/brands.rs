//! Another product beside Salon on one computer: whatever the one's installers do, the other's files and entries stay
//! as they were.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use salon_brand::Brand;

use super::package::{done, registry};
use super::{RUN, Signed, WEBVIEW2_MISSING, step};
use crate::windows::installers::Installers;
use crate::windows::sign;
use crate::windows::wine::Wine;

const UNINSTALL: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall";

/// How everybody, or who runs it, gets a product.
#[derive(Clone, Copy, Debug)]
enum Way {
    User,
    Machine,
    Package,
}

/// Installs the two beside each other in each way, and takes one away after the other.
///
/// # Errors
/// At the first thing that is not as it should be.
pub(super) fn run(wine: &Wine, own: &Installers, signed: &Signed<'_>) -> Result<()> {
    let of = |installers| Product { wine, installers };
    let (own, other) = (of(own), of(&signed.installers));
    println!("=== {} beside {}", other.brand().name, own.brand().name);
    for way in [Way::User, Way::Machine, Way::Package] {
        step(&format!("{way:?}"), || {
            stay_apart(&own, &other, way, signed.certificate)
        })?;
    }
    Ok(())
}

fn stay_apart(own: &Product<'_>, other: &Product<'_>, way: Way, certificate: &Path) -> Result<()> {
    other.install(way)?;
    let others = other.state(way)?;
    ensure!(
        others
            .iter()
            .any(|line| line.contains("shell\\open\\command"))
            && others.iter().any(|line| line.ends_with(".lnk")),
        "the other product is not installed: {others:#?}"
    );
    let named = others
        .iter()
        .find(|line| line.to_lowercase().contains("salon"));
    ensure!(named.is_none(), "the other product says {named:?}");
    other.is_signed(way, certificate)?;
    own.install(way)?;
    let owns = own.state(way)?;
    same(&others, &other.state(way)?).context("after an installation beside it")?;
    own.remove(way)?;
    same(&others, &other.state(way)?).context("after a removal beside it")?;
    nothing(&own.state(way)?)?;
    own.install(way)?;
    other.remove(way)?;
    same(&owns, &own.state(way)?).context("after the other's removal")?;
    nothing(&other.state(way)?)?;
    own.remove(way)
}

fn same(before: &[String], now: &[String]) -> Result<()> {
    ensure!(before == now, "it was {before:#?}, and is {now:#?}");
    Ok(())
}

fn nothing(left: &[String]) -> Result<()> {
    ensure!(left.is_empty(), "of what was taken away is left: {left:#?}");
    Ok(())
}

struct Product<'a> {
    wine: &'a Wine,
    installers: &'a Installers,
}

impl Product<'_> {
    fn brand(&self) -> &Brand {
        &self.installers.brand
    }

    fn user(&self) -> PathBuf {
        self.wine.user_folder().join("AppData")
    }

    /// Where it is installed.
    fn folder(&self, way: Way) -> PathBuf {
        let place = match way {
            Way::User => self.user().join("Local/Programs"),
            Way::Machine | Way::Package => self.wine.drive_c().join("Program Files"),
        };
        place.join(&self.brand().name)
    }

    /// Its entries in the start menus, which are the user's and everybody's: in which of them a package puts its own
    /// differs between Wine and Windows.
    fn in_menus(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for data in [
            self.user().join("Roaming"),
            self.wine.drive_c().join("ProgramData"),
        ] {
            found.extend(files(&data.join("Microsoft/Windows/Start Menu/Programs"))?);
        }
        found.retain(|file| {
            file.file_stem()
                .is_some_and(|stem| *stem == *self.brand().name)
        });
        Ok(found)
    }

    /// What was installed, and what by.
    fn is_signed(&self, way: Way, certificate: &Path) -> Result<()> {
        let folder = self.folder(way);
        let program = folder.join(format!("{}.exe", self.brand().program));
        let uninstaller = folder.join("uninstall.exe");
        let Installers {
            user,
            machine,
            package,
            ..
        } = self.installers;
        let files = match way {
            Way::User => [user, &program, &uninstaller].to_vec(),
            Way::Machine => [machine, &program, &uninstaller].to_vec(),
            Way::Package => [package, &program].to_vec(),
        };
        files
            .into_iter()
            .try_for_each(|file| sign::is_signed(file, certificate))
    }

    fn install(&self, way: Way) -> Result<()> {
        let installer = match way {
            Way::User => &self.installers.user,
            Way::Machine => &self.installers.machine,
            Way::Package => {
                let all = "ADDLOCAL=Program,Autostart";
                return done(self.wine, "/i", &self.installers.package, &[all]);
            }
        };
        let mut install = self.wine.program(&Wine::path_of(installer)?);
        let ended = self.wine.ended(install.args(["/S", "/AUTOSTART"]))?;
        ensure!(ended == WEBVIEW2_MISSING, "{way:?} ended with {ended}");
        Ok(())
    }

    /// By what it was installed by; nothing, if it is not there.
    fn remove(&self, way: Way) -> Result<()> {
        let folder = self.folder(way);
        if !folder.join("uninstall.exe").exists() {
            if !folder.exists() {
                return Ok(());
            }
            return done(self.wine, "/x", &self.installers.package, &[]);
        }
        let place = self.windows_path(&folder)?;
        let mut uninstall = self.wine.program(&format!("{place}\\uninstall.exe"));
        let ended = self.wine.ended(uninstall.arg("/S"))?;
        ensure!(ended == 0, "{way:?}: removing ended with {ended}");
        // It goes on in a copy of itself.
        self.wine.until_idle()
    }

    /// Of a folder on the drive `C:`.
    fn windows_path(&self, folder: &Path) -> Result<String> {
        let below = folder.strip_prefix(self.wine.drive_c())?;
        let below = below.to_str().context("a folder's name is no UTF-8")?;
        Ok(format!("C:\\{}", below.replace('/', "\\")))
    }

    /// What there is of it: files with their lengths, and lines of the registry, but for the moment of its installation.
    fn state(&self, way: Way) -> Result<Vec<String>> {
        let Brand {
            name,
            program,
            id,
            scheme,
            ..
        } = self.brand();
        let mut state = Vec::new();
        for file in files(&self.folder(way))?
            .into_iter()
            .chain(self.in_menus()?)
        {
            let bytes = std::fs::metadata(&file)?.len();
            state.push(format!("{bytes} {}", file.display()));
        }
        let root = match way {
            Way::User => "HKCU",
            Way::Machine | Way::Package => "HKLM",
        };
        for key in [
            format!("Software\\Classes\\{scheme}"),
            format!("Software\\Classes\\AppUserModelId\\{id}"),
            format!("Software\\{name}"),
            format!("{UNINSTALL}\\{name}"),
        ] {
            let said = registry(self.wine, &format!("{root}\\{key}"))?;
            state.extend(said.lines().map(str::to_owned));
        }
        // Which other products have entries in, too.
        for key in [RUN, UNINSTALL] {
            let said = registry(self.wine, &format!("{root}\\{key}"))?;
            let ours = |line: &&str| line.contains(name) || line.contains(program.as_str());
            state.extend(said.lines().filter(ours).map(str::to_owned));
        }
        state.retain(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("Installation ")
        });
        state.sort();
        state.dedup();
        Ok(state)
    }
}

/// All below a folder, if there is one.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(files(&path)?);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}
