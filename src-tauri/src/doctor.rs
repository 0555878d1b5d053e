//! `salon doctor`: the token doctor on the command line.

use std::io::{Read, Write};
use std::process::ExitCode;

use crate::settings::DoctorArguments;
use crate::token::doctor::{Diagnosis, diagnose};
use crate::token::inspect::Expected;

/// Bytes that are read; no token is longer.
const LONGEST: u64 = 64 * 1024;
/// The token has a fault.
const ILL: u8 = 1;
/// It could not be looked at.
const UNREADABLE: u8 = 2;

/// Prints the diagnosis. Ends with 0 for a healthy token, 1 for one with a fault, 2 if there was
/// none to be read.
pub(crate) fn run(asked: &DoctorArguments, room: Option<&str>) -> ExitCode {
    match examine(asked, room) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(ILL),
        Err(error) => {
            // The last words of a program that has no log.
            let _ = writeln!(std::io::stderr(), "the token cannot be read: {error}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn examine(asked: &DoctorArguments, room: Option<&str>) -> std::io::Result<bool> {
    let token = read(&asked.token)?;
    let expected = Expected {
        room,
        identity: asked.identity.as_deref(),
        ..Expected::anything()
    };
    let diagnosis = diagnose(token.trim(), asked.kind, expected);
    let mut out = std::io::stdout().lock();
    if asked.json {
        writeln!(out, "{}", json(&diagnosis)?)?;
    } else {
        write!(out, "{}", diagnosis.text())?;
    }
    Ok(diagnosis.healthy)
}

fn json(diagnosis: &Diagnosis) -> std::io::Result<String> {
    serde_json::to_string_pretty(diagnosis).map_err(std::io::Error::other)
}

fn read(from: &str) -> std::io::Result<String> {
    let mut text = String::new();
    if from == "-" {
        std::io::stdin()
            .lock()
            .take(LONGEST)
            .read_to_string(&mut text)?;
    } else {
        std::fs::File::open(from)?
            .take(LONGEST)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}
