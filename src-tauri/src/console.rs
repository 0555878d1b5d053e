//! Where the program prints on Windows. A release build has no console of its own, so that none opens beside
//! the window; started from one, it prints there, as on other systems.

#![allow(unsafe_code, reason = "the system's calls")]

use salon_product::NAME;
use windows_sys::Win32::System::Console::{
    ATTACH_PARENT_PROCESS, AttachConsole, FreeConsole, GetConsoleMode, GetStdHandle,
    STD_ERROR_HANDLE, STD_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{MB_ICONERROR, MB_OK, MessageBoxW};

/// Prints from now on into the console that the program was started from, if it was. What is a pipe or a
/// file already stays so.
pub(crate) fn attach() {
    let before =
        [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].map(|which| (which, handle(which)));
    // SAFETY: without arguments that could be wrong. It fails where there is no console, or one already.
    if unsafe { AttachConsole(ATTACH_PARENT_PROCESS) } == 0 {
        return;
    }
    for (which, handle) in before {
        if let Some(handle) = handle {
            // SAFETY: the handle was this one a moment ago. Should it fail, the console's stays.
            unsafe { SetStdHandle(which, handle as _) };
        }
    }
}

/// Lets go of the console: it ends with whoever started the program, and the window and its call go on. What is a
/// pipe or a file stays so.
pub(crate) fn detach() {
    for which in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        let Some(handle) = handle(which) else {
            continue;
        };
        let mut mode = 0;
        // SAFETY: asks of a handle whether it is a console's, and writes into one number.
        if unsafe { GetConsoleMode(handle as _, &raw mut mode) } != 0 {
            // What is opened later may get the same handle, and is not to get what is printed.
            // SAFETY: without a pointer; printing to none is no mistake.
            unsafe { SetStdHandle(which, std::ptr::null_mut()) };
        }
    }
    // SAFETY: without arguments. It fails where there is none.
    unsafe { FreeConsole() };
}

/// Whether somebody can read what is printed to standard error.
pub(crate) fn is_read() -> bool {
    handle(STD_ERROR_HANDLE).is_some()
}

/// Shows a text in a window of its own until it is closed.
pub(crate) fn show(text: &str) {
    let [text, title] = [text, NAME].map(|text| text.encode_utf16().chain([0]).collect::<Vec<_>>());
    // SAFETY: both end in NUL and outlive the call; there is no window that it belongs to.
    unsafe {
        MessageBoxW(
            std::ptr::null_mut(),
            text.as_ptr(),
            title.as_ptr(),
            MB_OK | MB_ICONERROR,
        )
    };
}

fn handle(which: STD_HANDLE) -> Option<isize> {
    // SAFETY: without arguments that could be wrong.
    let handle = unsafe { GetStdHandle(which) } as isize;
    // Null: there is none; -1: the system does not say.
    (handle != 0 && handle != -1).then_some(handle)
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::System::Console::{AllocConsole, GetConsoleProcessList};

    use super::*;

    /// Set for the process that is made for one test: its own console is not to be lost.
    const APART: &str = "SALON_TEST_APART";

    /// How many processes would end if this one's console were closed.
    fn attached() -> u32 {
        let mut processes = [0; 8];
        // SAFETY: room for as many as it is told of.
        unsafe { GetConsoleProcessList(processes.as_mut_ptr(), processes.len() as u32) }
    }

    #[test]
    fn closing_the_console_that_it_was_started_from_does_not_end_a_call() {
        if std::env::var_os(APART).is_some() {
            // SAFETY: without arguments. The first fails where there is none.
            unsafe { (FreeConsole(), AllocConsole()) };
            assert!(attached() > 0);
            detach();
            assert_eq!(attached(), 0);
            return;
        }
        let this =
            "console::tests::closing_the_console_that_it_was_started_from_does_not_end_a_call";
        let mut apart = std::process::Command::new(std::env::current_exe().unwrap());
        let output = apart
            .args(["--exact", this])
            .env(APART, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }
}
