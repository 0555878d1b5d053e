//! Texts of others as people are shown them: one line, not endless, and turning nothing around.
//!
//! A title, a name or a server's words may come from anybody. A line break would make a line of
//! its own of them, and a mark of direction would let "evil" stand there as "live", or turn what
//! comes after them.

/// One line of at most `longest` characters. Control characters, line breaks and marks of
/// direction become blanks; blanks are single; what has no width at all is left out.
pub fn line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    let words = text.split(parts).map(|word| word.replace(is_invisible, ""));
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    let cut: String = line.chars().take(longest).collect();
    cut.trim_end().to_owned()
}

/// Whether a character parts the words of a text.
pub fn parts(c: char) -> bool {
    c.is_whitespace() || c.is_control() || turns(c)
}

/// Embeddings, overrides, isolates and marks (Unicode Annex 9): unclosed ones reach beyond the text.
pub fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
    )
}

/// Makes two names differ that look alike. Joiners stay: Persian, Hindi and emoji are written with
/// them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_turns_around_or_hides() {
        for (text, shown) in [
            ("\u{202e}live", "live"),
            ("tea\u{2066} at\n five\r\n", "tea at five"),
            ("Ad\u{200b}min\u{feff}", "Admin"),
            (" \u{200f}\u{7} ", ""),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(line(text, 60), shown);
        }
        assert_eq!(line("a bc", 2), "a");
    }

    proptest! {
        #[test]
        fn whatever_it_is_one_line_is_left(text: String, longest in 0..40_usize) {
            let line = line(&text, longest);
            prop_assert!(line.chars().count() <= longest);
            prop_assert!(!line.chars().any(|c| c.is_control() || turns(c)));
            prop_assert_eq!(line.trim(), line.as_str());
        }
    }
}
