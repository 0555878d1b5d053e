//! The published schemas of the files, for editors that know them.

use schemars::generate::SchemaSettings;
use serde_json::{Value as Json, json};

use super::keys::Values;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// That of the user's file.
fn of_user() -> Json {
    let mut schema = values(true);
    schema["$schema"] = json!(DRAFT);
    schema["title"] = json!("Salon: the user's settings.toml");
    schema
}

/// That of the administrator's file.
fn of_policy() -> Json {
    let mut locked = values(false);
    locked["description"] = json!("Locked: nothing else changes them.");
    let mut defaults = values(false);
    defaults["description"] = json!("Where nobody says anything else.");
    json!({
        "$schema": DRAFT,
        "title": "Salon: the administrator's policy.toml",
        "type": "object",
        "properties": { "values": locked, "defaults": defaults },
        "additionalProperties": false,
    })
}

pub(super) fn values(with_defaults: bool) -> Json {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Values>().to_value();
    let defaults = Values::defaults().by_key();
    let Json::Object(root) = &mut schema else {
        unreachable!("a struct has an object")
    };
    for name in ["$schema", "title", "description"] {
        root.remove(name);
    }
    for (key, default) in defaults {
        let property = root["properties"][key.name()].as_object_mut().unwrap();
        property.remove("default");
        if with_defaults && !default.is_null() {
            property.insert("default".to_owned(), default);
        }
    }
    without_null(&mut schema);
    schema
}

/// TOML has no null: what is not set is left out.
fn without_null(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            if let Some(Json::Array(types)) = object.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Json::Array(words)) = object.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if let Some(Json::Array(either)) = object.get_mut("anyOf") {
                either.retain(|one| *one != json!({ "type": "null" }));
                if let [Json::Object(only)] = either.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            object.values_mut().for_each(without_null);
        }
        Json::Array(list) => list.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn is_up_to_date(file: &str, fresh: &Json) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema");
    let fresh = serde_json::to_string_pretty(fresh).unwrap() + "\n";
    generated_files::assert_up_to_date(format!("{folder}/{file}"), &fresh);
}

/// Every setting with all its names, for whoever rolls the app out.
fn table() -> String {
    use std::fmt::Write as _;

    let schema = values(true);
    let mut text = String::from(
        "<!-- Generated from crates/salon-settings by `./x types`. Do not edit. -->\n\n\
         # Every setting\n\n\
         In the files by its name; in the environment and on the command line as the columns say. \
         Where files are, and which counts: [settings-layers](decisions/settings-layers.md). How they \
         are rolled out: [deploy](deploy.md).\n\n\
         | setting | what it is for | without it | environment | command line | a change counts |\n\
         |---|---|---|---|---|---|\n",
    );
    for key in super::Key::ALL {
        let default = match &schema["properties"][key.name()]["default"] {
            Json::Null => "not set".to_owned(),
            value => format!("`{value}`"),
        };
        let counts = match key.applies() {
            super::Applies::Now => "at once",
            super::Applies::Restart => "from the next start",
        };
        let (name, about, flag) = (key.name(), key.about(), key.flag());
        let variable = key.variable();
        let _ = writeln!(
            text,
            "| `{name}` | {about} | {default} | `{variable}` | `--{flag}` | {counts} |"
        );
    }
    text
}

#[test]
fn the_table_of_settings_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");
    generated_files::assert_up_to_date(path, &table());
}

#[test]
fn schemas_are_up_to_date() {
    is_up_to_date("settings.schema.json", &of_user());
    is_up_to_date("policy.schema.json", &of_policy());
}
