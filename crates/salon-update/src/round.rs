//! Looking for a new version and installing it, as long as the app runs.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use salon_base::{Code, Fault};
use semver::Version;
use tokio::sync::watch;

use crate::calls::Calls;
use crate::copy::InstalledCopy;
use crate::decide::{Policy, Verdict, judge};
use crate::fetch::Source;
use crate::manifest::TARGET;
use crate::place::Identity;
use crate::seen::{Seen, is_fresh};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What came of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is nothing newer.
    Current,
    /// There is, and the settings say that it is taken later.
    NotBefore(Timestamp),
    /// It is in the place of the old one, and runs from the next start.
    Installed(Version),
    /// Somebody else has put another file there since this version began: which version that is, is not
    /// known before it is started.
    Replaced,
}

/// Keeps one file up to date.
#[derive(Debug)]
pub struct Updater {
    source: Source,
    calls: Calls,
    seen: Seen,
    place: PathBuf,
    /// The one that runs, or the one that has been put in its place since.
    installed: Version,
    /// The file that has this version.
    file: Identity,
}

impl Updater {
    /// For a copy of this version; `calls` tells of those of other processes, `seen` of offers before.
    ///
    /// # Errors
    /// [`Code::UpdateBySystem`] if somebody else keeps it up to date.
    pub fn new(
        copy: InstalledCopy,
        installed: Version,
        source: Source,
        calls: Calls,
        seen: Seen,
    ) -> Result<Self, Fault> {
        match copy {
            InstalledCopy::AppImage(place) => Ok(Self {
                source,
                calls,
                seen,
                file: Identity::of(&place),
                place,
                installed,
            }),
            InstalledCopy::OfSystem => Err(Code::UpdateBySystem.into()),
        }
    }

    /// Looks once, and installs what is newer. Given up at any point, the old version is still there.
    ///
    /// # Errors
    /// What the policy says, if it refuses; [`Code::UpdateInCall`] if somebody is in a call, or one begins before
    /// it is done; [`Code::UpdateOlder`] if an older version is offered; [`Code::UpdateOutOfDate`] if the offer was signed
    /// before one that was seen, or has nothing that is taken now and is old; those of [`Source::offer`], [`Source::fetch`] and [`crate::Fetched::put_in_place`].
    pub async fn look(&mut self, policy: &Policy, now: Timestamp) -> Result<Outcome, Fault> {
        if let Some(fault) = &policy.refused {
            return Err(fault.clone());
        }
        let Some(folder) = &policy.folder else {
            return Err(Code::UpdateOff.into());
        };
        self.calls.none().await?;
        if self.is_replaced().await? {
            return Ok(Outcome::Replaced);
        }
        let offer = self.source.offer(folder, &policy.channel).await?;
        let (channel, signed) = (&policy.channel, offer.signed);
        self.seen.take_note(channel, signed, now).await?;
        match judge(&offer, &self.installed, TARGET, policy, now) {
            Verdict::Current => is_fresh(signed, now).map(|()| Outcome::Current),
            Verdict::NotBefore(from) => {
                // Who shows the same for ever would keep from it what came after, too.
                is_fresh(signed, now).map_err(|fault| {
                    let why = format!("{}; what it has is taken from {from}", fault.detail);
                    Fault::new(fault.code, why)
                })?;
                Ok(Outcome::NotBefore(from))
            }
            Verdict::Older => {
                let detail = format!("{} after {}", offer.newest.version, self.installed);
                Err(Fault::new(Code::UpdateOlder, detail))
            }
            Verdict::Take(version, artifact) => {
                let (place, calls) = (&self.place, &self.calls);
                let fetched = self.source.fetch(folder, &artifact, place, calls).await?;
                // That took its time.
                if self.is_replaced().await? {
                    return Ok(Outcome::Replaced);
                }
                self.calls.none().await?;
                fetched.put_in_place().await?;
                self.file = Identity::of(&self.place);
                self.installed = version.clone();
                Ok(Outcome::Installed(version))
            }
        }
    }

