//! What is checked in for the fuzz targets runs as a test: the seeds, and what once failed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use fuzz_cases::CASES;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_is_checked_in_passes() {
    for (name, case) in CASES {
        let seeds = files(&fuzz().join("seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for file in seeds
            .into_iter()
            .chain(files(&fuzz().join("regressions").join(name)))
        {
            let data = fs::read(&file).unwrap();
            if let Err(panic) = std::panic::catch_unwind(|| case(&data)) {
                let file = file.display();
                let words = panic.downcast_ref::<String>();
                panic!("{file}: {}", words.map_or("panicked, see above", |w| w));
            }
        }
    }
}

#[test]
fn no_folder_is_without_its_target() {
    for folder in ["seeds", "regressions"] {
        for entry in files(&fuzz().join(folder)) {
            // Not every case is there on every system.
            let name = entry.file_name().unwrap().to_str().unwrap();
            let target = fuzz().join("fuzz_targets").join(format!("{name}.rs"));
            assert!(target.is_file(), "{name}");
        }
    }
}

#[test]
fn every_case_is_a_target() {
    for (name, _) in CASES {
        let target = fuzz().join("fuzz_targets").join(format!("{name}.rs"));
        assert!(target.is_file(), "{}", target.display());
    }
}
