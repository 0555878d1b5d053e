//! What lies in a process's memory is found there.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Stdio};

use salon_memory::search;

#[test]
fn a_word_in_another_process_is_found_and_no_other() {
    // The shell keeps it in a variable, and is asked for it only afterwards.
    let mut shell = Command::new("sh")
        .args([
            "-c",
            "word=planted-$((41 + 1)); echo ready; read -r _; echo \"$word\"",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(shell.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut said, &mut String::new()).unwrap();
    let words = ["planted-42".to_owned(), "never-planted-43".to_owned()];
    let found = search(shell.id(), &words).unwrap();
    drop(shell.stdin.take());
    shell.wait().unwrap();
    assert_eq!(Vec::from_iter(found), ["planted-42"]);
}
