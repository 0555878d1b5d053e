//! Colours, and whether they can be told apart (WCAG 2.2, sections 1.4.3 and 1.4.11).

use serde::Deserialize;

use crate::error::{Error, refuse};

/// The page's own grounds, the lightest and the darkest that an accent lies on, of each theme: `--bg` and
/// `--raised` of `ui/src/app.css`.
const DARK: [Colour; 2] = [Colour([0x11, 0x13, 0x1a]), Colour([0x24, 0x28, 0x35])];
const LIGHT: [Colour; 2] = [Colour([0xff; 3]), Colour([0xee, 0xf0, 0xf6])];

/// Red, green and blue; written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Colour([u8; 3]);

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text} is no colour: write #rrggbb");
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let value = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = value.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] = value.ok_or_else(wrong)?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(to, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    /// Relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// Contrast ratio, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }
}

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    /// Buttons that lead on, and what has the focus.
    pub accent: Colour,
    /// The same under the pointer.
    pub accent_strong: Colour,
    /// Words on them.
    pub on_accent: Colour,
}

/// Of both themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colours {
    /// On a dark ground.
    pub dark: Palette,
    /// On a light one.
    pub light: Palette,
}

impl Colours {
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.dark.check("colours.dark", DARK)?;
        self.light.check("colours.light", LIGHT)
    }
}

impl Palette {
    fn check(&self, field: &'static str, grounds: [Colour; 2]) -> Result<(), Error> {
        for accent in [self.accent, self.accent_strong] {
            let contrast = self.on_accent.contrast(accent);
            if contrast < 4.5 {
                let why = format!("has words on {accent} at {contrast:.2} to 1: at least 4.5");
                return Err(refuse(field, why));
            }
            for ground in grounds {
                let contrast = accent.contrast(ground);
                if contrast < 3.0 {
                    let why = format!("has {accent} on {ground} at {contrast:.2} to 1: at least 3");
                    return Err(refuse(field, why));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn grounds_are_those_of_the_page() {
        let css = include_str!("../../../ui/src/app.css");
        let (dark, light) = css.split_once("prefers-color-scheme: light").unwrap();
        for (ground, property, within) in [
            (DARK[0], "bg", dark),
            (DARK[1], "raised", dark),
            (LIGHT[0], "surface", light),
            (LIGHT[1], "raised", light),
        ] {
            assert!(
                within.contains(&format!("--{property}: {ground};")),
                "{property}"
            );
        }
    }

    #[test]
    fn the_contrast_of_black_and_white_is_that_of_the_recommendation() {
        let [black, white] = [Colour([0; 3]), Colour([255; 3])];
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        assert!((white.contrast(white) - 1.0).abs() < 1e-9);
        let grey = Colour::try_from("#767676".to_owned()).unwrap();
        assert!((4.54..4.55).contains(&grey.contrast(white)));
    }
}
