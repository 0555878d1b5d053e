//! Files and folders that are for this user only: by permissions on Unix, by an access control list on
//! Windows. Whoever administers the computer sees everything on either.
//!
//! It may depend on nothing of Salon. It must never know: what is in a file.

#![cfg_attr(not(windows), forbid(unsafe_code))]

#[cfg(any(windows, test))]
mod descriptor;
mod refused;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// Makes a folder, and those above it that are missing, for this user only. One that is there stays as
/// it is.
///
/// # Errors
/// If it cannot be made, or is no folder.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    system::make_folder(folder)
}

/// Opens a file to write at its end; one that is not there is made, for this user only.
///
/// # Errors
/// If it cannot be opened or made.
pub fn append(file: &Path) -> io::Result<File> {
    system::append(file)
}

/// Makes a file to write into, for this user only.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; or if it cannot be made.
pub fn create_new(file: &Path) -> io::Result<File> {
    system::create_new(file)
}

/// Takes a file or folder that is there from everybody else. What is in a folder stays
/// as it is.
///
/// # Errors
/// If it is not there, or somebody else's.
pub fn close_to_others(path: &Path) -> io::Result<()> {
    system::close_to_others(path)
}

/// Whether a folder, and on Unix the link that it may be reached by, is this user's and not everybody's
/// to write into.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] if not; or if it cannot be known.
pub fn is_own(folder: &Path) -> io::Result<()> {
    system::is_own(folder)
}

#[cfg(test)]
mod tests;
