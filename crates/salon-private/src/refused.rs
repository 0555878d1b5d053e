//! Why a folder is not taken for the user's own.

use std::io;

pub(crate) fn somebody_elses() -> io::Error {
    denied("it is somebody else's")
}

pub(crate) fn everybodys() -> io::Error {
    denied("everybody may write into it")
}

fn denied(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
