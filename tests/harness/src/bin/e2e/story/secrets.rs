//! Where the tokens of a user are not.

use std::path::Path;

use anyhow::Result;
use salon_harness::product::Site;
use salon_harness::report::Report;
use salon_harness::usage::read_all;
use salon_harness::world::World;
use salon_memory as memory;
use serde_json::json;

use super::acts::Story;

impl<S: Site> Story<S> {
    /// The requester's tokens went from the backend to the app; none has been near the page. `known`
    /// are more of them, and `least` as many there have to be.
    pub(crate) fn secrets(
        &self,
        world: &World,
        known: &[String],
        least: usize,
        report: &mut Report,
    ) -> Result<()> {
        let name = self.name;
        let mut tokens = self.site.tokens();
        tokens.retain(|token| !is_media_token(token));
        tokens.extend(known.iter().cloned());
        tokens.sort();
        tokens.dedup();
        report.check(
            &format!("{name}: the tokens are known to the test"),
            tokens.len() >= least,
            json!(tokens.len()),
        );
        let mut seen = 0;
        for program in ["WebKitWebProces", "WebKitNetworkPr"] {
            let id = self.amina.app.driver.id();
            for found in read_all(id, program, |process| memory::search(process, &tokens))? {
                seen += 1;
                let found = found.len();
                report.check(
                    &format!("{name}: none is in the memory of {program}"),
                    found == 0,
                    json!(found),
                );
            }
        }
        report.check(
            &format!("{name}: the page's processes were read"),
            seen >= 2,
            json!(seen),
        );
        let logs = world.app_logs()?;
        let logged = tokens.iter().filter(|token| logs.contains(*token)).count();
        let check = format!("{name}: none is in a log");
        report.check(&check, logged == 0, json!(logged));
        let mut files = Vec::new();
        let secrets: Vec<&[u8]> = tokens.iter().map(|token| token.as_bytes()).collect();
        search_files(world.folder(), &secrets, &mut files)?;
        let check = format!("{name}: none is in a file");
        report.check(&check, files.is_empty(), json!(files));
        Ok(())
    }
}

/// Whether it is for LiveKit: the page needs these to join.
pub(crate) fn is_media_token(token: &str) -> bool {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).and_then(|part| {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(part)
            .ok()
    });
    claims.is_some_and(|claims| memory::contains(&claims, b"\"video\""))
}

fn search_files(folder: &Path, words: &[&[u8]], found: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            search_files(&entry.path(), words, found)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(entry.path())?;
            if words.iter().any(|word| memory::contains(&bytes, word)) {
                found.push(entry.path().display().to_string());
            }
        }
    }
    Ok(())
}
