use std::fs;
use std::io::Write as _;

use super::*;

/// Whether anybody else may do anything with a file or folder.
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o077 != 0
}

/// Whether anybody else may do anything with a file or folder.
#[cfg(windows)]
fn is_open(path: &Path) -> bool {
    descriptor::is_open(&windows::descriptor_of(path).unwrap(), false)
}

/// As something is that others may read and write.
#[cfg(unix)]
fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
}

/// As something is that others may read and write.
#[cfg(windows)]
fn open_to_all(path: &Path) {
    windows::open_to_all(path).unwrap();
}

#[test]
fn nobody_else_gets_into_a_folder_that_is_made_nor_into_one_above_it() {
    let root = tempfile::tempdir().unwrap();
    let above = root.path().join("of");
    let folder = above.join("Bruno");
    make_folder(&folder).unwrap();
    make_folder(&folder).unwrap();
    assert!(folder.is_dir());
    assert!(!is_open(&folder) && !is_open(&above));
    is_own(&folder).unwrap();
}

#[test]
fn nobody_else_reads_a_file_that_is_made() {
    let root = tempfile::tempdir().unwrap();
    let (log, export) = (root.path().join("log"), root.path().join("export"));
    for line in ["a\n", "b\n"] {
        append(&log).unwrap().write_all(line.as_bytes()).unwrap();
    }
    assert_eq!(fs::read_to_string(&log).unwrap(), "a\nb\n");
    create_new(&export).unwrap().write_all(b"c").unwrap();
    let again = create_new(&export).unwrap_err();
    assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    assert!(!is_open(&log) && !is_open(&export));
}

#[test]
fn what_earlier_versions_left_open_is_closed() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("old");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("log");
    fs::write(&file, "old").unwrap();
    for path in [&folder, &file] {
        open_to_all(path);
        assert!(is_open(path));
        close_to_others(path).unwrap();
        assert!(!is_open(path), "{}", path.display());
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
}

#[test]
fn a_folder_that_everybody_writes_into_is_nobodys_own() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("open");
    make_folder(&folder).unwrap();
    open_to_all(&folder);
    let refused = is_own(&folder).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    assert!(is_own(&root.path().join("nowhere")).is_err());
}
