//! What the program itself says, in the user's language: the icon in the tray and the system's notifications
//! (docs/decisions/languages.md). The page has catalogues of its own.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use salon_settings::{Language, LiveSettings};
use tauri::{AppHandle, Manager as _};

/// By the names of [`Language::name`].
const SOURCES: [(&str, &str); 4] = [
    ("en", include_str!("../words/en.ftl")),
    ("fr", include_str!("../words/fr.ftl")),
    ("es", include_str!("../words/es.ftl")),
    ("ar", include_str!("../words/ar.ftl")),
];

static CATALOGUES: LazyLock<[Words; 4]> =
    LazyLock::new(|| SOURCES.map(|(language, source)| Words::read(language, source)));

/// The languages that the user has chosen for their system, the dearest first.
static WISHES: LazyLock<Vec<String>> = LazyLock::new(|| sys_locale::get_locales().collect());

/// All that is said in one language.
pub(crate) struct Words {
    language: &'static str,
    messages: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

impl Words {
    /// Those of the user, as the settings are now.
    pub(crate) fn of(app: &AppHandle) -> &'static Self {
        let settings = app.try_state::<LiveSettings>();
        let choice = settings.map_or(Language::System, |settings| settings.now().language);
        Self::chosen(choice, &WISHES)
    }

    /// What is wrong in a catalogue is left out.
    fn read(language: &'static str, source: &str) -> Self {
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let mut messages = FluentBundle::new_concurrent(language.parse().into_iter().collect());
        // No text stands around what is said here, so nothing has to be kept apart from it.
        messages.set_use_isolating(false);
        messages.add_resource_overriding(resource);
        Self { language, messages }
    }

    /// `wishes`: tags as the system has them, of which languages that there are count.
    fn chosen(choice: Language, wishes: &[String]) -> &'static Self {
        let of = |name: &str| CATALOGUES.iter().find(|words| words.language == name);
        let english = &CATALOGUES[0];
        match choice.name() {
            Some(name) => of(name),
            None => wishes.iter().find_map(|tag| of(&bare(tag))),
        }
        .unwrap_or(english)
    }

    /// A message without values but the app's name.
    pub(crate) fn say(&self, id: &str) -> String {
        self.formatted(id, None, &[])
    }

    /// A message with these values.
    pub(crate) fn say_with(&self, id: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.formatted(id, None, values)
    }

    /// What stands below a message: what to do, or what it means.
    pub(crate) fn next(&self, id: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.formatted(id, Some("next"), values)
    }

    fn formatted(
        &self,
        id: &str,
        attribute: Option<&str>,
        values: &[(&str, FluentValue<'_>)],
    ) -> String {
        let message = self.messages.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            Some(name) => message.get_attribute(name).map(|found| found.value()),
            None => message.value(),
        });
        let mut arguments = FluentArgs::new();
        arguments.set("app", salon_product::NAME);
        for (name, value) in values {
            arguments.set(*name, value.clone());
        }
        // A test holds that each language has each of them.
        pattern.map_or_else(String::new, |pattern| {
            let text = self
                .messages
                .format_pattern(pattern, Some(&arguments), &mut Vec::new());
            text.into_owned()
        })
    }
}

/// Without country, script and coding: `fr` of `fr-CA` and `fr_CA.UTF-8`.
fn bare(tag: &str) -> String {
    let end = tag.find(['-', '_', '.', '@']).unwrap_or(tag.len());
    tag[..end].to_ascii_lowercase()
}

#[cfg(test)]
pub(crate) fn english() -> &'static Words {
    &CATALOGUES[0]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
    use fluent_syntax::parser::parse;

    use super::*;

    fn named(choice: Language, wishes: &[&str]) -> &'static str {
        let wishes: Vec<_> = wishes.iter().map(|&tag| tag.to_owned()).collect();
        Words::chosen(choice, &wishes).language
    }

    #[test]
    fn the_language_is_the_chosen_one_or_the_systems_first_that_there_is() {
        assert_eq!(named(Language::Es, &["fr"]), "es");
        assert_eq!(
            named(Language::System, &["de-DE", "fr_CA.UTF-8", "en"]),
            "fr"
        );
        assert_eq!(named(Language::System, &["ar@latin", "en"]), "ar");
        assert_eq!(named(Language::System, &["de", "C"]), "en");
        assert_eq!(named(Language::System, &[]), "en");
    }

    /// Messages and what stands below them, with the values that each has.
    fn said(source: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let resource = parse(source).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        let mut all = BTreeSet::new();
        for entry in resource.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let id = message.id.name;
            let value = message
                .value
                .into_iter()
                .map(|value| (id.to_owned(), value));
            let below = message.attributes.into_iter().map(|below| {
                let name = format!("{id}.{}", below.id.name);
                (name, below.value)
            });
            for (name, pattern) in value.chain(below) {
                let mut values = BTreeSet::new();
                collect(&pattern, &mut values);
                all.insert((name, values));
            }
        }
        all
    }

    fn collect(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            let PatternElement::Placeable { expression } = element else {
                continue;
            };
            let (inline, variants) = match expression {
                Expression::Inline(inline) => (inline, &[][..]),
                Expression::Select { selector, variants } => (selector, &variants[..]),
            };
            if let InlineExpression::VariableReference { id } = inline {
                values.insert(id.name.to_owned());
            }
            for variant in variants {
                collect(&variant.value, values);
            }
        }
    }

    #[test]
    fn every_language_says_the_same_things_and_none_is_left_in_english() {
        let english = said(SOURCES[0].1);
        assert!(english.len() > 10);
        for (language, source) in &SOURCES[1..] {
            assert_eq!(said(source), english, "{language}");
            let (words, first) = (Words::read(language, source), self::english());
            for (id, values) in &english {
                // Only values and signs.
                if id == "meeting-with" {
                    continue;
                }
                let (id, below) = id
                    .split_once('.')
                    .map_or((&**id, None), |(id, below)| (id, Some(below)));
                let values: Vec<_> = values
                    .iter()
                    .map(|name| (&**name, FluentValue::from(3)))
                    .collect();
                let text = words.formatted(id, below, &values);
                assert!(!text.is_empty(), "{language}: {id}");
                assert_ne!(
                    text,
                    first.formatted(id, below, &values),
                    "{language}: {id}"
                );
            }
        }
    }

    #[test]
    fn numbers_have_their_forms() {
        let say = |language: &str, count: u8| {
            let words = CATALOGUES.iter().find(|words| words.language == language);
            words
                .unwrap()
                .say_with("ringing", &[("count", count.into())])
        };
        let distinct = |language: &str| {
            let forms =
                [1, 2, 3, 11, 100].map(|count| say(language, count).replace(char::is_numeric, ""));
            BTreeSet::from(forms).len()
        };
        assert_eq!((distinct("en"), distinct("fr"), distinct("es")), (2, 2, 2));
        assert_eq!(distinct("ar"), 5, "one, two, few, many and other");
        assert!(say("ar", 3).contains('3'), "digits are the same everywhere");
    }
}
