//! Texts with placeholders, as paths and bodies of profiles have them.
//!
//! `{room}`, `{session}`, `{name}` and `{user}` stand for what a request is about. Two words may
//! follow: `{room:after:club-}` is what follows `club-`, or all of it if it does not begin so, and
//! `{room:number}`, where it is a whole text of a body, becomes a JSON number if it is one. Braces
//! themselves are written `{{` and `}}`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Everything but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The room, or the call's id.
    Room,
    /// The backend's meeting session.
    Session,
    /// What the others see.
    Name,
    /// The user's id at the backend.
    User,
}

/// What placeholders stand for in one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values<'a> {
    /// The room, or the call's id.
    pub room: &'a str,
    /// The backend's meeting session.
    pub session: &'a str,
    /// What the others see.
    pub name: &'a str,
    /// The user's id at the backend.
    pub user: &'a str,
}

impl<'a> Values<'a> {
    fn get(&self, name: Name) -> &'a str {
        match name {
            Name::Room => self.room,
            Name::Session => self.session,
            Name::Name => self.name,
            Name::User => self.user,
        }
    }
}

/// A placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// What it stands for.
    pub name: Name,
    after: Option<String>,
    number: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// A text with placeholders, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
            } else if brace == "}" {
                return Err("\"}\" without \"{\"; a brace itself is written \"}}\"".into());
            } else {
                let end = rest.find('}').ok_or("\"{\" without \"}\"")?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Placeholder(Placeholder::parse(&rest[..end])?));
                rest = &rest[end + 1..];
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Its placeholders.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Text(_) => None,
        })
    }

    /// Whether it has this placeholder.
    pub fn has(&self, name: Name) -> bool {
        self.placeholders().any(|has| has.name == name)
    }

    /// What is not a placeholder, each replaced by `stand_in`.
    pub fn with_stand_in(&self, stand_in: &str) -> String {
        self.join(|_| stand_in.to_owned())
    }

    /// For a path: what is put in is percent-encoded, a slash too.
    pub fn path(&self, values: &Values<'_>) -> String {
        self.join(|placeholder| utf8_percent_encode(placeholder.value(values), ENCODED).to_string())
    }

    fn body(&self, values: &Values<'_>) -> Value {
        if let [Part::Placeholder(placeholder)] = &self.0[..] {
            return placeholder.json(values);
        }
        Value::String(self.join(|placeholder| placeholder.value(values).to_owned()))
    }

    fn join(&self, put: impl Fn(&Placeholder) -> String) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Placeholder(placeholder) => put(placeholder),
        };
        self.0.iter().map(text).collect()
    }
}

impl Placeholder {
    fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split(':');
        let name = match words.next().unwrap_or_default() {
            "room" => Name::Room,
            "session" => Name::Session,
            "name" => Name::Name,
            "user" => Name::User,
            other => {
                return Err(format!(
                    "the placeholder {{{other}}} is not known; there are {{room}}, {{session}}, \
                     {{name}} and {{user}}"
                ));
            }
        };
        let mut placeholder = Self {
            name,
            after: None,
            number: false,
        };
        while let Some(word) = words.next() {
            match word {
                "after" if placeholder.after.is_none() && !placeholder.number => {
                    let prefix = words.next().filter(|prefix| !prefix.is_empty());
                    let prefix = prefix.ok_or("\":after:\" needs a text that follows it")?;
                    placeholder.after = Some(prefix.to_owned());
                }
                "number" if !placeholder.number => placeholder.number = true,
                _ => {
                    return Err(format!(
                        "{{{text}}}: after the name may come \":after:TEXT\" and then \":number\""
                    ));
                }
            }
        }
        Ok(placeholder)
    }

    /// Whether a JSON number is to be made of it.
    pub fn is_number(&self) -> bool {
        self.number
    }

    fn value<'a>(&self, values: &Values<'a>) -> &'a str {
        let value = values.get(self.name);
        let after = self.after.as_deref();
        after
            .and_then(|prefix| value.strip_prefix(prefix))
            .unwrap_or(value)
    }

    fn json(&self, values: &Values<'_>) -> Value {
        let value = self.value(values);
        let number = value.parse::<u64>().ok().filter(|_| self.number);
        number.map_or_else(|| Value::from(value), Value::from)
    }
}

/// JSON with the placeholders of its texts filled in. Keys stay.
///
/// # Errors
/// What is wrong with a text; never for a profile that was checked.
pub fn fill(value: &Value, values: &Values<'_>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Template::parse(text)?.body(values),
        Value::Array(list) => list
            .iter()
            .map(|value| fill(value, values))
            .collect::<Result<_, _>>()?,
        Value::Object(map) => Value::Object(fill_map(map, values)?),
        other => other.clone(),
    })
}

/// As [`fill`], for the arguments of a function.
///
/// # Errors
/// As [`fill`].
pub fn fill_map(
    map: &serde_json::Map<String, Value>,
    values: &Values<'_>,
) -> Result<serde_json::Map<String, Value>, String> {
    map.iter()
        .map(|(key, value)| Ok((key.clone(), fill(value, values)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const VALUES: Values<'static> = Values {
        room: "reading-club-123",
        session: "s/1",
        name: "Ann \"B\"",
        user: "Ü",
    };

    fn path(text: &str) -> String {
        Template::parse(text).unwrap().path(&VALUES)
    }

    #[test]
    fn placeholders_are_filled_in() {
        assert_eq!(path("a/{session}/b"), "a/s%2F1/b");
        assert_eq!(
            path("{{x}}/{user}?r={room:after:reading-club-}"),
            "{x}/%C3%9C?r=123"
        );
        assert_eq!(path("{room:after:other-}"), "reading-club-123");
        let body = json!({
            "id": "{room:after:reading-club-:number}", "text": "{room:number}", "n": 1,
            "deep": [{ "name": "{name}!" }, null],
        });
        let expected = json!({
            "id": 123, "text": "reading-club-123", "n": 1,
            "deep": [{ "name": "Ann \"B\"!" }, null],
        });
        assert_eq!(fill(&body, &VALUES).unwrap(), expected);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, why) in [
            ("{rom}", "{rom} is not known"),
            ("{}", "{} is not known"),
            ("{room", "without \"}\""),
            ("room}", "without \"{\""),
            ("{room:after:}", "needs a text"),
            ("{room:number:after:x}", "may come"),
            ("{room:upper}", "may come"),
        ] {
            let mistake = Template::parse(text).unwrap_err();
            assert!(mistake.contains(why), "{text}: {mistake}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".{0,40}|[{}:a-z]{0,20}") {
            if let Ok(template) = Template::parse(&text) {
                let _ = template.path(&VALUES);
            }
        }

        #[test]
        fn text_without_braces_stays(text in "[^{}]*") {
            prop_assert_eq!(fill(&json!(text), &VALUES), Ok(json!(text)));
        }

        #[test]
        fn a_value_stays_in_its_segment(room in ".{0,30}") {
            let values = Values { room: &room, ..VALUES };
            let path = Template::parse("a/{room}/b").unwrap().path(&values);
            prop_assert_eq!(path.matches('/').count(), 2);
            prop_assert!(path.is_ascii() && !path.contains(['?', '#', '\\']));
            let inside = path.split('/').nth(1).unwrap();
            let back = percent_encoding::percent_decode_str(inside).decode_utf8().unwrap();
            prop_assert_eq!(back, room);
        }
    }
}
