//! What is settled before WebView2 begins on Windows: which runtime it is, and that there is one.

use std::path::{Path, PathBuf};

/// The folder beside the program with a runtime of a fixed version, for computers that cannot fetch one.
const FOLDER: &str = "WebView2";
/// What such a folder begins with.
const PROGRAM: &str = "msedgewebview2.exe";
/// The loader's own variable.
#[cfg(windows)]
pub(crate) const VARIABLE: &str = "WEBVIEW2_BROWSER_EXECUTABLE_FOLDER";

/// The runtime beside this program, if one was put there. It counts more than the system's.
#[cfg(windows)]
pub(crate) fn of_program() -> Option<PathBuf> {
    of_folder(std::env::current_exe().ok()?.parent()?)
}

/// # Errors
/// [`WebviewMissing`](salon_base::Code::WebviewMissing) if there is no runtime.
#[cfg(windows)]
pub(crate) fn begin() -> Result<(), salon_base::Fault> {
    match tauri::webview_version() {
        Ok(version) => {
            tracing::info!(version, "WebView2");
            Ok(())
        }
        Err(error) => {
            let code = salon_base::Code::WebviewMissing;
            Err(salon_base::Fault::new(code, error.to_string()))
        }
    }
}

fn of_folder(folder: &Path) -> Option<PathBuf> {
    let runtime = folder.join(FOLDER);
    runtime.join(PROGRAM).is_file().then_some(runtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_beside_the_program_is_found_and_an_empty_folder_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_folder(folder.path()), None);
        let runtime = folder.path().join("WebView2");
        std::fs::create_dir(&runtime).unwrap();
        assert_eq!(of_folder(folder.path()), None);
        std::fs::write(runtime.join("msedgewebview2.exe"), "").unwrap();
        assert_eq!(of_folder(folder.path()), Some(runtime));
    }
}
