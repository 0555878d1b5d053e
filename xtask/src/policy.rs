//! What an administrator rolls a product's settings out with: templates for Windows' group policy editor, and a sample of
//! a configuration profile for macOS. Those in `docs/policy` are Salon's; another product's are made of them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use salon_brand::Brand;

use crate::build::own_brand;
use crate::process::root;

const FOLDER: &str = "docs/policy";

/// Writes the templates for group policy into a folder: PROGRAM.admx, and PROGRAM.adml, whose place is in `en-US`.
///
/// # Errors
/// If they are not as expected, or cannot be written.
pub(crate) fn for_windows(brand: &Brand, folder: &Path) -> Result<[PathBuf; 2]> {
    let own = own_brand()?;
    // What editors take for a name has no dashes.
    let prefix = |brand: &Brand| format!("prefix=\"{}\"", brand.program.replace('-', "_"));
    let namespace = |brand: &Brand| format!("namespace=\"{}.Policies\"", brand.id);
    let key = |brand: &Brand| format!("key=\"Software\\Policies\\{}\\", brand.name);
    let shown = |brand: &Brand| format!(">{}<", brand.name);
    let about = |brand: &Brand| format!("Settings of {}<", brand.name);
    type Names<'a> = &'a [&'a dyn Fn(&Brand) -> String];
    let write = |from: &str, kind: &str, names: Names| {
        let file = root().join(FOLDER).join(from);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let mut text = without_comments(&text);
        for name in names {
            let ours = name(&own);
            ensure!(text.contains(&ours), "{from} has nowhere {ours}");
            text = text.replace(&ours, &name(brand));
        }
        let made = folder.join(format!("{}.{kind}", brand.program));
        std::fs::write(&made, text)?;
        anyhow::Ok(made)
    };
    std::fs::create_dir_all(folder)?;
    Ok([
        write("salon.admx", "admx", &[&prefix, &namespace, &key])?,
        write("en-US/salon.adml", "adml", &[&shown, &about])?,
    ])
}

/// They say who wrote the file, and how.
fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("<!-- "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Writes a configuration profile to begin with into a folder.
///
/// # Errors
/// If Salon's is not as expected, or it cannot be written.
#[cfg(unix)]
pub(crate) fn for_macos(brand: &Brand, folder: &Path) -> Result<PathBuf> {
    use plist::Value;

    use crate::derived::guid;

    let own = root().join(FOLDER).join("salon.mobileconfig");
    std::fs::create_dir_all(folder)?;
    let made = folder.join(format!("{}.mobileconfig", brand.program));
    if brand.id == own_brand()?.id {
        std::fs::copy(own, &made)?;
        return Ok(made);
    }
    let odd = || format!("{} is odd", own.display());
    let mut profile = Value::from_file(&own)?;
    let outer = profile.as_dictionary_mut().with_context(odd)?;
    let identifier = format!("example.meetings.{}", brand.program);
    let set = |outer: &mut plist::Dictionary, name: &str, value: String| {
        outer.insert(name.to_owned(), Value::String(value));
    };
    set(outer, "PayloadDisplayName", brand.name.clone());
    set(outer, "PayloadIdentifier", identifier.clone());
    set(outer, "PayloadUUID", guid(brand, "profile"));
    let content = outer
        .get_mut("PayloadContent")
        .and_then(Value::as_array_mut);
    let payload = content.and_then(|content| content.first_mut()?.as_dictionary_mut());
    let payload = payload.with_context(odd)?;
    set(payload, "PayloadType", brand.id.clone());
    set(payload, "PayloadIdentifier", identifier + ".settings");
    set(payload, "PayloadUUID", guid(brand, "settings"));
    let values = payload.get_mut("Values").and_then(Value::as_dictionary_mut);
    // Its backend is the one that it comes with.
    values
        .with_context(odd)?
        .remove("profile")
        .with_context(odd)?;
    profile.to_file_xml(&made)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::build::EXAMPLE;

    fn example() -> Brand {
        Brand::read(&root().join(EXAMPLE)).unwrap()
    }

    fn read(file: &Path) -> String {
        std::fs::read_to_string(file).unwrap()
    }

    #[test]
    fn the_templates_of_another_product_write_where_it_reads_and_say_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let [admx, adml] = for_windows(&example(), folder.path()).unwrap();
        assert!(admx.ends_with("garden-talk.admx") && adml.ends_with("garden-talk.adml"));
        let (definitions, words) = (read(&admx), read(&adml));
        for text in [&definitions, &words] {
            assert!(!text.to_lowercase().contains("salon"), "{text}");
        }
        let keys = definitions.matches("key=\"").count();
        let ours = definitions.matches(r#"key="Software\Policies\Garden Talk\"#);
        assert!(keys > 40 && ours.count() == keys, "{definitions}");
        let target =
            r#"<target prefix="garden_talk" namespace="org.example.GardenTalk.Policies" />"#;
        assert!(definitions.contains(target), "{definitions}");
        for part in definitions.split("$(").skip(1) {
            let (kind, id) = part.split(')').next().unwrap().split_once('.').unwrap();
            assert!(
                words.contains(&format!("<{kind} id=\"{id}\">")),
                "{kind} {id}"
            );
        }
    }

    #[test]
    fn salons_own_are_those_in_the_documents() {
        let folder = tempfile::tempdir().unwrap();
        let own = own_brand().unwrap();
        let [admx, adml] = for_windows(&own, folder.path()).unwrap();
        for (made, original) in [(admx, "salon.admx"), (adml, "en-US/salon.adml")] {
            let original = read(&root().join(FOLDER).join(original));
            assert_eq!(read(&made), without_comments(&original));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_profile_of_another_product_is_for_its_settings_and_no_other_profile() {
        let folder = tempfile::tempdir().unwrap();
        let made = for_macos(&example(), folder.path()).unwrap();
        assert!(made.ends_with("garden-talk.mobileconfig"));
        assert!(
            !read(&made).to_lowercase().contains("salon"),
            "{}",
            read(&made)
        );
        let own = for_macos(&own_brand().unwrap(), folder.path()).unwrap();
        let [other, own] = [made, own].map(|file| {
            let profile = plist::Value::from_file(file).unwrap();
            let outer = profile.into_dictionary().unwrap();
            let inner = outer["PayloadContent"].as_array().unwrap()[0].clone();
            [outer, inner.into_dictionary().unwrap()]
        });
        assert_eq!(
            other[1]["PayloadType"].as_string(),
            Some("org.example.GardenTalk")
        );
        for (other, own) in other.iter().zip(&own) {
            for name in ["PayloadIdentifier", "PayloadUUID"] {
                assert_ne!(other[name], own[name], "{name}");
            }
        }
        // What it locks is what Salon's locks.
        let mut values = own[1]["Values"].as_dictionary().unwrap().clone();
        values.remove("profile");
        assert_eq!(other[1]["Values"].as_dictionary(), Some(&values));
    }
}
