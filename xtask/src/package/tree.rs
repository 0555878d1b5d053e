//! A folder with what a package brings, as it will lie on a system.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Owned while packages are made from it.
#[derive(Debug)]
pub(crate) struct Tree(PathBuf);

impl Tree {
    /// An empty one.
    ///
    /// # Errors
    /// If the folder cannot be emptied.
    pub(crate) fn new(folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        Ok(Self(folder))
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Where a file of it lies.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Puts a file into it, for everybody to read.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn put(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let file = self.place(path)?;
        fs::write(&file, content)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        self.mode(path, 0o644)
    }

    /// Sets who may do what with a file, whatever the mask of whoever packages.
    ///
    /// # Errors
    /// If there is no such file.
    pub(crate) fn mode(&self, path: &str, mode: u32) -> Result<()> {
        Ok(fs::set_permissions(
            self.at(path),
            fs::Permissions::from_mode(mode),
        )?)
    }

    /// The same, packed, without the time and the name that gzip would note.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn put_packed(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let packed = Command::new("gzip")
            .args(["-9", "--no-name"])
            .stdin(of_content(content.as_ref())?)
            .output()
            .context("no gzip")?;
        if !packed.status.success() {
            bail!("gzip failed");
        }
        self.put(path, packed.stdout)
    }

    /// Puts a program into it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn put_program(&self, path: &str, program: &Path) -> Result<()> {
        let file = self.place(path)?;
        fs::copy(program, &file).with_context(|| format!("no {}", program.display()))?;
        self.mode(path, 0o755)
    }

    /// Puts a link into it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn link(&self, path: &str, target: &str) -> Result<()> {
        Ok(std::os::unix::fs::symlink(target, self.place(path)?)?)
    }

    /// Copies all of another.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub(crate) fn add(&self, other: &Self) -> Result<()> {
        for path in other.files()? {
            let file = self.place(&path)?;
            fs::copy(other.at(&path), file)?;
        }
        Ok(())
    }

    /// Its files and links, in order, from its root.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else {
                    let path = entry.path();
                    let path = path
                        .strip_prefix(&self.0)?
                        .to_str()
                        .context("a name that is no text")?;
                    files.push(path.to_owned());
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// Bytes of its files.
    ///
    /// # Errors
    /// If one cannot be looked at.
    pub(crate) fn bytes(&self) -> Result<u64> {
        let sizes = self
            .files()?
            .into_iter()
            .map(|path| Ok(fs::symlink_metadata(self.at(&path))?.len()));
        sizes.sum()
    }

    /// A file's place, whose folders are made.
    fn place(&self, path: &str) -> Result<PathBuf> {
        let file = self.at(path);
        let mut folder = self.0.clone();
        for part in Path::new(path).parent().into_iter().flatten() {
            folder.push(part);
            if !folder.is_dir() {
                fs::create_dir(&folder)?;
                // Whatever the mask of whoever packages.
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
            }
        }
        Ok(file)
    }
}

/// A file without a name that has this content, to be read from its beginning.
fn of_content(content: &[u8]) -> Result<Stdio> {
    use std::io::{Seek as _, Write as _};

    let mut file = tempfile::tempfile()?;
    file.write_all(content)?;
    file.rewind()?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_there_for_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::new(folder.path().join("tree")).unwrap();
        tree.put("usr/share/a", "one").unwrap();
        tree.put_packed("usr/share/doc/b.gz", "two").unwrap();
        tree.put_program("usr/bin/c", Path::new("/bin/true"))
            .unwrap();
        tree.link("usr/bin/d", "c").unwrap();
        assert_eq!(
            tree.files().unwrap(),
            [
                "usr/bin/c",
                "usr/bin/d",
                "usr/share/a",
                "usr/share/doc/b.gz"
            ]
        );
        let mode = |path: &str| fs::metadata(tree.at(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode("usr"), mode("usr/share/a"), mode("usr/bin/c")),
            (0o755, 0o644, 0o755)
        );
        let again = Tree::new(folder.path().join("again")).unwrap();
        again.put_packed("b.gz", "two").unwrap();
        let read = |tree: &Tree, path: &str| fs::read(tree.at(path)).unwrap();
        assert_eq!(read(&again, "b.gz"), read(&tree, "usr/share/doc/b.gz"));
        assert!(
            Tree::new(folder.path().join("tree"))
                .unwrap()
                .files()
                .unwrap()
                .is_empty()
        );
    }
}
