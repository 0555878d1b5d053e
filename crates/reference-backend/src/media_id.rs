//! What an account is called where the media server has rules for it.

/// An id as Stream takes it: lower case, and `_` for everything but `a-z 0-9 @ _ -`.
pub fn sanitised(id: &str) -> String {
    // Lower case first: that turns some other letters, such as the Kelvin sign, into a-z.
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "@_-".contains(c);
    let replace = |c: char| if allowed(c) { c } else { '_' };
    id.to_lowercase().chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sanitised;

    #[test]
    fn ids_come_out_as_the_contract_says() {
        for (id, expected) in [
            ("user_1", "user_1"),
            ("Ann.Bee@Example.com", "ann_bee@example_com"),
            ("Ödön-7", "_d_n-7"),
            ("a b/c", "a_b_c"),
            // The Kelvin sign is K in lower case.
            ("\u{212a}", "k"),
            ("", ""),
        ] {
            assert_eq!(sanitised(id), expected);
        }
    }

    proptest! {
        #[test]
        fn nothing_but_what_is_allowed_comes_out(id in ".*") {
            let clean = sanitised(&id);
            prop_assert!(clean.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'@' | b'_' | b'-')));
            prop_assert_eq!(sanitised(&clean), clean);
        }

        #[test]
        fn what_is_allowed_stays(id in "[a-z0-9@_-]*") {
            prop_assert_eq!(sanitised(&id), id);
        }

        #[test]
        fn of_ascii_each_character_keeps_its_place(id in "[ -~]*") {
            let clean = sanitised(&id);
            prop_assert_eq!(clean.len(), id.len());
            for (before, after) in id.chars().zip(clean.chars()) {
                prop_assert!(after == before.to_ascii_lowercase() || after == '_');
            }
        }
    }
}
