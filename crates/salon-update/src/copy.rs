//! Who keeps this copy up to date.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The copy of the app that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstalledCopy {
    /// One file, which nobody but the app itself replaces.
    AppImage(PathBuf),
    /// Installed by a package manager, an installer or by hand: whoever did so updates it.
    OfSystem,
}

impl InstalledCopy {
    /// What a program at `program` is part of, by the variables `APPIMAGE` (the file) and `APPDIR` (where
    /// its content is) of the AppImage's runtime. Programs that were started from another AppImage
    /// inherit that one's: only what lies in `APPDIR` is meant.
    pub fn of(program: &Path, appimage: Option<OsString>, appdir: Option<OsString>) -> Self {
        let (Some(appimage), Some(appdir)) = (appimage, appdir) else {
            return Self::OfSystem;
        };
        let inside = std::path::absolute(appdir).is_ok_and(|folder| {
            // "/" or nothing would hold any program.
            folder.parent().is_some() && program.starts_with(folder)
        });
        // Not the link that it was started by: that stays.
        match std::fs::canonicalize(PathBuf::from(appimage)) {
            Ok(file) if inside && file.is_file() => Self::AppImage(file),
            _ => Self::OfSystem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_started_from_another_appimage_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let file = root.join("Salon.AppImage");
        std::fs::write(&file, "old").unwrap();
        let of = |program: &str, appdir: Option<&str>| {
            InstalledCopy::of(
                &root.join(program),
                Some(file.clone().into()),
                appdir.map(|folder| root.join(folder).into()),
            )
        };
        assert_eq!(
            of("mount/usr/bin/salon", Some("mount")),
            InstalledCopy::AppImage(file.clone())
        );
        assert_eq!(of("usr/bin/salon", Some("mount")), InstalledCopy::OfSystem);
        assert_eq!(of("mount2/salon", Some("mount")), InstalledCopy::OfSystem);
        assert_eq!(of("usr/bin/salon", Some("/")), InstalledCopy::OfSystem);
        assert_eq!(of("usr/bin/salon", None), InstalledCopy::OfSystem);
        // In the system that it brings along (`./x package-appimage`) the content is /usr.
        assert_eq!(
            of("/usr/bin/salon", Some("/usr")),
            InstalledCopy::AppImage(file.clone())
        );
        std::fs::remove_file(&file).unwrap();
        assert_eq!(
            of("mount/usr/bin/salon", Some("mount")),
            InstalledCopy::OfSystem
        );
    }
}
