//! Templates of the policy for Windows' group policy editor, written from the table of settings: each
//! setting once as locked and once as a default.

use std::fmt::Write as _;

use salon_product::{ID, NAME, PROGRAM};

use super::keys::Shape;
use super::places::POLICY_KEY;
use super::stored::TABLES;
use super::{Key, schema};

const NAMESPACE: &str = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";
/// Characters of a text, as a setting takes them.
const LONGEST: usize = 200;

/// A setting in one of the tables.
struct Policy {
    table: &'static str,
    key: Key,
}

impl Policy {
    fn all() -> impl Iterator<Item = Self> {
        let of_table = |(table, _)| Key::ALL.iter().map(move |&key| Self { table, key });
        TABLES.into_iter().flat_map(of_table)
    }

    fn id(&self) -> String {
        format!("{}_{}", self.table, self.key.name())
    }
}

/// What a choice may be.
fn words(key: Key) -> Vec<String> {
    let schema = schema::values(false);
    let words = schema["properties"][key.name()]["oneOf"]
        .as_array()
        .cloned();
    let words = words.unwrap_or_default().into_iter();
    words
        .map(|word| word["const"].as_str().unwrap().to_owned())
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// The definitions.
fn admx() -> String {
    // Another product's are made of these (xtask, `policy.rs`): its names stand here, and nowhere else.
    let mut text = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<!-- Generated from crates/salon-settings/src/keys.rs by `./x types`. Do not edit. -->
<policyDefinitions xmlns="{NAMESPACE}" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="{PROGRAM}" namespace="{ID}.Policies" />
  </policyNamespaces>
  <resources minRequiredRevision="1.0" />
  <supportedOn>
    <definitions>
      <definition name="Supported" displayName="$(string.Supported)" />
    </definitions>
  </supportedOn>
  <categories>
    <category name="Product" displayName="$(string.Product)" />
"#
    );
    for (table, _) in TABLES {
        let _ = writeln!(
            text,
            r#"    <category name="{table}" displayName="$(string.{table})">
      <parentCategory ref="Product" />
    </category>"#
        );
    }
    text.push_str("  </categories>\n  <policies>\n");
    for policy in Policy::all() {
        add_definition(&mut text, &policy);
    }
    text.push_str("  </policies>\n</policyDefinitions>\n");
    text
}

