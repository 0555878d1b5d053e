//! Taking tokens out of texts: servers repeat them in what they answer and log.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How the first part of a JWT with the usual JSON header begins, whole or cut off.
const START: &str = "eyJ";
/// What is put in place of a token.
const PLACEHOLDER: &str = "[token]";
/// Shorter than this after [`START`], it is a word and no token.
const SHORTEST: usize = 5;
/// Characters of a part that are decoded to see whether it is a JWT's header: blanks may precede
/// the brace. A multiple of four, so that they decode by themselves.
const LOOKED_AT: usize = 64;

fn belongs(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The text without anything that looks like a JWT, whole or cut off.
pub fn redact(text: &str) -> Cow<'_, str> {
    let (mut clean, mut kept) = (String::new(), 0);
    let mut position = 0;
    while let Some(start) = text[position..].find(belongs).map(|at| position + at) {
        let end = text[start..]
            .find(|c| !belongs(c))
            .map_or(text.len(), |length| start + length);
        if let Some(token) = token_in(&text[start..end]) {
            clean.push_str(&text[kept..start + token]);
            clean.push_str(PLACEHOLDER);
            kept = end;
        }
        position = end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Where the first token begins in an unbroken run of its characters.
fn token_in(run: &str) -> Option<usize> {
    let usual = run
        .find(START)
        .filter(|at| run.len() - at >= START.len() + SHORTEST);
    let mut offset = 0;
    let unusual = run.split('.').find_map(|part| {
        let at = offset;
        offset += part.len() + 1;
        // A header written with blanks has another beginning; it still is a JSON object with a
        // key, followed by claims.
        (offset < run.len() && is_header(part)).then_some(at)
    });
    [usual, unusual].into_iter().flatten().min()
}

fn is_header(part: &str) -> bool {
    let looked_at = part.len().min(LOOKED_AT) / 4 * 4;
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(&part[..looked_at]) else {
        return false;
    };
    let mut signs = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    signs.next() == Some(&b'{') && matches!(signs.next(), Some(b'"') | None)
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
    fn headers_may_be_written_with_blanks() {
        for header in [
            "{ \"alg\":\"HS256\"}",
            "{\n  \"alg\": \"HS256\"\n}",
            " {\"alg\":\"none\"}",
        ] {
            let header = URL_SAFE_NO_PAD.encode(header);
            let text = format!("at {header}.eyIxIjoxfQ.c2ln end");
            assert_eq!(redact(&text), "at [token] end", "{header}");
        }
    }

    #[test]
    fn what_follows_a_token_stays() {
        let header = URL_SAFE_NO_PAD.encode("{\n  \"alg\": \"HS256\"\n}");
        let text = format!("bad: {header}.e30.c2ln; see viewport.min.js");
        assert_eq!(redact(&text), "bad: [token]; see viewport.min.js");
        let two = format!("a.{header}.e30.c2lneyJhbGciOiJIUzI1NiJ9.e30.c2ln");
        assert_eq!(redact(&two), "a.[token]");
    }

    #[test]
    fn names_of_hosts_and_files_stay() {
        for text in [
            "wss://meet.example.org/rtc",
            "salon.2026-11-21.log",
            "a.b.c",
            "crates/rtc-core/src/sdp.rs:10:5",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String) {
            let _ = redact(&text);
        }

        #[test]
        fn nothing_of_a_token_is_left(
            before in "[^e]{0,20}",
            blanks in "[ \n\t]{0,20}",
            body in "[A-Za-z0-9_-]{8,60}",
        ) {
            let header = URL_SAFE_NO_PAD.encode(format!("{{{blanks}\"alg\": \"HS256\"}}"));
            let text = format!("{before} {header}.{body}.{body} after");
            let clean = redact(&text);
            prop_assert!(!clean.contains(&body), "{clean}");
        }
    }
}
