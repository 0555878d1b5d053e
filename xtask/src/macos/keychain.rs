//! A keychain for one signature: it has a key of the environment, and is taken away again.
//!
//! `security` takes secrets as arguments only, which every program on the computer may read; but it reads such lines
//! from its standard input as well (`-i`).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::system::Tools;
use crate::process::{output, run, succeeds};

/// What Apple's notary takes a signature of, among the identities of a developer.
const KIND: &str = "Developer ID Application";

/// A keychain in a folder that nobody else reads, until it is dropped.
#[derive(Debug)]
pub(super) struct Keychain<'a> {
    tools: &'a Tools,
    file: PathBuf,
}

impl<'a> Keychain<'a> {
    /// With a key in PKCS#12 and what that is locked with; `codesign` finds it there.
    ///
    /// # Errors
    /// If `security` makes none, or finds no key to sign with.
    pub(super) fn with(
        tools: &'a Tools,
        folder: &Path,
        key: &[u8],
        passphrase: &str,
    ) -> Result<Self> {
        let packed = folder.join("key.p12");
        fs::write(&packed, key)?;
        let keychain = Self {
            tools,
            file: folder.join("salon.keychain-db"),
        };
        let mut lock = [0; 24];
        getrandom::fill(&mut lock).context("no random bytes")?;
        let lock = STANDARD.encode(lock);
        let file = text(&keychain.file)?;
        for words in [
            &["create-keychain", "-p", &lock, file][..],
            // It does not lock itself while Apple is waited for.
            &["set-keychain-settings", file],
            &["unlock-keychain", "-p", &lock, file],
            &[
                "import",
                text(&packed)?,
                "-k",
                file,
                "-f",
                "pkcs12",
                "-P",
                passphrase,
                "-T",
                "/usr/bin/codesign",
            ],
            // Nobody is there to be asked whether `codesign` may.
            &[
                "set-key-partition-list",
                "-S",
                "apple-tool:,apple:",
                "-s",
                "-k",
                &lock,
                file,
            ],
        ] {
            keychain.ask(words)?;
        }
        keychain.is_looked_into()?;
        Ok(keychain)
    }

    /// Beside those of the user, until it is deleted.
    fn is_looked_into(&self) -> Result<()> {
        let mut list = self.security(&["list-keychains", "-d", "user"]);
        let others = output(&mut list).context("security lists no keychains")?;
        let mut add = self.security(&["list-keychains", "-d", "user", "-s"]);
        run(add.arg(&self.file).args(quoted(&others)))
    }

    /// By which `codesign` knows the key.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn identity(&self) -> Result<String> {
        let mut find = self.security(&["find-identity", "-v", "-p", "codesigning"]);
        let found = output(find.arg(&self.file)).unwrap_or_default();
        let identity = identity(&found);
        identity.with_context(|| format!("there is no {KIND:?} that is valid, but {found:?}"))
    }

    fn security(&self, words: &[&str]) -> Command {
        let mut security = self.tools.command("security");
        security.args(words);
        security
    }

    /// Has `security` do something with a secret.
    fn ask(&self, words: &[&str]) -> Result<()> {
        let mut security = self.security(&["-i"]);
        let piped = security.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut asked = piped.stderr(Stdio::piped()).spawn()?;
        let mut input = asked.stdin.take().context("no input")?;
        let written = input.write_all(line(words)?.as_bytes());
        drop(input);
        let answer = asked.wait_with_output()?;
        if !answer.status.success() {
            let why = String::from_utf8_lossy(&answer.stderr);
            bail!("security {} failed: {}", words[0], why.trim());
        }
        Ok(written?)
    }
}

impl Drop for Keychain<'_> {
    fn drop(&mut self) {
        // From the list of the user's, too.
        if !succeeds(self.security(&["delete-keychain"]).arg(&self.file)) {
            eprintln!("{} was not deleted", self.file.display());
        }
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a folder's name is no UTF-8")
}

/// A line that `security -i` takes for these words.
fn line(words: &[&str]) -> Result<String> {
    let mut line = String::new();
    for word in words {
        if word.contains(['\n', '\r', '\0']) {
            bail!("a secret for security has one line");
        }
        let word = word.replace('\\', "\\\\").replace('"', "\\\"");
        line += &format!("\"{word}\" ");
    }
    Ok(line + "\n")
}

/// What stands between quotation marks, one in a line.
fn quoted(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(|line| line.trim().trim_matches('"'))
}

/// The first of what `security find-identity` prints, such as `1) 0123… "Developer ID Application: Name (TEAM)"`.
fn identity(found: &str) -> Option<String> {
    let line = found.lines().find(|line| line.contains(KIND))?;
    let hash = line.split_whitespace().nth(1)?;
    let is_one = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| hash.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_handed_over_whatever_stands_in_them() {
        assert_eq!(
            line(&["import", r#"a "b" \c'"#]).unwrap(),
            "\"import\" \"a \\\"b\\\" \\\\c'\" \n"
        );
        assert!(line(&["import", "two\nlines"]).is_err());
    }

    #[test]
    fn the_identity_is_that_of_a_developer() {
        let hash = "0123456789ABCDEF0123456789ABCDEF01234567";
        let other = "89ABCDEF0123456789ABCDEF0123456789ABCDEF";
        let found = format!(
            "  1) {other} \"Apple Development: Nobody (T)\"\n  \
             2) {hash} \"Developer ID Application: Nobody (T)\"\n     2 valid identities found\n"
        );
        assert_eq!(identity(&found).as_deref(), Some(hash));
        assert_eq!(identity("     0 valid identities found\n"), None);
        assert_eq!(identity("Developer ID Application"), None);
    }
}