fn add_definition(text: &mut String, policy: &Policy) {
    let (id, name, table) = (policy.id(), policy.key.name(), policy.table);
    let place = format!(r#"key="{POLICY_KEY}\{table}""#);
    let switch = policy.key.shape() == Shape::Switch;
    // Others have their value in an element.
    let (value, presentation) = if switch {
        (format!(r#" valueName="{name}""#), String::new())
    } else {
        (
            String::new(),
            format!(r#" presentation="$(presentation.{id})""#),
        )
    };
    let _ = writeln!(
        text,
        r#"    <policy name="{id}" class="Both" displayName="$(string.{id})" explainText="$(string.{id}_Help)"{presentation} {place}{value}>
      <parentCategory ref="{table}" />
      <supportedOn ref="Supported" />"#
    );
    let element = match policy.key.shape() {
        Shape::Switch => {
            text.push_str(
                "      <enabledValue><decimal value=\"1\" /></enabledValue>\n      \
                 <disabledValue><decimal value=\"0\" /></disabledValue>\n",
            );
            None
        }
        Shape::Count => Some(format!(
            r#"<decimal id="{id}" valueName="{name}" required="true" minValue="0" maxValue="4294967295" />"#
        )),
        Shape::Text => Some(format!(
            r#"<text id="{id}" valueName="{name}" required="true" maxLength="{LONGEST}" />"#
        )),
        Shape::Folders => Some(format!(
            r#"<multiText id="{id}" valueName="{name}" required="true" />"#
        )),
        Shape::Choice(_) => {
            let items = words(policy.key).into_iter().map(|word| {
                let shown = shown(policy.key, &word);
                format!(
                    r#"
          <item displayName="$(string.{shown})"><value><string>{word}</string></value></item>"#
                )
            });
            let items: String = items.collect();
            Some(format!(
                r#"<enum id="{id}" valueName="{name}" required="true">{items}
        </enum>"#
            ))
        }
    };
    if let Some(element) = element {
        let _ = writeln!(
            text,
            "      <elements>\n        {element}\n      </elements>"
        );
    }
    text.push_str("    </policy>\n");
}

/// The name of a choice's text.
fn shown(key: Key, word: &str) -> String {
    format!("{}_{}", key.name(), word.replace('-', "_"))
}

/// The words.
fn adml() -> String {
    let mut text = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<!-- Generated from crates/salon-settings/src/keys.rs by `./x types`. Do not edit. -->
<policyDefinitionResources xmlns="{NAMESPACE}" revision="1.0" schemaVersion="1.0">
  <displayName>{NAME}</displayName>
  <description>Settings of {NAME}</description>
  <resources>
    <stringTable>
      <string id="Supported">Windows 10 and later</string>
      <string id="Product">{NAME}</string>
      <string id="Values">Locked: nothing else changes them</string>
      <string id="Defaults">Defaults: where nobody says anything else</string>
"#
    );
    for policy in Policy::all() {
        let (id, key) = (policy.id(), policy.key);
        let name = key.name();
        let about = escaped(key.about());
        let must_be = escaped(key.must_be());
        let _ = writeln!(
            text,
            r#"      <string id="{id}">{name}</string>
      <string id="{id}_Help">{about} It {must_be}.</string>"#
        );
    }
    for key in Key::ALL {
        for word in words(*key) {
            let shown = shown(*key, &word);
            let _ = writeln!(text, r#"      <string id="{shown}">{word}</string>"#);
        }
    }
    text.push_str("    </stringTable>\n    <presentationTable>\n");
    for policy in Policy::all() {
        let (id, name) = (policy.id(), policy.key.name());
        let element = match policy.key.shape() {
            Shape::Switch => continue,
            Shape::Count => format!(r#"<decimalTextBox refId="{id}">{name}</decimalTextBox>"#),
            Shape::Text => format!(r#"<textBox refId="{id}"><label>{name}</label></textBox>"#),
            Shape::Choice(_) => format!(r#"<dropdownList refId="{id}">{name}</dropdownList>"#),
            Shape::Folders => format!(r#"<multiTextBox refId="{id}">{name}</multiTextBox>"#),
        };
        let _ = writeln!(
            text,
            r#"      <presentation id="{id}">
        {element}
      </presentation>"#
        );
    }
    text.push_str("    </presentationTable>\n  </resources>\n</policyDefinitionResources>\n");
    text
}

fn is_up_to_date(file: &str, fresh: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policy");
    generated_files::assert_up_to_date(format!("{folder}/{file}"), fresh);
}

#[test]
fn policy_templates_are_up_to_date() {
    is_up_to_date("salon.admx", &admx());
    is_up_to_date("en-US/salon.adml", &adml());
}

#[test]
fn every_setting_can_be_locked_and_every_word_of_the_editor_is_there() {
    let (definitions, words) = (admx(), adml());
    for key in Key::ALL {
        for (table, _) in TABLES {
            let place = format!(r#"key="{POLICY_KEY}\{table}""#);
            let name = format!(r#"valueName="{}""#, key.name());
            let policy = definitions
                .split("<policy ")
                .find(|policy| policy.contains(&place) && policy.contains(&name));
            assert!(policy.is_some(), "{table} {}", key.name());
        }
    }
    for part in definitions.split("$(").skip(1) {
        let (kind, id) = part.split(')').next().unwrap().split_once('.').unwrap();
        assert!(
            words.contains(&format!(r#"<{kind} id="{id}">"#)),
            "{kind} {id}"
        );
    }
}
