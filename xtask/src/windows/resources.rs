//! What a program for Windows says in its own file: its icon, its name and its version, which Explorer and the task
//! manager show. Nothing fails to link without them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use salon_brand::Brand;

use crate::process::run;
use crate::release::VERSION;

/// MinGW's compiler of resources, which takes them out of a program, too.
const READER: &str = "x86_64-w64-mingw32-windres";

/// Looks whether a program has the brand's.
///
/// # Errors
/// If not.
pub(super) fn check(program: &Path, brand: &Brand) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let resources = folder.path().join("resources.res");
    let mut read = Command::new(READER);
    read.arg("--input")
        .arg(program)
        .args(["--output-format", "res"]);
    run(read.arg("--output").arg(&resources))
        .with_context(|| format!("{} has no resources", program.display()))?;
    let icon = std::fs::read(brand.icons.join("icon.ico"))?;
    are_of(&std::fs::read(resources)?, brand, &icon)
        .with_context(|| format!("resources of {}", program.display()))
}

fn are_of(resources: &[u8], brand: &Brand, icon: &[u8]) -> Result<()> {
    let pictures = pictures(icon).context("the brand's icon.ico is no icon")?;
    for (at, picture) in pictures.iter().enumerate() {
        let there = resources
            .windows(picture.len())
            .any(|part| part == *picture);
        ensure!(there, "picture {} of icon.ico is not in it", at + 1);
    }
    for (key, wanted) in [
        ("ProductName", brand.name.as_str()),
        ("FileDescription", &brand.name),
        ("CompanyName", brand.maintainer_name()),
        ("FileVersion", VERSION),
        ("ProductVersion", VERSION),
    ] {
        let found = value(resources, key);
        ensure!(
            found.as_deref() == Some(wanted),
            "{key} is {found:?}, and not {wanted:?}"
        );
    }
    Ok(())
}

/// The pictures in an icon: a directory of entries of 16 bytes after one of 6, in which the last eight are length and
/// place.
fn pictures(icon: &[u8]) -> Option<Vec<&[u8]>> {
    let count = u16::from_le_bytes(icon.get(4..6)?.try_into().ok()?);
    let entries = icon.get(6..6 + usize::from(count) * 16)?.chunks_exact(16);
    let number = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize);
    let pictures = entries.map(|entry| {
        let (length, from) = (number(&entry[8..12])?, number(&entry[12..16])?);
        icon.get(from..from.checked_add(length)?)
    });
    let pictures: Vec<_> = pictures.collect::<Option<_>>()?;
    (!pictures.is_empty() && pictures.iter().all(|picture| !picture.is_empty())).then_some(pictures)
}

/// What a string of the version is (`String` of VS_VERSIONINFO): the key and its end, up to three bytes of padding, and
/// the value with its end, in UTF-16.
fn value(resources: &[u8], key: &str) -> Option<String> {
    let key: Vec<u8> = utf16(&format!("{key}\0"));
    let at = resources.windows(key.len()).position(|part| part == key)?;
    let units = resources.get(at + key.len()..)?.chunks_exact(2);
    let units = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let units = units
        .skip_while(|unit| *unit == 0)
        .take_while(|unit| *unit != 0);
    String::from_utf16(&units.collect::<Vec<_>>()).ok()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::build::{EXAMPLE, own_brand};
    use crate::process::root;

    /// The resources of a program of this brand, without what is not looked at.
    fn resources(brand: &Brand, icon: &[u8]) -> Vec<u8> {
        let mut all = pictures(icon).unwrap().concat();
        for (key, value) in [
            ("FileDescription", brand.name.as_str()),
            ("CompanyName", brand.maintainer_name()),
            ("ProductName", &brand.name),
            ("FileVersion", VERSION),
            ("ProductVersion", VERSION),
        ] {
            all.extend(utf16(&format!("{key}\0\0{value}\0")));
        }
        all
    }

    #[test]
    fn a_program_with_anothers_icon_or_names_or_none_is_told() {
        let own = own_brand().unwrap();
        let other = Brand::read(&root().join(EXAMPLE)).unwrap();
        let icon = |brand: &Brand| std::fs::read(brand.icons.join("icon.ico")).unwrap();
        let (own_icon, other_icon) = (icon(&own), icon(&other));
        let said = |resources: &[u8]| are_of(resources, &other, &other_icon);
        said(&resources(&other, &other_icon)).unwrap();
        for (wrong, why) in [
            (resources(&other, &own_icon), "picture 1"),
            (resources(&own, &other_icon), "ProductName"),
            (
                pictures(&other_icon).unwrap().concat(),
                "ProductName is None",
            ),
            (Vec::new(), "picture 1"),
        ] {
            let refused = said(&wrong).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn what_is_no_icon_has_no_pictures() {
        for bytes in [
            &b""[..],
            b"\0\0\x01\0\x01\0",
            &[0, 0, 1, 0, 0, 0],
            &[0xff; 40],
        ] {
            assert!(pictures(bytes).is_none(), "{bytes:?}");
        }
    }
}
