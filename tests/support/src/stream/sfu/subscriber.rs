//! The connection that brings others' tracks to a client: its media sections, and the offers about
//! them.

use std::fmt;
use std::time::{Duration, Instant};

use str0m::change::SdpPendingOffer;
use str0m::media::{Direction, Mid};

use super::TrackKind;
use super::forward::Forward;
use super::link::{Link, media_kind};

/// An offer that is not answered for this long is sent again, then after twice as long, and so on: a
/// client that has just joined again loses the first one.
const OFFER_AGAIN: Duration = Duration::from_millis(700);
const OFFERS: u32 = 6;

/// A track of another participant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    pub(crate) session: String,
    pub(crate) kind: TrackKind,
}

/// A track that is to come, and under which ids (`a=msid`).
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) source: Source,
    pub(crate) stream_id: String,
    pub(crate) track_id: String,
}

/// A media section.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) mid: Mid,
    kind: TrackKind,
    /// What the stack has in place of the ids.
    placeholder: String,
    ids: String,
    /// What it carries.
    pub(crate) source: Option<Source>,
    /// What it carried, until the client has answered that it is empty. Moved to another section in the
    /// same offer, the track would come in the stream that it leaves, and clients throw away the tracks
    /// of the stream that they had before.
    leaving: Option<Source>,
    /// The client has answered it as it is.
    pub(crate) settled: bool,
    /// As the last offer had it: it carries something.
    offered: bool,
    pub(crate) forward: Forward,
}

struct Outstanding {
    pending: SdpPendingOffer,
    sdp: String,
    restart: bool,
    number: u32,
    sent: u32,
    again: Instant,
}

impl fmt::Debug for Outstanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outstanding")
            .field("number", &self.number)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

/// An offer to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) sdp: String,
    pub(crate) restart: bool,
    pub(crate) number: u32,
}

#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) link: Link,
    pub(crate) sections: Vec<Section>,
    outstanding: Option<Outstanding>,
    restart: bool,
    offers: u32,
}

impl Subscriber {
    pub(crate) fn new(link: Link) -> Self {
        Self {
            link,
            sections: Vec::new(),
            outstanding: None,
            restart: false,
            offers: 0,
        }
    }

    /// The number of the offer that comes next.
    pub(crate) fn next_offer(&self) -> u32 {
        self.offers + 1
    }

    /// The client wants ICE to start anew (RFC 8445, section 2.4).
    pub(crate) fn restart_ice(&mut self) {
        self.restart = true;
    }

    /// Makes the sections carry what is wanted. Gives an offer where that needs one and none is
    /// outstanding; to be called again after an answer.
    pub(crate) fn carry(&mut self, wanted: &[Wanted], now: Instant) -> Option<Offer> {
        for section in &mut self.sections {
            let source = section.source.as_ref();
            let still = source.is_some_and(|source| wanted.iter().any(|w| w.source == *source));
            if !still && let Some(source) = section.source.take() {
                section.leaving = Some(source);
                // Nothing goes out from now on; the client hears of it with the next offer.
                section.settled = false;
                section.forward.want(None);
            }
        }
        if self.outstanding.is_some() {
            return None;
        }
        let carried = |sections: &[Section], source: &Source| {
            let mut all = sections.iter().flat_map(|s| [&s.source, &s.leaving]);
            all.any(|carried| carried.as_ref() == Some(source))
        };
        let new = wanted
            .iter()
            .filter(|wanted| !carried(&self.sections, &wanted.source))
            .collect::<Vec<_>>();
        let mut additional = Vec::new();
        for wanted in new {
            match self.free_section(wanted.source.kind) {
                Some(at) => self.reuse(at, wanted),
                None => additional.push(wanted),
            }
        }
        self.offer(&additional, now)
    }

    /// One that the client knows to be empty: with another track in it, it has to have been empty
    /// once.
    fn free_section(&self, kind: TrackKind) -> Option<usize> {
        let free = |section: &Section| {
            let same = media_kind(section.kind) == media_kind(kind);
            same && section.source.is_none() && section.settled
        };
        self.sections.iter().position(free)
    }

