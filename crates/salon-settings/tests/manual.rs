//! The manual's pages and completions that are checked in are what the command line's definition says.

#![allow(missing_docs, reason = "a test")]

#[path = "../examples/manual/pages.rs"]
mod pages;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/man");

#[test]
fn the_manual_and_the_completions_are_up_to_date() {
    let all = pages::all();
    assert!(all.len() > 5);
    for (file, fresh) in all {
        generated_files::assert_up_to_date(format!("{FOLDER}/{file}"), &fresh);
    }
}
