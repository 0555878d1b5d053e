//! A profile from a text or a file.

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use salon_base::{Code, Fault};

use crate::check::check;
use crate::position::{Format, Position, find};
use crate::profile::Profile;

/// Bytes of a file.
const LARGEST: u64 = 64 * 1024;

/// What is wrong with a profile, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub position: Position,
    /// What.
    pub why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "line {line}, column {column}: {}", self.why)
    }
}

impl std::error::Error for Mistake {}

/// Reads and checks a profile.
///
/// # Errors
/// The first mistake.
pub fn parse(text: &str, format: Format) -> Result<Profile, Mistake> {
    if text.len() as u64 > LARGEST {
        return Err(Mistake {
            position: Position::START,
            why: "a profile has at most 64 KB".into(),
        });
    }
    let profile: Profile = match format {
        Format::Toml => toml::from_str(text).map_err(|error: toml::de::Error| Mistake {
            position: error
                .span()
                .map_or(Position::START, |span| Position::of(text, span.start)),
            why: error.message().to_owned(),
        })?,
        Format::Json => serde_json::from_str(text).map_err(|error| Mistake {
            position: json_position(text, &error),
            why: without_position(&error),
        })?,
    };
    check(&profile).map_err(|wrong| {
        let keys = wrong.path.join(".");
        let colon = if keys.is_empty() { "" } else { ": " };
        Mistake {
            position: find(text, format, &wrong.path),
            why: format!("{keys}{colon}{}", wrong.why),
        }
    })?;
    Ok(profile)
}

/// The library counts columns in bytes.
fn json_position(text: &str, error: &serde_json::Error) -> Position {
    let line = error.line().max(1);
    let bytes = error.column().saturating_sub(1);
    let text = text.split('\n').nth(line - 1).unwrap_or_default();
    let before = text.char_indices().take_while(|(at, _)| *at < bytes);
    Position {
        line,
        column: before.count() + 1,
    }
}

fn without_position(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    words.strip_suffix(&end).unwrap_or(&words).to_owned()
}

/// Reads and checks a profile's file, by its extension TOML or JSON.
///
/// # Errors
/// [`Code::ProfileInvalid`] with file, line, column and cause.
pub fn read(file: &Path) -> Result<Profile, Fault> {
    let fault = |why: String| {
        let file = file.display();
        Fault::new(Code::ProfileInvalid, format!("{file}, {why}"))
    };
    let format = format_of(file).ok_or_else(|| fault("it is neither .toml nor .json".into()))?;
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        // One more, to see that there is more.
        .and_then(|opened| opened.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let Position { line, column } = Position::of(&text, good);
        fault(format!("line {line}, column {column}: it is not UTF-8"))
    })?;
    parse(&text, format).map_err(|mistake| fault(mistake.to_string()))
}

pub(crate) fn format_of(file: &Path) -> Option<Format> {
    match file.extension()?.to_str()? {
        "toml" => Some(Format::Toml),
        "json" => Some(Format::Json),
        _ => None,
    }
}
