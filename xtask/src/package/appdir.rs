//! `./x package-appimage`: a folder with the app and all that it needs of a system, which starts wherever a kernel
//! gives namespaces, and of it an AppImage where there is a runtime to put before it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use salon_brand::Brand;

use super::roots::{self, Root};
use super::{Wish, entries, moment, run as package};
use crate::build::{brand, target};
use crate::process::{output, run};
use crate::release::{VERSION, with_size};

/// The system that is brought along: the oldest that is supported.
const SUITE: &str = "bookworm";
/// What the package does not ask for: who asks the desktop for a browser.
const BESIDE: [&str; 1] = ["libglib2.0-bin"];
/// What there has to be to lay the outer system's over it.
const FILES: [&str; 3] = ["passwd", "group", "machine-id"];
/// What the outer system replaces while the app runs: another network, another time zone. What is laid over would stay
/// what it was, so that these are links, and the policy's folder one more.
const LIVE: [&str; 3] = ["resolv.conf", "hosts", "localtime"];
/// Where the whole outer system is seen in there, to be read: links of its own go on from there.
const OUTER: &str = "/outer";
const FOLDERS: [&str; 3] = ["ssl", "pki", "ca-certificates"];
/// What nobody reads in there, or what is the outer system's.
const NOT_NEEDED: [&str; 9] = [
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/bash-completion",
    "usr/include",
    "usr/sbin",
    "usr/lib/apt",
    "usr/share/perl",
];
/// The system has its `lib` and `bin` in `usr`; what of the outer one's is seen in there is named here. GNU's loader
/// starts bubblewrap where the outer system has none.
const RUN: &str = r#"#!/bin/sh
# Starts the program in the system that it brings along, with the devices, files and desktop of the outer one.
set -eu
here=$(dirname "$(readlink -f "$0")")
system=$here/system
set -- /usr/bin/PROGRAM "$@"
for name in OVER; do
  set -- --ro-bind-try "/etc/$name" "/etc/$name" "$@"
done
set -- --ro-bind-try /usr/share/fonts /usr/share/fonts "$@"
for folder in home root run tmp var media mnt opt srv; do
  set -- --bind-try "/$folder" "/$folder" "$@"
done
for folder in lib lib64 bin; do
  set -- --symlink "usr/$folder" "/$folder" "$@"
done
# The program asks whether what APPIMAGE names is its own file, which is so if its content is where it lies: in there
# that is /usr. Of another AppImage that started this folder nothing is handed on.
if [ -n "${APPDIR:-}" ] && [ "$(readlink -f "$APPDIR")" = "$here" ]; then
  export APPDIR=/usr
else
  unset APPIMAGE APPDIR
fi
set -- --ro-bind / OUTER --ro-bind "$system/usr" /usr --ro-bind "$system/etc" /etc \
  --dev-bind /dev /dev --bind /proc /proc --ro-bind /sys /sys "$@"
export PATH=/usr/local/bin:/usr/bin:/bin
if [ -x /usr/bin/bwrap ]; then
  exec /usr/bin/bwrap "$@"
