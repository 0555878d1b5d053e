//! What the page has written into the user's downloads folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use salon_base::{Code, Fault};
use tauri::ipc::{InvokeBody, Request};
use tauri::{AppHandle, Manager as _};
use url::form_urlencoded;

/// Files of one name that find another one.
const MOST_OF_A_NAME: u32 = 1_000;
/// Bytes of a name, for which every file system has room, with a number.
const LONGEST_NAME: usize = 180;
/// Bytes of a file: the largest that a chat has, and a little more for the chat itself.
const LARGEST: usize = 64 << 20;
/// What a header of the request has: `name=`, as in the query of an address.
const HEADER: &str = "file";
/// Names that Windows takes for devices, whatever the ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Writes a file that the user wants to have; the answer is its path. The body is what is in it, and the
/// header `file` says what it is called.
#[tauri::command]
pub async fn save_download(app: AppHandle, request: Request<'_>) -> Result<String, Fault> {
    let InvokeBody::Raw(contents) = request.body() else {
        return Err(Fault::new(Code::Internal, "a file has bytes"));
    };
    if contents.len() > LARGEST {
        return Err(Fault::new(Code::Internal, "the file is too large"));
    }
    let header = request.headers().get(HEADER);
    let query = header.map(|value| value.as_bytes()).unwrap_or_default();
    let name = form_urlencoded::parse(query)
        .find(|(key, _)| key == "name")
        .map(|(_, name)| plain_name(&name))
        .unwrap_or_else(|| plain_name(""));
    let failed = |error: io::Error| Fault::new(Code::Internal, error.to_string());
    let folder = folder(&app).map_err(|error| Fault::new(Code::Internal, error.to_string()))?;
    let contents = contents.clone();
    let written = move || {
        let (stem, ending) = parts(&name);
        write_new(&folder, stem, ending, &contents)
    };
    let path = tauri::async_runtime::spawn_blocking(written)
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(failed)?;
    Ok(path.display().to_string())
}

/// The user's downloads folder; not every system names one.
pub(super) fn folder(app: &AppHandle) -> tauri::Result<PathBuf> {
    let places = app.path();
    places
        .download_dir()
        .or_else(|_| places.document_dir())
        .or_else(|_| places.home_dir())
}

/// Writes a file for this user only. Nothing that is there is overwritten: with the same name, it gets a
/// number. `ending` has no dot.
pub(super) fn write_new(
    folder: &Path,
    stem: &str,
    ending: &str,
    contents: &[u8],
) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (path, mut file) = create(folder, stem, ending)?;
    if let Err(error) = file.write_all(contents) {
        // Half a file is worse than none; that it cannot be taken away changes nothing.
        let _ = fs::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

fn create(folder: &Path, stem: &str, ending: &str) -> io::Result<(PathBuf, fs::File)> {
    let dot = if ending.is_empty() { "" } else { "." };
    for count in 1..=MOST_OF_A_NAME {
        let number = match count {
            1 => String::new(),
            _ => format!("-{count}"),
        };
        let path = folder.join(format!("{stem}{number}{dot}{ending}"));
        match salon_private::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return Ok((path, opened?)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A name that somebody else gave, as the name of a file in one folder: it leads nowhere else, hides nothing,
/// and means nothing to the system.
fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut plain: String = last
        .chars()
        .filter(|letter| !letter.is_control() && !is_invisible(*letter))
        .map(|letter| {
            if ":*?\"<>|".contains(letter) {
                '_'
            } else {
                letter
            }
        })
        .collect();
    plain = plain.trim().trim_matches('.').trim().to_owned();
    if plain.len() > LONGEST_NAME {
        let (stem, ending) = parts(&plain);
        let room = LONGEST_NAME.saturating_sub(ending.len() + 1);
        plain = match ending.len() {
            1..=16 => format!("{}.{ending}", begin(stem, room)),
            _ => begin(&plain, LONGEST_NAME).to_owned(),
        };
    }
    let (stem, _) = parts(&plain);
    let stem = stem.to_lowercase();
    let device = stem.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if plain.is_empty() {
        "file".into()
    } else if DEVICES.contains(&device) {
        format!("_{plain}")
    } else {
        plain
    }
}

/// What turns text around or takes no place: with it, a name looks like another one.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// What is before the last dot, and after it.
fn parts(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, ending),
        _ => (name, ""),
    }
}

/// As many bytes of a text as are whole letters.
fn begin(text: &str, most: usize) -> &str {
    let end = text.floor_char_boundary(most.min(text.len()));
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (given, plain) in [
            ("plan.pdf", "plan.pdf"),
            ("../../.bashrc", "bashrc"),
            ("C:\\Windows\\system32\\a.dll", "a.dll"),
            ("/etc/passwd", "passwd"),
            ("", "file"),
            ("..", "file"),
            ("con.txt", "_con.txt"),
            ("LPT1", "_LPT1"),
            ("Konzert.txt", "Konzert.txt"),
            ("a:b?.png", "a_b_.png"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("line\nbreak\0.txt", "linebreak.txt"),
            ("trailing. ", "trailing"),
            ("Übung 1.tar.gz", "Übung 1.tar.gz"),
        ] {
            assert_eq!(plain_name(given), plain, "{given:?}");
        }
        let long = plain_name(&format!("{}.pdf", "é".repeat(400)));
        assert!(
            long.len() <= LONGEST_NAME && long.ends_with("é.pdf"),
            "{long}"
        );
        assert!(plain_name(&format!("a.{}", "b".repeat(400))).len() <= LONGEST_NAME);
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = folder.path().join("Downloads");
        let write = |contents: &[u8]| write_new(&downloads, "plan", "pdf", contents).unwrap();
        let (first, second) = (write(b"one"), write(b"two"));
        assert_eq!(first, downloads.join("plan.pdf"));
        assert_eq!(second, downloads.join("plan-2.pdf"));
        assert_eq!(fs::read(first).unwrap(), b"one");
        assert_eq!(fs::read(second).unwrap(), b"two");
        let bare = write_new(&downloads, "README", "", b"").unwrap();
        assert_eq!(bare, downloads.join("README"));
    }

    #[test]
    fn where_there_is_no_folder_it_fails() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(write_new(&file, "plan", "pdf", b"").is_err());
    }
}
