//! Where settings are kept on each system.

use std::path::PathBuf;

use salon_product::{FOLDER, PROGRAM};

use super::Arguments;

/// Where Windows keeps what group policy says: users may read it, and not write it.
pub(crate) const POLICY_KEY: &str = concat!("Software\\Policies\\", salon_product::name!());

/// Where macOS keeps what a configuration profile for the computer says: only the system writes it.
const POLICY_PLIST: &str = concat!(
    "/Library/Managed Preferences/",
    salon_product::id!(),
    ".plist"
);

/// The files that settings are read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The administrator's file; absent: none is looked for.
    pub policy: Option<PathBuf>,
    /// The key of the administrator's policy in Windows' registry, below `HKLM` and `HKCU`; absent: none
    /// is looked for.
    pub policy_key: Option<String>,
    /// The property list of the administrator's policy on a Mac; absent: none is looked for.
    pub policy_plist: Option<PathBuf>,
    /// The user's file; absent: the system knows no place for it.
    pub user: Option<PathBuf>,
}

impl Places {
    /// Those of a start with this command line.
    pub fn of(arguments: &Arguments) -> Self {
        match arguments.beside() {
            Some(beside) => Self {
                // The administrator's are where they always are.
                user: Some(beside.settings()),
                ..Self::of_system()
            },
            None => Self::of_system(),
        }
    }

    /// Those of this system.
    pub fn of_system() -> Self {
        Self {
            policy: Some(policy_file()),
            policy_plist: cfg!(target_os = "macos").then(|| POLICY_PLIST.into()),
            policy_key: cfg!(windows).then(|| POLICY_KEY.to_owned()),
            user: dirs::config_dir().map(|folder| folder.join(PROGRAM).join("settings.toml")),
        }
    }

    /// Where the administrator puts files of backend profiles.
    pub fn policy_profiles(&self) -> Option<PathBuf> {
        Some(self.policy.as_ref()?.parent()?.join("profiles"))
    }

    /// Where the user puts files of backend profiles.
    pub fn user_profiles(&self) -> Option<PathBuf> {
        Some(self.user.as_ref()?.parent()?.join("profiles"))
    }
}

fn policy_file() -> PathBuf {
    // Not in what is shipped: whoever sets the environment must not choose the policy.
    #[cfg(debug_assertions)]
    if let Some(file) = std::env::var_os("SALON_POLICY_FILE") {
        return PathBuf::from(file);
    }
    policy_folder().join("policy.toml")
}

#[cfg(windows)]
fn policy_folder() -> PathBuf {
    // Asked of the system, as anybody may set %ProgramData% for what they start.
    known_folders::get_known_folder_path(known_folders::KnownFolder::ProgramData)
        .unwrap_or_else(|| PathBuf::from(r"C:\ProgramData"))
        .join(FOLDER)
}

#[cfg(target_os = "macos")]
fn policy_folder() -> PathBuf {
    PathBuf::from("/Library/Application Support").join(FOLDER)
}

#[cfg(not(any(windows, target_os = "macos")))]
fn policy_folder() -> PathBuf {
    PathBuf::from("/etc").join(FOLDER)
}
