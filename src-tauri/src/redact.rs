//! Taking tokens out of texts: servers repeat them in what they answer and log.

use std::borrow::Cow;

/// How the first part of every JWT with a JSON header begins.
const START: &str = "eyJ";
/// What is put in place of a token.
const PLACEHOLDER: &str = "[token]";
/// Shorter than this after [`START`], it is a word and no token.
const SHORTEST: usize = 5;

fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// The text without anything that looks like a JWT, whole or cut off.
pub fn redact(text: &str) -> Cow<'_, str> {
    if !text.contains(START) {
        return Cow::Borrowed(text);
    }
    let (mut clean, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find(START) {
        let length = rest.as_bytes()[start..]
            .iter()
            .take_while(|byte| belongs(**byte))
            .count();
        clean.push_str(&rest[..start]);
        let found = &rest[start..start + length];
        clean.push_str(if length >= START.len() + SHORTEST {
            PLACEHOLDER
        } else {
            found
        });
        rest = &rest[start + length..];
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_taken_out() {
        let text = "invalid token: eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e319.c2ln-_, error: expired";
        assert_eq!(redact(text), "invalid token: [token], error: expired");
        assert_eq!(redact("eyJhbGciOiJIUz"), "[token]");
        assert_eq!(redact("keyJ is a word"), "keyJ is a word");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String) {
            let _ = redact(&text);
        }

        #[test]
        fn nothing_of_a_token_is_left(before in "[^e]{0,20}", body in "[A-Za-z0-9_-]{8,60}") {
            let text = format!("{before} eyJ{body}.eyJ{body}.{body} after");
            let clean = redact(&text);
            prop_assert!(!clean.contains(&body));
        }
    }
}
