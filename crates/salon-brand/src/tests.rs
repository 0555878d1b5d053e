#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn brands() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/brands")
}

/// The example with one line replaced, its icons and all.
fn changed(line: &str, by: &str) -> Result<Brand, Error> {
    let example = brands().join("example");
    let text = fs::read_to_string(example.join("brand.toml")).unwrap();
    assert!(line.is_empty() || text.contains(line), "{line}");
    let text = if line.is_empty() {
        format!("{by}\n{text}")
    } else {
        text.replacen(line, by, 1)
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("brand.toml"), text).unwrap();
    let profile = fs::read(example.join("profile.toml")).unwrap();
    fs::write(folder.path().join("profile.toml"), profile).unwrap();
    fs::create_dir(folder.path().join("icons")).unwrap();
    for icon in ICONS {
        let picture = fs::read(example.join("icons").join(icon)).unwrap();
        fs::write(folder.path().join("icons").join(icon), picture).unwrap();
    }
    Brand::read(&folder.path().join("brand.toml"))
}

fn refused(line: &str, by: &str) -> String {
    match changed(line, by) {
        Ok(_) => panic!("taken: {by}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn salon_and_the_example_share_no_name() {
    let salon = Brand::read(&brands().join("salon.toml")).unwrap();
    let example = Brand::read(&brands().join("example/brand.toml")).unwrap();
    assert_ne!(salon.name, example.name);
    assert_ne!(salon.program, example.program);
    assert_ne!(salon.id, example.id);
    assert_ne!(salon.scheme, example.scheme);
    assert!(
        salon.stream && !example.stream,
        "without Stream unless it is said"
    );
    assert!(example.profile.unwrap().is_absolute());
}

#[test]
fn what_is_left_out_and_what_nobody_knows_is_said() {
    assert!(refused("scheme = \"garden-talk\"\n", "").contains("scheme"));
    assert!(refused("", "colour = \"red\"").contains("colour"));
    let missing = Brand::read(Path::new("nowhere/brand.toml")).unwrap_err();
    assert!(missing.to_string().contains("nowhere"));
}

#[test]
fn names_that_a_system_would_refuse_are_refused_here() {
    for (line, values) in [
        (
            "name = \"Garden Talk\"",
            &[
                "",
                " Talk",
                "A/B",
                "A\\u0000",
                "..",
                "a  b",
                "A\\\"B",
                "Con",
                "Microsoft",
            ][..],
        ),
        (
            "program = \"garden-talk\"",
            &[
                "", "Garden", "-talk", "talk-", "../talk", "systemd", "icons", "a b",
            ],
        ),
        (
            "id = \"org.example.GardenTalk\"",
            &[
                "",
                "Talk",
                "example.Talk",
                "org.1example.Talk",
                "org..Talk",
                "org.gnome.Talk",
            ],
        ),
        (
            "scheme = \"garden-talk\"",
            &["", "https", "file", "javascript", "Talk", "1talk", "a:b"],
        ),
        (
            "website = \"https://garden.example.org\"",
            &["http://a.example", "https://", "https://a b", "https://a/"],
        ),
        (
            "maintainer = \"Garden club <packages@garden.example.org>\"",
            &["", "Garden", "<a@b.c>", "G <a@b>", "G <ab>"],
        ),
        ("icons = \"icons\"", &["nowhere"]),
        ("profile = \"profile.toml\"", &["nowhere.toml"]),
    ] {
        let field = line.split(' ').next().unwrap();
        for value in values {
            let error = refused(line, &format!("{field} = \"{value}\""));
            assert!(
                error.contains(field) || error.contains("nowhere"),
                "{error}"
            );
        }
    }
}

#[test]
fn pictures_have_to_be_what_their_names_say() {
    let icons = brands().join("example/icons");
    for icon in ICONS {
        let bytes = fs::read(icons.join(icon)).unwrap();
        icons::check(&icons.join(icon), &bytes).unwrap();
        icons::check(&icons.join(icon), &[]).unwrap_err();
        icons::check(&icons.join(icon), b"another").unwrap_err();
    }
    let small = fs::read(icons.join("32x32.png")).unwrap();
    icons::check(Path::new("64x64.png"), &small).unwrap_err();
    let long = format!("<svg>{}</svg>", " ".repeat(64 * 1024));
    icons::check(Path::new("icon.svg"), long.as_bytes()).unwrap_err();
}

#[test]
fn two_that_would_be_one_on_a_computer_are_told_apart() {
    let salon = Brand::read(&brands().join("salon.toml")).unwrap();
    let example = Brand::read(&brands().join("example/brand.toml")).unwrap();
    assert!(example.shared_with(&salon).iter().all(|(_, same)| !same));
    let copy = Brand {
        name: "SALON".into(),
        scheme: "other".into(),
        ..salon.clone()
    };
    let same = copy.shared_with(&salon).map(|(_, same)| same);
    assert_eq!(same, [true, true, true, false]);
}

#[test]
fn colours_that_cannot_be_read_on_each_other_are_refused() {
    let error = refused("accent = \"#7fd08a\"", "accent = \"#3a5a3f\"");
    assert!(error.contains("colours.dark"), "{error}");
    let error = refused("on_accent = \"#ffffff\"", "on_accent = \"#224422\"");
    assert!(error.contains("colours.light"), "{error}");
    for colour in ["green", "#12345", "#1234567", "#12345g", "#+12345"] {
        let error = refused("accent = \"#7fd08a\"", &format!("accent = \"{colour}\""));
        assert!(error.contains("#rrggbb"), "{error}");
    }
}

#[test]
fn updates_need_a_folder_and_a_key() {
    let url = "url = \"https://garden.example.org/talk/updates/\"";
    assert!(refused(url, "url = \"https://garden.example.org/talk\"").contains("updates.url"));
    assert!(refused(url, "url = \"http://garden.example.org/\"").contains("updates.url"));
    assert!(refused("key = \"RWQ", "key = \"XXQ").contains("updates.key"));
}
