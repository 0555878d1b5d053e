//! What lies in a process's memory is found there.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::{Read as _, Write as _};
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

#[test]
fn memory_that_was_only_reserved_is_not_read() {
    const RESERVED: usize = 1 << 30;
    // It takes that much for what it copies, and says by its first byte that it has it.
    let mut copier = Command::new("dd")
        .args(["bs=1G", "count=2", "status=none"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    copier.stdin.as_mut().unwrap().write_all(b"x").unwrap();
    let said = copier.stdout.as_mut().unwrap();
    said.read_exact(&mut [0]).unwrap();
    let read = || {
        let counted = std::fs::read_to_string("/proc/self/io").unwrap();
        let read = counted
            .lines()
            .find_map(|line| line.strip_prefix("rchar: "));
        read.unwrap().parse::<usize>().unwrap()
    };
    let before = read();
    let found = search(copier.id(), &["never-planted-44".to_owned()]).unwrap();
    let bytes = read() - before;
    drop(copier.stdin.take());
    copier.wait().unwrap();
    assert!(found.is_empty(), "{found:?}");
    assert!(bytes < RESERVED / 2, "{bytes} bytes were read");
}
