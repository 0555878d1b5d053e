//! What lies in a process's memory and environment. A crate of its own, because it is optimised in
//! tests: there are hundreds of megabytes to go through.

#![forbid(unsafe_code)]
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::{Result, ensure};
use procfs::process::{MMPermissions, Process};

/// Bytes read at a time: some pages.
const PIECE: usize = 1 << 20;
/// Bytes that `/proc/*/pagemap` has for each page, whose two highest bits say that it is there, or swapped out.
const ENTRY: usize = 8;

/// Whether `word` is somewhere in `bytes`. By eight bytes at a time, as there are hundreds of
/// megabytes to go through, and this crate is optimised in tests while a library would not be.
pub fn contains(bytes: &[u8], word: &[u8]) -> bool {
    let Some((head, _)) = word.split_first_chunk::<8>() else {
        return bytes.windows(word.len().max(1)).any(|part| part == word);
    };
    let head = u64::from_ne_bytes(*head);
    bytes.windows(word.len()).any(|part| {
        part.first_chunk()
            .is_some_and(|first| u64::from_ne_bytes(*first) == head)
            && part == word
    })
}

/// Those of `words` that are somewhere in the writable memory of a process.
///
/// # Errors
/// If its memory may not be read.
pub fn search(process: u32, words: &[String]) -> Result<BTreeSet<String>> {
    let process = Process::new(process.cast_signed())?;
    let mut memory = File::open(format!("/proc/{}/mem", process.pid))?;
    let mut pages = File::open(format!("/proc/{}/pagemap", process.pid))?;
    let mut found = BTreeSet::new();
    let overlap = words.iter().map(String::len).max().unwrap_or_default();
    let mut piece = vec![0; PIECE + overlap];
    for map in process.maps()? {
        let readable = MMPermissions::READ | MMPermissions::WRITE;
        if !map.perms.contains(readable) {
            continue;
        }
        let (start, end) = map.address;
        for (mut at, end) in resident(&mut pages, start, end)? {
            while at < end && found.len() < words.len() {
                let length = usize::try_from(end - at)?.min(piece.len());
                memory.seek(SeekFrom::Start(at))?;
                // A page may be gone by now, or be a device's.
                let Ok(read) = memory.read(&mut piece[..length]) else {
                    break;
                };
                if read == 0 {
                    break;
                }
                for word in words {
                    if contains(&piece[..read], word.as_bytes()) {
                        found.insert(word.clone());
                    }
                }
                // A word may lie across two pieces.
                at += u64::try_from(if read > overlap && at + (read as u64) < end {
                    read - overlap
                } else {
                    read
                })?;
            }
        }
    }
    Ok(found)
}

/// Those of `words` that are somewhere in the environment that a process was started with. What it
/// has changed since is not seen.
///
/// # Errors
/// If its environment may not be read.
pub fn search_environment(process: u32, words: &[&str]) -> Result<BTreeSet<String>> {
    let environment = std::fs::read(format!("/proc/{process}/environ"))?;
    let found = words
        .iter()
        .filter(|word| contains(&environment, word.as_bytes()));
    Ok(found.map(|word| (*word).to_owned()).collect())
}

/// The parts of this piece of memory whose pages are there. A script engine reserves much more than it uses, and a
/// page that is read is there from then on: what was never written must not be read.
fn resident(pages: &mut File, start: u64, end: u64) -> Result<Vec<(u64, u64)>> {
    let page = procfs::page_size();
    let mut parts: Vec<(u64, u64)> = Vec::new();
    let mut entries = vec![0; PIECE];
    let mut at = start;
    while at < end {
        let wanted = usize::try_from((end - at).div_ceil(page))? * ENTRY;
        let wanted = wanted.min(PIECE);
        pages.seek(SeekFrom::Start(at / page * ENTRY as u64))?;
        let read = pages.read(&mut entries[..wanted])?;
        // What could not be looked at must not count as what is not there.
        ensure!(read >= ENTRY, "/proc/*/pagemap ends at {at:x}");
        for entry in entries[..read].chunks_exact(ENTRY) {
            if entry[ENTRY - 1] & 0b1100_0000 != 0 {
                match parts.last_mut() {
                    Some((_, last)) if *last == at => *last += page,
                    _ => parts.push((at, at + page)),
                }
            }
            at += page;
        }
    }
    Ok(parts)
}
