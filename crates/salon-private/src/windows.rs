//! By access control lists.

#![allow(
    unsafe_code,
    reason = "no library that is looked after has these calls"
)]

use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{GENERIC_WRITE, HANDLE, INVALID_HANDLE_VALUE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, ConvertSidToStringSidW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW, SDDL_REVISION_1,
    SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetTokenInformation, OWNER_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES, SetFileSecurityW, TOKEN_QUERY, TOKEN_USER,
    TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_CREATION_DISPOSITION,
    FILE_GENERIC_WRITE, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_WRITE_DATA,
    OPEN_ALWAYS,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::{descriptor, refused};

pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder
        .parent()
        .filter(|above| !above.as_os_str().is_empty())
    {
        make_folder(above)?;
    }
    let own = Descriptor::of_this_user()?;
    let attributes = own.attributes();
    let path = wide(folder);
    // SAFETY: both live until the call is over; the path ends in NUL.
    if unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) } != 0 || folder.is_dir() {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

pub(crate) fn append(file: &Path) -> io::Result<File> {
    open(file, FILE_GENERIC_WRITE & !FILE_WRITE_DATA, OPEN_ALWAYS)
}

pub(crate) fn create_new(file: &Path) -> io::Result<File> {
    open(file, GENERIC_WRITE, CREATE_NEW)
}

/// What is made has its list from the first moment on. Where the drive keeps no lists it is made all the
/// same.
fn open(file: &Path, access: u32, how: FILE_CREATION_DISPOSITION) -> io::Result<File> {
    let own = Descriptor::of_this_user()?;
    let attributes = own.attributes();
    let path = wide(file);
    // SAFETY: all of them live until the call is over; the path ends in NUL.
    let opened = unsafe {
        CreateFileW(
            path.as_ptr(),
            access,
            // As the standard library.
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            &raw const attributes,
            how,
            FILE_ATTRIBUTE_NORMAL,
            null_mut(),
        )
    };
    if opened == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, and owned by nobody else.
    Ok(unsafe { File::from_raw_handle(opened) })
}

pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    let own = Descriptor::of_this_user()?;
    give(path, &own)
}

/// As what others may read and write.
#[cfg(test)]
pub(crate) fn open_to_all(path: &Path) -> io::Result<()> {
    give(path, &Descriptor::new("D:P(A;OICI;FA;;;WD)")?)
}

/// Gives a file or folder the list of a descriptor, as it is: what is newer adds what lies above in some
/// systems (Wine 10), whatever the list says.
fn give(path: &Path, own: &Descriptor) -> io::Result<()> {
    let path = wide(path);
    // SAFETY: the descriptor outlives the call; the path ends in NUL.
    if unsafe { SetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, own.0) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

pub(crate) fn is_own(folder: &Path) -> io::Result<()> {
    let found = descriptor_of(folder)?;
    // What an administrator makes may belong to all of them.
    let mine = [this_user()?.as_str(), "BA", "SY"]
        .contains(&descriptor::owner(&found).unwrap_or_default());
    if !mine {
        return Err(refused::somebody_elses());
    }
    if descriptor::is_open(&found, true) {
        return Err(refused::everybodys());
    }
    Ok(())
}

/// Owner and list of a file or folder, as text.
pub(crate) fn descriptor_of(path: &Path) -> io::Result<String> {
    const WHAT: u32 = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let path = wide(path);
    let mut found = Descriptor(null_mut());
    // SAFETY: the path ends in NUL; what is not wanted is null; `found` is freed when it is dropped.
    let failed = unsafe {
        GetNamedSecurityInfoW(
            path.as_ptr(),
            SE_FILE_OBJECT,
            WHAT,
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut found.0,
        )
    };
    os_result(failed)?;
    let mut text = null_mut();
    // SAFETY: `found` is a descriptor that the system has made.
    let done = unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            found.0,
            SDDL_REVISION_1,
            WHAT,
            &raw mut text,
            null_mut(),
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has allocated it, and it ends in NUL.
    Ok(unsafe { taken(text) })
}

/// The SID of whoever this process runs as.
fn this_user() -> io::Result<String> {
    let mut token: HANDLE = null_mut();
    // SAFETY: this process's own handle needs no closing.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, and owned by nobody else.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // A SID has 68 bytes at most; of u64, so that the struct is aligned.
    let mut about = [0u64; 16];
    let mut length = 0;
    // SAFETY: the buffer is as long as is said.
    let done = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            about.as_mut_ptr().cast(),
            u32::try_from(size_of_val(&about)).unwrap_or_default(),
            &raw mut length,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has written one, which points into the buffer.
    let user = unsafe { &*about.as_ptr().cast::<TOKEN_USER>() };
    let mut text = null_mut();
    // SAFETY: the SID is in the buffer, which is still there.
    if unsafe { ConvertSidToStringSidW(user.User.Sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has allocated it, and it ends in NUL.
    Ok(unsafe { taken(text) })
}

/// A descriptor that the system has allocated.
struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    fn of_this_user() -> io::Result<Self> {
        Self::new(&descriptor::of_user(&this_user()?))
    }

    fn new(text: &str) -> io::Result<Self> {
        let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut made = Self(null_mut());
        // SAFETY: the text ends in NUL; what is made is freed when it is dropped.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut made.0,
                null_mut(),
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(made)
    }

    /// For something that is made; they point to the descriptor.
    fn attributes(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
            lpSecurityDescriptor: self.0,
            bInheritHandle: 0,
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: allocated by the system, or null, which is allowed.
        unsafe { LocalFree(self.0) };
    }
}

/// The text that the system has allocated, which is freed.
///
/// # Safety
/// It ends in NUL, was allocated with `LocalAlloc`, and is used by nobody else.
unsafe fn taken(text: *mut u16) -> String {
    // SAFETY: it ends in NUL, so all before it can be read.
    let length = (0..)
        .take_while(|at| unsafe { *text.add(*at) } != 0)
        .count();
    // SAFETY: as above.
    let copy = String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) });
    // SAFETY: nobody else uses it.
    unsafe { LocalFree(text.cast()) };
    copy
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

fn os_result(code: u32) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code.cast_signed())),
    }
}
