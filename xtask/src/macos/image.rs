//! `./x package-macos`: the app for both kinds of Mac in one bundle, in a disk image that nobody has signed. It is put
//! together by the system's own programs, so that there is nothing to fetch.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use plist::{Dictionary, Value};
use salon_brand::Brand;

use super::TARGETS;
use crate::build::{self, cargo, target};
use crate::elsewhere::standard_library;
use crate::npm::Packages;
use crate::policy;
use crate::process::{root, run};
use crate::release::VERSION;
use crate::setup;
use crate::tools::Needs;

/// In a brand's folder of icons, and in the bundle.
const ICON: &str = "icon.icns";
/// Nobody's: what a Mac of 2020 or later asks of any program.
const AD_HOC: &str = "-";

/// Builds the program, the bundle and the image.
///
/// # Errors
/// If this is no Mac, or one of the programs fails.
pub(crate) fn package(
    file: Option<&Path>,
    into: &Path,
    packages: Packages,
    yes: bool,
) -> Result<()> {
    // What is wrong with a brand is said before anything takes long.
    let brand = build::brand(file)?;
    if !cfg!(target_os = "macos") {
        bail!("a disk image for macOS is made on a Mac");
    }
    setup::ensure(Needs::Run, packages, yes)?;
    build::page_with(brand.stream)?;
    let mut programs = Vec::new();
    for kind in TARGETS {
        standard_library(kind)?;
        let wanted = [
            "build",
            "--package",
            "salon",
            "--bin",
            "salon",
            "--profile",
            "dist",
        ];
        let mut build = cargo(&wanted);
        build::branded(&mut build, file)?;
        run(build.args(["--target", kind]))?;
        programs.push(target().join(kind).join("dist/salon"));
    }
    let both = program(&brand);
    std::fs::create_dir_all(folder(&brand))?;
    run(Command::new("lipo")
        .args(["-create", "-output"])
        .arg(&both)
        .args(&programs))?;
    let content = folder(&brand).join("image");
    let app = bundle(&brand, &both, &content)?;
    run(&mut sign(Command::new("codesign"), &app, None))?;
    let image = into.join(image_name(&brand, false));
    std::fs::create_dir_all(into)?;
    image_of(Command::new("hdiutil"), &brand, &content, &image)?;
    println!("{}", image.display());
    println!("{}", policy::for_macos(&brand, into)?.display());
    Ok(())
}

/// Where it is put together.
pub(super) fn folder(brand: &Brand) -> PathBuf {
    target().join("macos").join(&brand.program)
}

/// That of both kinds of Mac, once it was built.
pub(super) fn program(brand: &Brand) -> PathBuf {
    folder(brand).join("program")
}

/// Nobody else's Mac starts unasked what nobody has signed: such an image says so in its name.
pub(super) fn image_name(brand: &Brand, signed: bool) -> String {
    let rest = if signed { "" } else { "-unsigned" };
    format!("{}-{VERSION}-universal{rest}.dmg", brand.program)
}

/// `codesign`, under the hardened runtime, with what the entitlements leave to it; by an identity, or by nobody.
pub(super) fn sign(mut codesign: Command, app: &Path, identity: Option<&str>) -> Command {
    codesign.args(["--force", "--options", "runtime", "--entitlements"]);
    codesign.arg(root().join("packaging/macos/salon.entitlements"));
    if identity.is_some() {
        codesign.arg("--timestamp");
    }
    codesign
        .args(["--sign", identity.unwrap_or(AD_HOC)])
        .arg(app);
    codesign
}

/// Has `hdiutil` make an image of a folder that has the app, and puts what that is dragged onto beside it.
pub(super) fn image_of(
    mut hdiutil: Command,
    brand: &Brand,
    content: &Path,
    image: &Path,
) -> Result<()> {
    std::os::unix::fs::symlink("/Applications", content.join("Applications"))?;
    hdiutil.args(["create", "-volname", &brand.name, "-ov", "-format", "UDZO"]);
    run(hdiutil.arg("-srcfolder").arg(content).arg(image))
}

/// Makes `NAME.app` anew in a folder that has nothing else.
pub(super) fn bundle(brand: &Brand, program: &Path, folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let app = folder.join(format!("{}.app", brand.name));
    let contents = app.join("Contents");
    for part in ["MacOS", "Resources"] {
        std::fs::create_dir_all(contents.join(part))?;
    }
    let there = contents.join("MacOS").join(&brand.program);
    std::fs::copy(program, &there)?;
    std::fs::set_permissions(&there, std::fs::Permissions::from_mode(0o755))?;
    let resources = contents.join("Resources");
    let texts = ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"].map(|file| root().join(file));
    for file in [brand.icons.join(ICON)].iter().chain(&texts) {
        let name = file.file_name().unwrap_or(OsStr::new(""));
        std::fs::copy(file, resources.join(name))
            .with_context(|| format!("{} cannot be copied", file.display()))?;
    }
    let file = root().join("Info.plist");
    let mut info = Value::from_file(&file)?;
    let named = info
        .as_dictionary_mut()
        .context("Info.plist has no dictionary")?;
    name(named, brand)?;
    info.to_file_xml(contents.join("Info.plist"))?;
    Ok(app)
}

