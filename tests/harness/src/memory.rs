//! What lies in a process's memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::Result;
use procfs::process::{MMPermissions, Process};

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Those of `words` that are somewhere in the writable memory of a process.
///
/// # Errors
/// If its memory may not be read.
pub fn search(process: u32, words: &[String]) -> Result<BTreeSet<String>> {
    let process = Process::new(process.cast_signed())?;
    let mut memory = File::open(format!("/proc/{}/mem", process.pid))?;
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
            memory.seek(SeekFrom::Start(at))?;
            // A page may be gone by now, or be a device's.
            let Ok(read) = memory.read(&mut piece[..length]) else {
                break;
            };
            if read == 0 {
                break;
            }
            for word in words {
                if memchr::memmem::find(&piece[..read], word.as_bytes()).is_some() {
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