    async fn is_replaced(&self) -> Result<bool, Fault> {
        Ok(self.file != Identity::swept(self.place.clone()).await?)
    }

    /// Looks at the start, daily, and when the settings change, but never during a call: one that begins
    /// gets the line and the processor for itself. Ends with the app. `read_again` sees to it that `policy` is
    /// what the settings say at that moment.
    pub async fn keep(
        mut self,
        read_again: impl Fn(),
        mut policy: watch::Receiver<Policy>,
        mut in_call: watch::Receiver<bool>,
        mut told: impl FnMut(&Version),
    ) {
        loop {
            if in_call.wait_for(|in_call| !in_call).await.is_err() {
                return;
            }
            read_again();
            let wanted = policy.borrow_and_update().clone();
            let now = Timestamp::now();
            let looked = tokio::select! {
                biased;
                _ = in_call.wait_for(|in_call| *in_call) => {
                    tracing::info!("a call begins: updates wait");
                    continue;
                }
                changed = policy.changed() => {
                    if changed.is_err() { return }
                    // What it was doing may not be wanted any more.
                    continue;
                }
                looked = self.look(&wanted, now) => looked,
            };
            let next = next_look(now, &looked);
            match looked {
                Ok(Outcome::Installed(version)) => {
                    tracing::info!(%version, "a new version is installed");
                    told(&version);
                }
                Ok(outcome) => tracing::debug!(?outcome, "updates"),
                Err(fault) if fault.code == Code::UpdateOff => {}
                Err(fault) if fault.code == Code::UpdateInCall => {
                    tracing::info!("another Salon is in a call: updates wait");
                    tokio::select! {
                        changed = policy.changed() => if changed.is_err() { return },
                        () = self.calls.over() => {}
                    }
                    continue;
                }
                Err(fault) => tracing::warn!(%fault, "updates"),
            }
            tokio::select! {
                changed = policy.changed() => if changed.is_err() { return },
                () = until(next) => {}
            }
        }
    }
}

/// When to look again, if nothing happens meanwhile: in a day, when an offer is ripe, or in an hour if
/// nobody was reached, as at a start before the network is there.
fn next_look(now: Timestamp, looked: &Result<Outcome, Fault>) -> Timestamp {
    let after = |pause| now.checked_add(pause).unwrap_or(Timestamp::MAX);
    match looked {
        Ok(Outcome::NotBefore(from)) => after(DAY).min(*from),
        Err(fault) if fault.code == Code::UpdateUnreachable => after(HOUR),
        _ => after(DAY),
    }
}

/// By the clock on the wall: a timer stands still while the computer sleeps.
async fn until(then: Timestamp) {
    loop {
        let left = then.duration_since(Timestamp::now()).min(HOUR);
        match Duration::try_from(left) {
            Ok(left) if !left.is_zero() => tokio::time::sleep(left).await,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_that_starts_before_its_network_need_not_wait_a_day() {
        let now: Timestamp = "2026-11-07T12:00:00Z".parse().unwrap();
        let next = |looked| next_look(now, &looked).to_string();
        let unreachable = Err(Code::UpdateUnreachable.into());
        assert_eq!(next(unreachable), "2026-11-07T13:00:00Z");
        let damaged = Err(Code::UpdateDamaged.into());
        assert_eq!(next(damaged), "2026-11-08T12:00:00Z");
        assert_eq!(next(Ok(Outcome::Current)), "2026-11-08T12:00:00Z");
        let ripe = |from: &str| Ok(Outcome::NotBefore(from.parse().unwrap()));
        assert_eq!(next(ripe("2026-11-08T00:00:00Z")), "2026-11-08T00:00:00Z");
        assert_eq!(next(ripe("2026-12-01T00:00:00Z")), "2026-11-08T12:00:00Z");
    }
}
