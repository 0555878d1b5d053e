//! How old what a channel offers may be. A signature does not age: who controls a server or the way to it could
//! show an old offer again, or the same one for ever, and so keep newer versions away.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use salon_base::{Code, Fault};

/// An offer is signed anew at least so often, also where there is no new version.
const FRESH: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Clocks differ by less.
const CLOCKS: SignedDuration = SignedDuration::from_hours(24);
/// Bytes; a line for each channel.
const LONGEST: u64 = 4096;

/// When the latest offer of each channel was signed that this user's copies have seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    file: Option<PathBuf>,
    /// Of this process, should the file not be kept.
    latest: BTreeMap<String, Timestamp>,
}

impl Seen {
    /// Kept in this file, which is made when it is needed; without one, until this process ends.
    pub fn at(file: Option<PathBuf>) -> Self {
        Self {
            file,
            latest: BTreeMap::new(),
        }
    }

    /// Takes note of an offer, unless one that was signed later has been seen.
    ///
    /// # Errors
    /// [`Code::UpdateOutOfDate`] if so; [`Code::UpdateNotTrusted`] if it was signed in the future, which would let no
    /// other in for so long.
    pub(crate) async fn take_note(
        &mut self,
        channel: &str,
        signed: Timestamp,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let (mut noting, channel) = (self.clone(), channel.to_owned());
        let noted = tokio::task::spawn_blocking(move || {
            let noted = noting.note(channel, signed, now);
            (noting, noted)
        });
        let (noting, noted) = noted
            .await
            .map_err(|error| Fault::new(Code::Internal, error.to_string()))?;
        *self = noting;
        noted
    }

    fn note(&mut self, channel: String, signed: Timestamp, now: Timestamp) -> Result<(), Fault> {
        let from_now = signed.duration_since(now);
        if from_now > CLOCKS {
            let why = format!("it was signed in the future ({signed})");
            return Err(Fault::new(Code::UpdateNotTrusted, why));
        }
        // Another process may have seen more.
        if let Some(file) = &self.file {
            for (channel, signed) in read(file) {
                let latest = self.latest.entry(channel).or_insert(signed);
                *latest = signed.max(*latest);
            }
        }
        let latest = self.latest.get(&channel).copied();
        match latest {
            Some(latest) if signed < latest => {
                let why = format!("it was signed {signed}, and one that was seen {latest}");
                return Err(Fault::new(Code::UpdateOutOfDate, why));
            }
            Some(latest) if signed == latest => return Ok(()),
            _ => {}
        }
        self.latest.insert(channel, signed);
        if let Some(file) = &self.file
            && let Err(error) = write(file, &self.latest)
        {
            tracing::warn!(%error, "which offers were seen is forgotten at the end");
        }
        Ok(())
    }
}

/// Whether an offer is so old that whoever shows it keeps newer ones away, or has forgotten to sign it anew.
///
/// # Errors
/// [`Code::UpdateOutOfDate`] if so.
pub(crate) fn is_fresh(signed: Timestamp, now: Timestamp) -> Result<(), Fault> {
    if now.duration_since(signed) <= FRESH {
        return Ok(());
    }
    let days = FRESH.as_hours() / 24;
    let why = format!("it was signed {signed}, over {days} days ago");
    Err(Fault::new(Code::UpdateOutOfDate, why))
}

/// What is kept; nothing, if it cannot be read.
fn read(file: &Path) -> BTreeMap<String, Timestamp> {
    let read = || -> io::Result<BTreeMap<String, Timestamp>> {
        let mut text = Vec::new();
        std::fs::File::open(file)?
            .take(LONGEST)
            .read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    };
    read().unwrap_or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            tracing::warn!(%error, "which offers were seen is not known");
        }
        BTreeMap::new()
    })
}

/// All of it, or what was there before.
fn write(file: &Path, latest: &BTreeMap<String, Timestamp>) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
    salon_private::make_folder(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(&serde_json::to_vec(latest)?)?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn an_offer_that_was_signed_before_one_that_was_seen_is_refused_by_later_processes_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("of").join("offers.json");
        let (first, second) = (at("2026-11-01T00:00:00Z"), at("2026-11-02T00:00:00Z"));
        let now = at("2026-11-03T00:00:00Z");
        let mut seen = Seen::at(Some(file.clone()));
        seen.take_note("stable", second, now).await.unwrap();
        // The same again is what is seen each day.
        seen.take_note("stable", second, now).await.unwrap();
        for mut seen in [seen, Seen::at(Some(file.clone()))] {
            let refused = seen.take_note("stable", first, now).await.unwrap_err();
            assert_eq!(refused.code, Code::UpdateOutOfDate);
        }
        // Each channel has its own time, and those of the others stay known.
        let mut seen = Seen::at(Some(file.clone()));
        seen.take_note("beta", first, now).await.unwrap();
        let mut seen = Seen::at(Some(file));
        assert!(seen.take_note("stable", first, now).await.is_err());
    }

    #[tokio::test]
    async fn an_offer_from_the_future_locks_nobody_out() {
        let mut seen = Seen::at(None);
        let now = at("2026-11-03T00:00:00Z");
        let refused = seen
            .take_note("stable", at("2126-11-03T00:00:00Z"), now)
            .await;
        assert_eq!(refused.unwrap_err().code, Code::UpdateNotTrusted);
        // A clock that is a little behind.
        let soon = at("2026-11-03T23:00:00Z");
        seen.take_note("stable", soon, now).await.unwrap();
        assert!(seen.take_note("stable", now, now).await.is_err());
    }

    #[tokio::test]
    async fn what_was_kept_and_is_damaged_keeps_nobody_from_new_versions() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("offers.json");
        std::fs::write(&file, "{\"stable\": 7").unwrap();
        let (earlier, now) = (at("2026-11-02T00:00:00Z"), at("2026-11-03T00:00:00Z"));
        let mut seen = Seen::at(Some(file.clone()));
        seen.take_note("stable", now, now).await.unwrap();
        let mut seen = Seen::at(Some(file));
        assert!(seen.take_note("stable", earlier, now).await.is_err());
    }

    #[test]
    fn an_offer_is_out_of_date_after_thirty_days() {
        let signed = at("2026-11-01T00:00:00Z");
        is_fresh(signed, at("2026-12-01T00:00:00Z")).unwrap();
        let refused = is_fresh(signed, at("2026-12-01T00:00:01Z")).unwrap_err();
        assert_eq!(refused.code, Code::UpdateOutOfDate);
    }
}
