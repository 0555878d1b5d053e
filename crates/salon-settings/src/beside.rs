//! Running beside another Salon: a second account on one computer, and the two people of the demo.
//! `docs/decisions/beside.md` says what such a Salon has of its own.

use std::io;
use std::path::{Path, PathBuf};

use salon_product::NAME;

/// The folder of a Salon that runs beside others. Its last part says whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside(PathBuf);

impl Beside {
    /// In this folder, a whole path. Nothing is made yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes the folder, for the user only: the log and the webview's data follow into it.
    ///
    /// # Errors
    /// If it cannot be made, or was made by somebody else: what lies in it decides where the user
    /// signs in, and what is put there is for nobody else.
    pub fn make(&self) -> io::Result<()> {
        salon_private::make_folder(&self.0)?;
        salon_private::is_own(&self.0)?;
        // The one that does not look after its own permissions.
        salon_private::make_folder(&self.webview())
    }

    /// The user's file of settings.
    pub fn settings(&self) -> PathBuf {
        self.0.join("settings.toml")
    }

    /// The file with past meetings.
    pub fn history(&self) -> PathBuf {
        self.0.join("history.sqlite3")
    }

    /// The folder of what else it remembers.
    pub fn data(&self) -> PathBuf {
        self.0.clone()
    }

    /// The folder of log files.
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// The folder of what the page remembers.
    pub fn webview(&self) -> PathBuf {
        self.0.join("webview")
    }

    /// The folder that the tray's icon is read from.
    pub fn tray(&self) -> PathBuf {
        self.0.join("tray")
    }

    /// The window's title: the windows have to be told apart.
    pub fn title(&self) -> String {
        match self.0.file_name().map(Path::new) {
            Some(name) => format!("{NAME} – {}", name.display()),
            None => NAME.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{Arguments, Places, Settings, Sources};

    fn arguments(words: &[&str]) -> Arguments {
        Arguments::try_parse_from(std::iter::once(&"salon").chain(words)).unwrap()
    }

    #[test]
    fn only_a_usual_start_gives_way_to_the_one_that_runs() {
        let single = |words| Settings::from(arguments(words)).is_single();
        assert!(single(&[]));
        assert!(single(&["salon://join?room=tea"]));
        assert!(!single(&["guest", "--dev", "--room", "tea"]));
        assert!(!single(&["--beside", "/tmp/Bruno"]));
        assert!(!single(&["salon://join?room=tea", "--beside", "Bruno"]));
    }

    #[test]
    fn settings_are_read_and_written_in_the_folder_and_the_policy_stays() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("Bruno");
        let beside = Beside::new(own.clone());
        beside.make().unwrap();
        std::fs::write(own.join("settings.toml"), "name = 'Bruno'\n").unwrap();
        let arguments = arguments(&["--beside", own.to_str().unwrap()]);
        let sources = Sources {
            places: Places::of(&arguments),
            arguments,
            ..Sources::default()
        };
        assert_eq!(sources.places.user, Some(beside.settings()));
        assert_eq!(sources.places.policy, Places::of_system().policy);
        assert_eq!(sources.places.user_profiles(), Some(own.join("profiles")));
        let settings = Settings::load(&sources);
        assert_eq!(settings.name.as_deref(), Some("Bruno"));
        assert_eq!(settings.beside, Some(beside));
        assert_eq!(Places::of(&Arguments::default()), Places::of_system());
    }

    #[test]
    fn everything_lies_in_the_folder() {
        let folder = std::path::absolute("Bruno").unwrap();
        let settings = Settings::from(arguments(&["--beside", "Bruno"]));
        let beside = settings.beside.unwrap();
        for path in [
            beside.history(),
            beside.logs(),
            beside.webview(),
            beside.tray(),
        ] {
            assert_eq!(path.parent(), Some(folder.as_path()));
        }
        assert_eq!(beside.title(), format!("{NAME} – Bruno"));
        assert_eq!(Beside::new("/".into()).title(), NAME);
        assert!(Arguments::try_parse_from(["salon", "--beside", ""]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_the_users_only() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("of").join("Bruno");
        let beside = Beside::new(own.clone());
        beside.make().unwrap();
        beside.make().unwrap();
        let mode = std::fs::metadata(own).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_of_somebody_else_is_refused_and_nothing_is_left_in_it() {
        use std::os::unix::fs::PermissionsExt;

        let root = tempfile::tempdir().unwrap();
        let refused = |folder: &Path| Beside::new(folder.to_owned()).make().unwrap_err().kind();
        let open = root.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, PermissionsExt::from_mode(0o777)).unwrap();
        assert_eq!(refused(&open), io::ErrorKind::PermissionDenied);
        assert_eq!(std::fs::read_dir(&open).unwrap().count(), 0);
        // One that another user has made first; only root can make such.
        let others = root.path().join("others");
        std::fs::create_dir(&others).unwrap();
        let somebody = Some(rustix::process::geteuid().as_raw() + 1);
        if std::os::unix::fs::chown(&others, somebody, None).is_ok() {
            assert_eq!(refused(&others), io::ErrorKind::PermissionDenied);
            assert_eq!(std::fs::read_dir(&others).unwrap().count(), 0);
            let (mine, link) = (root.path().join("mine"), root.path().join("link"));
            std::fs::create_dir(&mine).unwrap();
            std::os::unix::fs::symlink(&mine, &link).unwrap();
            std::os::unix::fs::lchown(&link, somebody, None).unwrap();
            assert_eq!(refused(&link), io::ErrorKind::PermissionDenied);
        } else {
            // Nobody else's folder can be had, but the system's.
            assert_eq!(refused(Path::new("/")), io::ErrorKind::PermissionDenied);
        }
    }
}
