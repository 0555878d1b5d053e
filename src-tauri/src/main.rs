//! The app's program: everything is in the library.

// No console window beside the app on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: it changes what other threads read.
    salon::run(salon::prepare())
}