    fn reuse(&mut self, at: usize, wanted: &Wanted) {
        let mut direct = self.link.rtc.direct_api();
        let (ssrc, repair) = (direct.new_ssrc(), direct.new_ssrc());
        let section = &mut self.sections[at];
        // Not reset_stream_tx: the stack would go on looking for feedback under the old SSRC, and requests
        // for key frames and for lost packets come to nothing.
        let stream = direct.stream_tx_by_mid(section.mid, None);
        if let Some((before, has_repair)) = stream.map(|it| (it.ssrc(), it.rtx().is_some())) {
            direct.remove_stream_tx(before);
            direct.declare_stream_tx(ssrc, has_repair.then_some(repair), section.mid, None);
        }
        section.kind = wanted.source.kind;
        section.ids = ids(wanted);
        section.source = Some(wanted.source.clone());
        section.settled = false;
        section.forward = Forward::default();
    }

    fn offer(&mut self, additional: &[&Wanted], now: Instant) -> Option<Offer> {
        let mut changes = self.link.rtc.sdp_api();
        for section in self.sections.iter().filter(|section| !section.settled) {
            let direction = match section.source {
                Some(_) => Direction::SendOnly,
                None => Direction::Inactive,
            };
            changes.set_direction(section.mid, direction);
        }
        for section in &mut self.sections {
            section.offered = section.source.is_some();
        }
        for wanted in additional {
            let index = self.sections.len();
            let (stream, track) = (format!("stream{index}"), format!("track{index}"));
            let mid = changes.add_media(
                media_kind(wanted.source.kind),
                Direction::SendOnly,
                Some(stream.clone()),
                Some(track.clone()),
                None,
            );
            self.sections.push(Section {
                mid,
                kind: wanted.source.kind,
                placeholder: format!("{stream} {track}"),
                ids: ids(wanted),
                source: Some(wanted.source.clone()),
                leaving: None,
                settled: false,
                offered: true,
                forward: Forward::default(),
            });
        }
        let restart = std::mem::take(&mut self.restart);
        // A connection that has no section yet has nothing to restart.
        if restart && !self.sections.is_empty() {
            changes.ice_restart(true);
        }
        let (offer, pending) = changes.apply()?;
        self.link.touch();
        self.offers += 1;
        let outstanding = Outstanding {
            pending,
            sdp: self.with_ids(&offer.to_sdp_string()),
            restart,
            number: self.offers,
            sent: 1,
            again: now + OFFER_AGAIN,
        };
        let offer = outstanding.offer();
        self.outstanding = Some(outstanding);
        Some(offer)
    }

    /// The stack gives a section its ids once and for all; here they change with what it carries.
    fn with_ids(&self, sdp: &str) -> String {
        let of_line = |line: &str| {
            let is = |section: &&Section| {
                let rest = line.strip_suffix(&section.placeholder);
                rest.is_some_and(|rest| rest.ends_with("msid:"))
            };
            match self.sections.iter().find(is) {
                Some(section) => line.replace(&section.placeholder, &section.ids),
                None => line.to_owned(),
            }
        };
        let lines = sdp.lines().map(of_line);
        lines.map(|line| line + "\r\n").collect()
    }

    /// The offer that is not answered, for a client that is back.
    pub(crate) fn unanswered(&self) -> Option<Offer> {
        self.outstanding.as_ref().map(Outstanding::offer)
    }

