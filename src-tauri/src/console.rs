//! Where the program prints on Windows. A release build has no console of its own, so that none opens beside
//! the window; started from one, it prints there, as on other systems.

#![allow(unsafe_code, reason = "the system's calls")]

use windows_sys::Win32::System::Console::{
    ATTACH_PARENT_PROCESS, AttachConsole, GetStdHandle, STD_ERROR_HANDLE, STD_HANDLE,
    STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
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

/// Whether somebody can read what is printed to standard error.
pub(crate) fn is_read() -> bool {
    handle(STD_ERROR_HANDLE).is_some()
}

/// Shows a text in a window of its own until it is closed.
pub(crate) fn show(text: &str) {
    let [text, title] =
        [text, "Salon"].map(|text| text.encode_utf16().chain([0]).collect::<Vec<_>>());
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
