//! Taking tokens out of texts: servers repeat them in what they answer and log.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// How the first part of every JWT with a JSON header begins.
const START: &str = "eyJ";
/// What is put in place of a token.
const PLACEHOLDER: &str = "[token]";
/// Shorter than this after [`START`], it is a word and no token.
const SHORTEST: usize = 5;

fn belongs(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The text without anything that looks like a JWT, whole or cut off.
pub fn redact(text: &str) -> Cow<'_, str> {
    let (mut clean, mut kept, mut offset) = (String::new(), 0, 0);
    for piece in text.split_inclusive(|c| !belongs(c)) {
        let run = piece.trim_end_matches(|c| !belongs(c));
        if let Some(start) = token_in(run) {
            clean.push_str(&text[kept..offset + start]);
            clean.push_str(PLACEHOLDER);
            kept = offset + run.len();
        }
        offset += piece.len();
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Where a token begins in an unbroken run of its characters; it may have more than one.
fn token_in(run: &str) -> Option<usize> {
    let usual = run.find(START);
    let usual = usual.filter(|start| run.len() - start >= START.len() + SHORTEST);
    [usual, unusual_token_in(run)].into_iter().flatten().min()
}

/// A header with white space in its JSON begins otherwise, and like many a word: it is read.
fn unusual_token_in(run: &str) -> Option<usize> {
    let names_algorithm = |part: &str| {
        let header = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice::<Value>(&header).is_ok_and(|h| h.get("alg").is_some())
    };
    let parts: Vec<&str> = run.split('.').collect();
    let first = parts
        .windows(3)
        .position(|three| names_algorithm(three[0]))?;
    Some(parts[..first].iter().map(|part| part.len() + 1).sum())
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

    #[test]
    fn a_header_with_white_space_hides_no_token() {
        let header = URL_SAFE_NO_PAD.encode("{\n  \"alg\": \"HS256\"\n}");
        let text = format!("bad: {header}.e30.c2ln; see viewport.min.js");
        assert_eq!(redact(&text), "bad: [token]; see viewport.min.js");
        let glued = format!("a.{header}.e30.c2lneyJhbGciOiJIUzI1NiJ9.e30.c2ln");
        assert_eq!(redact(&glued), "a.[token]");
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