fi
libraries=$(echo "$system"/usr/lib/*-linux-gnu)
exec "$libraries"/ld-linux-*.so.* --library-path "$libraries" "$system/usr/bin/bwrap" "$@"
"#;
/// `xdg-open` of that system, which has no browser: the outer one's desktop is asked (XDG Desktop Portal, OpenURI).
const OPEN: &str = r#"#!/bin/sh
exec gdbus call --session --dest org.freedesktop.portal.Desktop \
  --object-path /org/freedesktop/portal/desktop \
  --method org.freedesktop.portal.OpenURI.OpenURI '' "$1" '{}'
"#;

/// Makes the folder, and with a runtime the file; `file`: of the product's names, if it is not Salon itself.
///
/// # Errors
/// Without the rights of root, or if a tool is missing.
pub(crate) fn run_task(
    file: Option<PathBuf>,
    program: Option<PathBuf>,
    runtime: Option<&Path>,
) -> Result<()> {
    let brand = brand(file.as_deref())?;
    let folder = target().join("packages/appimage").join(&brand.program);
    let made = make(file, program, &folder)?;
    let Some(runtime) = runtime else {
        println!(
            "{}: a folder; an AppImage needs a runtime (--runtime FILE)",
            made.display()
        );
        return Ok(());
    };
    let file = folder.join(image_name(&brand));
    seal(&made, runtime, &file)?;
    println!("{}", with_size(&file)?);
    Ok(())
}

/// What copies that look for new versions are offered (`./x release offer`). Spaces would be written otherwise in an
/// address.
fn image_name(brand: &Brand) -> String {
    let machine = std::env::consts::ARCH;
    format!("{}-{VERSION}-{machine}.AppImage", one_word(&brand.name))
}

fn one_word(name: &str) -> String {
    name.replace(' ', "-")
}

/// The folder alone.
///
/// # Errors
/// Without the rights of root, or if a tool is missing.
pub(crate) fn make(
    file: Option<PathBuf>,
    program: Option<PathBuf>,
    folder: &Path,
) -> Result<PathBuf> {
    roots::need_rights()?;
    let brand = brand(file.as_deref())?;
    let wish = Wish {
        brand: file,
        program,
        folder: Some(folder.join("work")),
        quick: true,
        ..Wish::default()
    };
    let packages = package(&wish)?;
    let root = Root::bare(SUITE, folder.join("root"))?;
    // What was mended since its release was made.
    root.upgrade()?;
    root.install(&packages[0])?;
    root.add(&BESIDE)?;
    let made = folder.join(format!("{}.AppDir", one_word(&brand.name)));
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    let system = made.join("system");
    fs::create_dir_all(&system)?;
    for part in ["usr", "etc"] {
        fs::rename(root.at(part), system.join(part))?;
    }
    root.remove()?;
    fs::remove_dir_all(folder.join("work"))?;
    for part in NOT_NEEDED {
        let part = system.join(part);
        if part.exists() {
            fs::remove_dir_all(part)?;
        }
    }
    only_copyrights(&system.join("usr/share/doc"))?;
    let etc = system.join("etc");
    for name in FILES {
        let file = etc.join(name);
        if !file.is_file() || file.is_symlink() {
            let _ = fs::remove_file(&file);
            fs::write(file, "")?;
        }
    }
    for name in FOLDERS {
        fs::create_dir_all(etc.join(name))?;
    }
    for name in LIVE.iter().chain([&brand.program.as_str()]) {
        let link = etc.join(name);
        if link.is_dir() && !link.is_symlink() {
            fs::remove_dir_all(&link)?;
        } else {
            let _ = fs::remove_file(&link);
        }
        symlink(format!("{OUTER}/etc/{name}"), link)?;
    }
    fs::create_dir_all(system.join("usr/share/fonts"))?;
    fs::create_dir_all(system.join("usr/local/bin"))?;
    name(&made, &brand)?;
    Ok(made)
}

/// Writes into the folder what is called after the product: what starts it, its entry and its picture.
fn name(made: &Path, brand: &Brand) -> Result<()> {
    let put = |path: &str, text: &str, mode: u32| {
        let file = made.join(path);
        fs::write(&file, text)?;
        anyhow::Ok(fs::set_permissions(file, fs::Permissions::from_mode(mode))?)
    };
    put("AppRun", &start(&brand.program), 0o755)?;
    put("system/usr/local/bin/xdg-open", OPEN, 0o755)?;
    put(
        &format!("{}.desktop", brand.id),
        &entries::desktop_entry(brand, false),
        0o644,
    )?;
    fs::copy(
        brand.icons.join("icon.png"),
        made.join(format!("{}.png", brand.id)),
    )?;
    symlink(format!("{}.png", brand.id), made.join(".DirIcon"))?;
    Ok(())
}

/// The script that starts the program.
fn start(program: &str) -> String {
    let over = [&FILES[..], &FOLDERS].concat().join(" ");
    let start = RUN.replace("PROGRAM", program).replace("OUTER", OUTER);
    start.replace("OVER", &over)
}

/// Of what packages document, who wrote it and under which licence goes along: that has to.
fn only_copyrights(documents: &Path) -> Result<()> {
    for package in fs::read_dir(documents)? {
        let package = package?;
        if !package.file_type()?.is_dir() {
            // One that shares another's folder.
            continue;
        }
        for document in fs::read_dir(package.path())? {
            let document = document?;
            if document.file_name() == "copyright" {
                continue;
            }
            if document.file_type()?.is_dir() {
                fs::remove_dir_all(document.path())?;
            } else {
                fs::remove_file(document.path())?;
            }
        }
    }
    Ok(())
}

/// Packs a folder behind a runtime (AppImage specification, type 2).
fn seal(made: &Path, runtime: &Path, file: &Path) -> Result<()> {
    let content = file.with_extension("squashfs");
    if content.exists() {
        fs::remove_file(&content)?;
    }
    let mut pack = Command::new("mksquashfs");
    pack.arg(made).arg(&content);
    pack.args([
        "-quiet",
        "-no-progress",
        "-all-root",
        "-comp",
        "zstd",
        "-b",
        "1M",
    ]);
    run(pack.env("SOURCE_DATE_EPOCH", moment()?.as_second().to_string()))?;
    fs::copy(runtime, file).context("no runtime")?;
    let mut whole = fs::File::options().append(true).open(file)?;
    std::io::copy(&mut fs::File::open(&content)?, &mut whole)?;
    fs::remove_file(content)?;
    Ok(fs::set_permissions(
        file,
        fs::Permissions::from_mode(0o755),
    )?)
}

/// Packs a small folder behind a program that stands in for the runtime: both are whole.
///
/// # Errors
/// If one is not.
pub(crate) fn try_sealing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (small, runtime) = (folder.path().join("small"), folder.path().join("runtime"));
    fs::create_dir(&small)?;
    fs::write(small.join("AppRun"), "the content")?;
    // Runtimes find what is packed by their own length.
    fs::copy("/bin/true", &runtime)?;
    let (file, again) = (folder.path().join("file"), folder.path().join("again"));
    seal(&small, &runtime, &file)?;
    seal(&small, &runtime, &again)?;
    if fs::read(&file)? != fs::read(again)? {
        bail!("packed again it differs");
    }
    run(&mut Command::new(&file))?;
    let offset = fs::metadata(runtime)?.len().to_string();
    let mut read = Command::new("unsquashfs");
    let content = output(
        read.args(["-cat", "-offset", &offset])
            .arg(file)
            .arg("AppRun"),
    );
    if content.as_deref() != Some("the content") {
        bail!("behind the runtime is {content:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::build::EXAMPLE;
    use crate::process::root;

    #[test]
    fn the_folder_of_another_product_starts_its_program_and_has_none_of_salons_names() {
        let brand = Brand::read(&root().join(EXAMPLE)).unwrap();
        let made = tempfile::tempdir().unwrap();
        let system = made.path().join("system/usr/local/bin");
        fs::create_dir_all(&system).unwrap();
        name(made.path(), &brand).unwrap();
        let read = |path: &str| fs::read_to_string(made.path().join(path)).unwrap();
        let entry = "org.example.GardenTalk.desktop";
        for path in ["AppRun", entry, "system/usr/local/bin/xdg-open"] {
            assert!(!read(path).to_lowercase().contains("salon"), "{path}");
        }
        assert!(read(entry).contains("\nName=Garden Talk\n"));
        assert_eq!(
            fs::read(made.path().join(".DirIcon")).unwrap(),
            fs::read(brand.icons.join("icon.png")).unwrap()
        );
        // In the place of the sandbox: what it would start.
        let run = read("AppRun").replace("exec /usr/bin/bwrap \"$@\"", "echo \"$@\"; exit");
        let run = run.replace("-x /usr/bin/bwrap", "1");
        fs::write(made.path().join("AppRun"), run).unwrap();
        let started = output(
            Command::new("sh")
                .arg(made.path().join("AppRun"))
                .arg("link"),
        );
        let started = started.unwrap();
        assert!(started.ends_with(" /usr/bin/garden-talk link"), "{started}");
        let image = image_name(&brand);
        assert!(
            image.starts_with("Garden-Talk-") && image.ends_with(".AppImage"),
            "{image}"
        );
    }

    /// What the program is told of the AppImage that it lies in, if the environment says this of one.
    fn told(appdir: Option<&Path>, folder: &Path) -> String {
        let script = start("salon").replace("/usr/bin/bwrap", "/usr/bin/env");
        // In the place of the sandbox: the environment alone.
        let script = script.replace(
            "exec /usr/bin/env \"$@\"",
            "echo ${APPIMAGE:-none} ${APPDIR:-none}; exit",
        );
        let run = folder.join("AppRun");
        fs::write(&run, script).unwrap();
        let mut start = Command::new("sh");
        start
            .arg(&run)
            .env("APPIMAGE", "/home/a/Salon.AppImage")
            .env_remove("APPDIR");
        start.envs(appdir.map(|appdir| ("APPDIR", appdir)));
        output(&mut start).unwrap()
    }

    #[test]
    fn copyrights_stay_and_nothing_else_of_the_documents() {
        let documents = tempfile::tempdir().unwrap();
        let at = |path: &str| documents.path().join(path);
        fs::create_dir_all(at("libone/examples")).unwrap();
        for file in ["copyright", "changelog.gz", "examples/copyright"] {
            fs::write(at("libone").join(file), "").unwrap();
        }
        symlink("libone", at("libone-data")).unwrap();
        only_copyrights(documents.path()).unwrap();
        let left = fs::read_dir(at("libone-data")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["copyright"]);
    }

    #[test]
    fn the_program_knows_its_own_file_and_takes_no_others_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let own = told(Some(folder.path()), folder.path());
        assert_eq!(own, "/home/a/Salon.AppImage /usr");
        let other = Path::new("/tmp/.mount_other");
        for appdir in [None, Some(other)] {
            assert_eq!(told(appdir, folder.path()), "none none");
        }
    }
}
