//! The words for codes, from the page's own catalogues: they are written once (docs/decisions/languages.md).

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::{Deserialize, Serialize};

use crate::Code;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// It works, but.
    Warning,
    /// It does not work.
    Error,
}

/// What the user is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// How bad it is.
    pub severity: Severity,
    /// One sentence in plain words.
    pub sentence: String,
    /// What to do next; empty if nothing.
    pub next: String,
}

static TABLE: LazyLock<HashMap<String, Words>> = LazyLock::new(|| {
    // Tests read both, too.
    let severities = include_str!("../../../ui/src/errors/severities.json");
    let severities: HashMap<String, Severity> =
        serde_json::from_str(severities).unwrap_or_default();
    let catalogue = catalogue("en", include_str!("../../../ui/src/words/en/errors.ftl"));
    severities
        .into_iter()
        .map(|(code, severity)| {
            let message = format!("error-{code}");
            let words = Words {
                severity,
                sentence: text(&catalogue, &message, None),
                next: text(&catalogue, &message, Some("next")),
            };
            (code, words)
        })
        .collect()
});

/// The messages of a catalogue, in Fluent's syntax; what is wrong in it is left out.
fn catalogue(language: &str, source: &str) -> FluentBundle<FluentResource> {
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let languages = language.parse().into_iter().collect();
    let mut bundle = FluentBundle::new_concurrent(languages);
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// A message, or what stands beside it; empty if there is none.
fn text(catalogue: &FluentBundle<FluentResource>, id: &str, attribute: Option<&str>) -> String {
    let pattern = catalogue
        .get_message(id)
        .and_then(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|found| found.value()),
            None => message.value(),
        });
    let mut values = FluentArgs::new();
    values.set("app", salon_product::NAME);
    values.set("brand", salon_product::ID);
    pattern.map_or_else(String::new, |pattern| {
        catalogue
            .format_pattern(pattern, Some(&values), &mut Vec::new())
            .into_owned()
    })
}

/// What to say about a code of the table, also one that only the page knows.
pub fn words_of(code: &str) -> Option<&'static Words> {
    TABLE.get(code)
}

impl Code {
    /// As the page and the table name it.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }

    /// What to say; absent if the table forgot it, which a test forbids.
    pub fn words(self) -> Option<&'static Words> {
        words_of(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ts_rs::{Config, TS as _};

    #[test]
    fn every_code_has_words() {
        let declared = Code::inline(&Config::default());
        let names: Vec<_> = declared
            .split('|')
            .map(|name| name.trim().trim_matches('"'))
            .collect();
        assert!(names.len() > 30, "{declared}");
        for name in names {
            let words = TABLE.get(name);
            assert!(
                words.is_some_and(|words| !words.sentence.is_empty()),
                "{name}"
            );
        }
        for (code, words) in &*TABLE {
            assert!(!words.sentence.is_empty(), "{code}");
            assert!(
                !words.sentence.contains('{') && !words.next.contains('{'),
                "{code}"
            );
        }
        let next = &words_of("keyring-not-erased").unwrap().next;
        assert!(next.contains(salon_product::ID), "{next}");
        assert_eq!(Code::TokenExpired.name(), "token-expired");
        assert!(Code::TokenExpired.words().is_some());
    }
}
