//! Remote tracks, as the `msid`s of the remote side bring and take them (RFC 8830, webrtc-pc
//! section 4.4.1.5).

use super::{PeerConnection, random_id};
use crate::description::{DescriptionOutcome, RemoteTrack};
use crate::event::Event;
use crate::ids::TransceiverId;
use crate::sdp::Section;

impl PeerConnection {
    /// Compares what a remote section sends with what was last told.
    ///
    /// Beyond W3C, which goes by the direction alone, another msid counts as another track: media
    /// servers put a new participant's track on a section without an exchange in between.
    pub(super) fn process_remote_track(
        &mut self,
        section: &Section,
        outcome: &mut DescriptionOutcome,
    ) {
        let direction = Self::seen_from_here(section);
        let Some(index) = self.by_mid(&section.mid) else {
            return;
        };
        let transceiver = &mut self.transceivers[index];
        let before = RemoteTrack {
            transceiver: transceiver.id,
            mid: section.mid.clone(),
            track_id: transceiver.receiver.track_id.clone(),
            stream_ids: transceiver.receiver.stream_ids.clone(),
        };
        let fired = transceiver.fired;
        if section.rejected() {
            if !transceiver.stopped {
                transceiver.stopping = true;
                transceiver.stopped = true;
                outcome.stopped.push(transceiver.id);
            }
            if fired {
                outcome.removed.push(before);
                self.remote_track_gone(index);
            }
            return;
        }
        if !transceiver.live() || !direction.receives() {
            if fired {
                outcome.removed.push(before);
                self.remote_track_gone(index);
            }
            return;
        }
        let named = section.msids.iter().find_map(|(_, track)| track.clone());
        let stream_ids: Vec<String> = section
            .msids
            .iter()
            .map(|(s, _)| s.clone())
            .filter(|s| s != "-")
            .collect();
        let another = named
            .as_ref()
            .is_some_and(|track| *track != before.track_id);
        if fired && !another && stream_ids == before.stream_ids {
            return;
        }
        if fired {
            outcome.removed.push(before);
        }
        if another || !fired {
            self.reset_receiver(index);
        }
        let transceiver = &mut self.transceivers[index];
        let receiver = &mut transceiver.receiver;
        receiver.stream_ids = stream_ids;
        match named {
            Some(track) => receiver.track_id = track,
            None if fired => receiver.track_id = random_id(),
            None => {}
        }
        transceiver.fired = true;
        outcome.added.push(RemoteTrack {
            transceiver: transceiver.id,
            mid: section.mid.clone(),
            track_id: transceiver.receiver.track_id.clone(),
            stream_ids: transceiver.receiver.stream_ids.clone(),
        });
    }

    fn remote_track_gone(&mut self, index: usize) {
        let transceiver = &mut self.transceivers[index];
        transceiver.fired = false;
        transceiver.receiver.stream_ids.clear();
        self.reset_receiver(index);
    }

    /// The track of a receiver is another one, or gone: it is muted until media comes.
    fn reset_receiver(&mut self, index: usize) {
        let transceiver = &mut self.transceivers[index];
        let id = transceiver.id;
        transceiver.receiver.begin_anew();
        if !transceiver.receiver.muted {
            transceiver.receiver.muted = true;
            self.events.push_back(Event::TrackMuted {
                transceiver: id,
                muted: true,
            });
        }
        self.events
            .push_back(Event::ReceiverReset { transceiver: id });
        if let Some(mid) = self.transceivers[index].mid.clone() {
            self.collected.forget_received(&mid);
        }
    }

    /// Compares the SSRCs that a section announces with those before. The RTP stack goes on
    /// numbering where the last SSRC of a section has ended, so another one is told to it as
    /// something of its own ([`generation_rid`](crate::stack::generation_rid)). Gives the
    /// generation.
    pub(super) fn announced_ssrcs(
        &mut self,
        id: TransceiverId,
        ssrcs: &[(u32, Option<u32>)],
    ) -> u32 {
        let Some(transceiver) = self.by_id_mut(id) else {
            return 0;
        };
        let receiver = &mut transceiver.receiver;
        let main: Vec<u32> = ssrcs.iter().map(|(main, _)| *main).collect();
        if main.is_empty() || main == receiver.announced {
            return receiver.generation;
        }
        if receiver.announced.is_empty() {
            receiver.announced = main;
            return receiver.generation;
        }
        receiver.announced = main;
        receiver.generation += 1;
        receiver.begin_anew();
        let (generation, mid) = (receiver.generation, transceiver.mid.clone());
        self.events
            .push_back(Event::ReceiverReset { transceiver: id });
        if let Some(mid) = mid {
            self.collected.forget_received(&mid);
        }
        generation
    }
}
