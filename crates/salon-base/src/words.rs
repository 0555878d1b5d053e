//! The words for codes, from the page's own table: they are written once.

use std::collections::HashMap;
use std::sync::LazyLock;

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
    // A test reads it, too.
    let table = include_str!("../../../ui/src/errors/words.json");
    serde_json::from_str(&salon_product::named(table)).unwrap_or_default()
});

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
        assert_eq!(Code::TokenExpired.name(), "token-expired");
        assert!(Code::TokenExpired.words().is_some());
    }
}
