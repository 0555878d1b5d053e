//! What texts are made of before they are kept, and how they are searched.

use salon_base::plain::{line, parts};
use salon_base::redact::redact;

/// Characters of a meeting's title.
pub(super) const LONGEST_TITLE: usize = 120;
/// Characters of a room's name.
pub(super) const LONGEST_ROOM: usize = 128;
/// Characters of a participant's name.
pub(super) const LONGEST_NAME: usize = 60;
/// Characters of a profile's name or a meeting session's id.
pub(super) const LONGEST_LABEL: usize = 128;
/// Characters of the code of an end.
const LONGEST_CODE: usize = 64;
/// Characters of a search.
const LONGEST_SEARCH: usize = 200;

/// A [`line`] without tokens.
pub(super) fn clean(text: &str, longest: usize) -> String {
    // Before cutting, or half a token would be left.
    line(&redact(text), longest)
}

/// A code of the page's table, as those are written.
pub(super) fn code(reason: &str) -> String {
    let code: String = reason
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')
        .skip_while(|c| *c == '-')
        .take(LONGEST_CODE)
        .collect();
    if code.is_empty() {
        salon_base::Code::Internal.name()
    } else {
        code
    }
}

/// Small and capital letters alike, letter for letter: a part of a text stays a part of it.
/// (`str::to_lowercase` looks at the neighbours of a sigma.)
pub(super) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// What an entry is searched by. A word cannot reach from one text into the next, as they are
/// kept apart by what no word contains.
pub(super) fn searched(title: &str, room: &str, names: &[String]) -> String {
    let texts = [title, room].into_iter();
    let all: Vec<_> = texts.chain(names.iter().map(String::as_str)).collect();
    fold(&all.join("\n"))
}

/// The words of a search, as [`searched`] has them.
pub(super) fn words(search: &str) -> Vec<String> {
    let search: String = search.chars().take(LONGEST_SEARCH).collect();
    search
        .split(parts)
        .filter(|word| !word.is_empty())
        .map(fold)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_become_one_line() {
        assert_eq!(
            clean("  Tea\r\n\ttime \u{7}\u{202e}now ", 40),
            "Tea time now"
        );
        assert_eq!(clean("Tea time", 4), "Tea");
        assert_eq!(clean("\u{2028}\0", 4), "");
    }

    #[test]
    fn no_token_is_kept_not_even_half_of_one() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e319.c2ln";
        assert_eq!(clean(&format!("Tea {token}"), 120), "Tea [token]");
        assert_eq!(
            clean(&format!("Tea {token}"), 12),
            "Tea [token]".get(..11).unwrap()
        );
    }

    #[test]
    fn codes_are_codes() {
        assert_eq!(code("connection-lost"), "connection-lost");
        assert_eq!(code("<b>left</b>"), "bleftb");
        assert_eq!(code("--x"), "x");
        assert_eq!(code("Ä-"), "internal");
    }

    #[test]
    fn letters_are_alike() {
        for (one, other) in [
            ("ZOË", "zoë"),
            ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
            ("Straße", "STRASSE"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_short_and_plain(text: String, longest in 1usize..80) {
            let clean = clean(&text, longest);
            prop_assert!(clean.chars().count() <= longest);
            prop_assert!(!clean.chars().any(|c| c.is_control() || salon_base::plain::turns(c)));
            prop_assert_eq!(clean.trim(), &clean);
        }
    }
}
