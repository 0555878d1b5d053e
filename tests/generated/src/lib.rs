//! For tests of files that are generated from code and checked in. It depends on nothing, so that every crate
//! can have it, and knows neither what is generated nor from what.

#![forbid(unsafe_code)]

use std::path::Path;

/// Said by `./x types`, which runs these tests to write the files.
const UPDATE: &str = "UPDATE_TYPES";

/// Fails unless the file has this text; how lines end does not count. Where `./x types` runs it, the file gets
/// the text.
///
/// # Panics
/// If the file is an old one, with the first line that differs; or if it cannot be written.
#[track_caller]
pub fn assert_up_to_date(path: impl AsRef<Path>, fresh: &str) {
    let path = path.as_ref();
    if std::env::var_os(UPDATE).is_some() {
        write(path, fresh).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if let Some(line) = first_difference(&found.replace("\r\n", "\n"), fresh) {
        panic!("{}:{line} is old: run `./x types`", path.display());
    }
}

fn write(path: &Path, fresh: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, fresh)
}

/// The line in which two texts differ first, from 1.
fn first_difference(found: &str, fresh: &str) -> Option<usize> {
    if found == fresh {
        return None;
    }
    let same = found.split('\n').zip(fresh.split('\n'));
    Some(1 + same.take_while(|(found, fresh)| found == fresh).count())
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn an_old_file_is_told_from_a_new_one() {
        for (found, line) in [
            ("a\nb\n", None),
            ("", Some(1)),
            ("a\nc\n", Some(2)),
            ("a\n", Some(2)),
            ("a\nb", Some(3)),
            ("a\nb\nc\n", Some(3)),
        ] {
            assert_eq!(first_difference(found, "a\nb\n"), line, "{found:?}");
        }
    }

    #[test]
    #[should_panic(expected = "no-such-file:1 is old: run `./x types`")]
    fn a_file_that_is_not_there_is_an_old_one() {
        super::assert_up_to_date("/no-such-folder/no-such-file", "a\n");
    }
}
