//! What lies in a process's memory and environment. A crate of its own, because it is optimised in
//! tests: there are hundreds of megabytes to go through.

#![forbid(unsafe_code)]
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::Result;
use procfs::process::{MMPermissions, Process};

/// Bytes read at a time: some pages.
const PIECE: usize = 1 << 20;
/// Bytes that `/proc/*/pagemap` has for each page, the highest bit of which says that it is there.
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
        let (mut at, end) = map.address;
        while at < end && found.len() < words.len() {
            let length = usize::try_from(end - at)?.min(piece.len());
            // A script engine reserves much more than it uses.
            if !resident(&mut pages, at, length)? {
                at += length as u64;
                continue;
            }
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

/// Whether any page of this part of the memory is there.
fn resident(pages: &mut File, at: u64, length: usize) -> Result<bool> {
    let page = procfs::page_size();
    let first = at / page;
    let last = (at + length as u64).div_ceil(page);
    let mut entries = vec![0; usize::try_from(last - first)? * ENTRY];
    pages.seek(SeekFrom::Start(first * ENTRY as u64))?;
    let read = pages.read(&mut entries)?;
    Ok(entries[..read]
        .chunks_exact(ENTRY)
        .any(|entry| entry[ENTRY - 1] & 0b1100_0000 != 0))
}
