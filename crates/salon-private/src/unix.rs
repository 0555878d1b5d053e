//! By permissions.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::Path;

use crate::refused;

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
const WRITTEN_BY_ANYBODY: u32 = 0o002;

pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER)
        .create(folder)
}

pub(crate) fn append(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(FILE).open(file)
}

pub(crate) fn create_new(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(FILE).open(file)
}

pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    let is_folder = fs::metadata(path)?.is_dir();
    let mode = if is_folder { FOLDER } else { FILE };
    fs::set_permissions(path, Permissions::from_mode(mode))
}

pub(crate) fn is_own(folder: &Path) -> io::Result<()> {
    let me = rustix::process::geteuid().as_raw();
    let found = fs::metadata(folder)?;
    if found.uid() != me || fs::symlink_metadata(folder)?.uid() != me {
        return Err(refused::somebody_elses());
    }
    if found.permissions().mode() & WRITTEN_BY_ANYBODY != 0 {
        return Err(refused::everybodys());
    }
    Ok(())
}