/// Puts version and names into what macOS is told of the app.
fn name(info: &mut Dictionary, brand: &Brand) -> Result<()> {
    let own = build::own_brand()?;
    for (key, value) in [
        ("CFBundleShortVersionString", VERSION),
        ("CFBundleVersion", VERSION),
        ("CFBundleIdentifier", &brand.id),
        ("CFBundleName", &brand.name),
        ("CFBundleDisplayName", &brand.name),
        ("CFBundleExecutable", &brand.program),
        ("CFBundleIconFile", ICON),
    ] {
        info.insert(key.to_owned(), value.into());
    }
    let types = info
        .get_mut("CFBundleURLTypes")
        .and_then(Value::as_array_mut);
    let links = types.and_then(|types| types.first_mut()?.as_dictionary_mut());
    let links = links.context("Info.plist has no CFBundleURLTypes")?;
    let schemes = Value::Array(vec![brand.scheme.clone().into()]);
    links.insert("CFBundleURLSchemes".to_owned(), schemes);
    links.insert(
        "CFBundleURLName".to_owned(),
        format!("{} meeting", brand.name).into(),
    );
    // What macOS shows when the app asks for something.
    for (key, value) in info.iter_mut() {
        if let (true, Some(text)) = (key.ends_with("UsageDescription"), value.as_string()) {
            *value = text.replace(&own.name, &brand.name).into();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{EXAMPLE, own_brand};

    fn dictionary(file: &Path) -> Dictionary {
        Value::from_file(file).unwrap().into_dictionary().unwrap()
    }

    #[test]
    fn a_bundle_has_all_that_macos_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("salon");
        std::fs::write(&program, "program").unwrap();
        let brand = own_brand().unwrap();
        let app = bundle(&brand, &program, &folder.path().join("image")).unwrap();
        // Again: nothing of the former is in the way.
        let again = bundle(&brand, &program, &folder.path().join("image")).unwrap();
        assert_eq!(app, again);
        let info = dictionary(&app.join("Contents/Info.plist"));
        let says = |name: &str| info[name].as_string().unwrap().to_owned();
        assert_eq!(says("CFBundleShortVersionString"), VERSION);
        let executable = app.join("Contents/MacOS").join(says("CFBundleExecutable"));
        let mode = std::fs::metadata(executable).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
        let resources = app.join("Contents/Resources");
        assert!(resources.join(says("CFBundleIconFile")).is_file());
        // What the system shows when the app asks; without one it ends the app instead.
        for asked in ["Camera", "Microphone", "ScreenCapture", "LocalNetwork"] {
            assert!(says(&format!("NS{asked}UsageDescription")).starts_with("Salon "));
        }
        // The same as elsewhere.
        let conf = std::fs::read_to_string(root().join("tauri.conf.json")).unwrap();
        let conf: serde_json::Value = serde_json::from_str(&conf).unwrap();
        assert_eq!(conf["identifier"], says("CFBundleIdentifier"));
        let types = info["CFBundleURLTypes"].as_array().unwrap();
        let schemes = types[0].as_dictionary().unwrap()["CFBundleURLSchemes"]
            .as_array()
            .unwrap();
        let schemes: Vec<_> = schemes.iter().filter_map(Value::as_string).collect();
        let wanted = &conf["plugins"]["deep-link"]["desktop"]["schemes"];
        assert_eq!(*wanted, serde_json::json!(schemes));
    }

    #[test]
    fn it_is_signed_for_the_hardened_runtime_with_camera_and_microphone_alone() {
        let entitlements = dictionary(&root().join("packaging/macos/salon.entitlements"));
        let names: Vec<_> = entitlements.keys().cloned().collect();
        assert_eq!(
            names,
            [
                "com.apple.security.device.audio-input",
                "com.apple.security.device.camera"
            ]
        );
        let words = |identity| {
            let codesign = Command::new("codesign");
            let command = sign(codesign, Path::new("Salon.app"), identity);
            let words = command
                .get_args()
                .map(|word| word.to_string_lossy().into_owned());
            words.collect::<Vec<_>>().join(" ")
        };
        assert!(words(None).contains("--options runtime") && words(None).contains("--sign - "));
        assert!(words(Some("Developer ID")).contains("--timestamp --sign Developer ID"));
        assert!(image_name(&own_brand().unwrap(), false).ends_with("-unsigned.dmg"));
    }

    #[test]
    fn the_bundle_of_another_product_has_its_names_and_none_of_salons() {
        let brand = Brand::read(&root().join(EXAMPLE)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "program").unwrap();
        let app = bundle(&brand, &program, &folder.path().join("image")).unwrap();
        assert!(app.ends_with("Garden Talk.app"));
        assert_eq!(
            image_name(&brand, true),
            format!("garden-talk-{VERSION}-universal.dmg")
        );
        let file = app.join("Contents/Info.plist");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.to_lowercase().contains("salon"), "{text}");
        let info = dictionary(&file);
        let says = |name: &str| info[name].as_string().unwrap().to_owned();
        assert_eq!(says("CFBundleIdentifier"), "org.example.GardenTalk");
        assert_eq!(says("CFBundleName"), "Garden Talk");
        assert!(says("NSCameraUsageDescription").starts_with("Garden Talk shows "));
        let there = app.join("Contents/MacOS").join(says("CFBundleExecutable"));
        assert_eq!(std::fs::read(there).unwrap(), b"program");
        assert!(text.contains("<string>garden-talk</string>"), "{text}");
        let icon = std::fs::read(app.join("Contents/Resources/icon.icns")).unwrap();
        assert_eq!(icon, std::fs::read(brand.icons.join("icon.icns")).unwrap());
    }
}
