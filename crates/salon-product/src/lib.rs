//! What this build is called, and looks like: from the brand's file that it was made with
//! (`SALON_BRAND`, docs/brands.md). Nothing else in the program says Salon's name, folders, scheme or id,
//! so that two products which ship it do not get into each other's way.
//!
//! It may depend on nothing but the file's format. It must never know who asks.
//!
//! Each word is a macro, too (`name!()`, `program!()`, `id!()`, `scheme!()`), for `concat!`.

#![forbid(unsafe_code)]

mod product {
    include!(env!("SALON_PRODUCT"));
}

/// As people read it.
pub const NAME: &str = name!();
/// The program, as it is typed.
pub const PROGRAM: &str = program!();
/// By which desktops, the session bus and keyrings know it.
pub const ID: &str = id!();
/// What its links begin with.
pub const SCHEME: &str = scheme!();
/// What folders with its files are called on this system.
pub const FOLDER: &str = if cfg!(any(target_os = "windows", target_os = "macos")) {
    NAME
} else {
    PROGRAM
};
/// Its picture, SVG.
pub const ICON: &str = product::ICON;
/// The same, PNG of 128 by 128 pixels.
pub const ICON_PNG: &[u8] = product::ICON_PNG;
/// The text of the backend profile that it comes with, TOML; absent: it has none of its own.
pub const PROFILE: Option<&str> = product::PROFILE;
/// Its accent, as a style sheet that comes after the page's own; absent: the page's own.
pub const COLOURS: Option<&str> = product::COLOURS;