    /// The same once it is time to send it again.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Offer> {
        let outstanding = self.outstanding.as_mut()?;
        if now < outstanding.again || outstanding.sent >= OFFERS {
            return None;
        }
        outstanding.again = now + OFFER_AGAIN * 2u32.pow(outstanding.sent);
        outstanding.sent += 1;
        Some(outstanding.offer())
    }

    /// The client has answered the offer of this number; 0: it does not say which. An answer to what
    /// is not asked any more is passed over: an offer that was sent twice is answered twice.
    pub(crate) fn answered(&mut self, number: u32, sdp: &str) -> Result<(), String> {
        let answers = |asked: &mut Outstanding| number == 0 || asked.number == number;
        let Some(outstanding) = self.outstanding.take_if(answers) else {
            return Ok(());
        };
        let accepted = self.link.accept(outstanding.pending, sdp);
        let rtc = &self.link.rtc;
        // What was new in an offer that failed is not there.
        self.sections
            .retain(|section| rtc.media(section.mid).is_some());
        accepted.map_err(|error| error.to_string())?;
        for section in &mut self.sections {
            // It may have lost its track while the answer was under way.
            section.settled = section.offered == section.source.is_some();
            section.leaving.take_if(|_| section.settled);
        }
        Ok(())
    }
}

impl Outstanding {
    fn offer(&self) -> Offer {
        Offer {
            sdp: self.sdp.clone(),
            restart: self.restart,
            number: self.number,
        }
    }
}

fn ids(wanted: &Wanted) -> String {
    format!("{} {}", wanted.stream_id, wanted.track_id)
}

#[cfg(test)]
mod tests {
    use str0m::change::SdpOffer;
    use str0m::{Rtc, RtcConfig};

    use super::*;

    struct Room {
        subscriber: Subscriber,
        client: Rtc,
        now: Instant,
    }

    impl Room {
        fn carry(&mut self, sessions: &[&str]) -> Option<Offer> {
            let number = self.subscriber.next_offer();
            let wanted = sessions.iter().map(|session| Wanted {
                source: Source {
                    session: (*session).to_owned(),
                    kind: TrackKind::Audio,
                },
                stream_id: (*session).to_owned(),
                track_id: format!("{session}:{number}"),
            });
            self.subscriber.carry(&wanted.collect::<Vec<_>>(), self.now)
        }

        fn answer(&mut self, offer: &Offer) {
            let asked = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
            let answer = self.client.sdp_api().accept_offer(asked).unwrap();
            let answer = answer.to_sdp_string();
            self.subscriber.answered(offer.number, &answer).unwrap();
        }
    }

    /// The direction and the stream of each section.
    fn sections(offer: &Offer) -> Vec<(String, String)> {
        let sections = offer.sdp.split("m=").skip(1).map(|section| {
            let line = |start: &str| section.lines().find_map(|line| line.strip_prefix(start));
            let directions = ["sendonly", "inactive"];
            let is = |direction: &&&str| section.contains(&format!("a={direction}\r"));
            let direction = directions.iter().find(is).unwrap();
            let stream = line("a=msid:").unwrap().split(' ').next().unwrap();
            ((*direction).to_owned(), stream.to_owned())
        });
        sections.collect()
    }

    #[test]
    fn a_track_that_comes_back_at_once_is_not_moved_within_an_offer() {
        let now = Instant::now();
        let local = "127.0.0.1:1".parse().unwrap();
        let mut room = Room {
            subscriber: Subscriber::new(Link::new(local, now).unwrap()),
            client: RtcConfig::new().build(now),
            now,
        };
        let first = room.carry(&["ann", "ben"]).unwrap();
        room.answer(&first);
        // Ben is muted; before the client has answered that, Ann is, for a moment.
        let second = room.carry(&["ann"]).unwrap();
        assert!(room.carry(&[]).is_none());
        assert!(room.carry(&["ann"]).is_none());
        room.answer(&second);
        let third = room.carry(&["ann"]).unwrap();
        let told = sections(&third);
        let quiet = |(direction, _): &(String, String)| direction == "inactive";
        assert!(told.iter().all(quiet), "{told:?}");
        room.answer(&third);
        let fourth = room.carry(&["ann"]).unwrap();
        let heard = sections(&fourth).into_iter().filter(|told| !quiet(told));
        let heard: Vec<_> = heard.map(|(_, stream)| stream).collect();
        assert_eq!(heard, ["ann"]);
    }
}
