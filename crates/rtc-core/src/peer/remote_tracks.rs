//! Remote tracks, as the `msid`s of the remote side bring and take them (RFC 8830, webrtc-pc
//! section 4.4.1.5).

use super::{PeerConnection, random_id};
use crate::description::{DescriptionOutcome, RemoteTrack};
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
                transceiver.fired = false;
                transceiver.receiver.stream_ids.clear();
                outcome.removed.push(before);
            }
            return;
        }
        if !transceiver.live() || !direction.receives() {
            if fired {
                transceiver.fired = false;
                transceiver.receiver.stream_ids.clear();
                outcome.removed.push(before);
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
        let receiver = &mut transceiver.receiver;
        receiver.stream_ids = stream_ids;
        match named {
            Some(track) => receiver.track_id = track,
            None if fired => receiver.track_id = random_id(),
            None => {}
        }
        if another || !fired {
            receiver.muted = true;
            receiver.last_media = None;
        }
        transceiver.fired = true;
        outcome.added.push(RemoteTrack {
            transceiver: transceiver.id,
            mid: section.mid.clone(),
            track_id: transceiver.receiver.track_id.clone(),
            stream_ids: transceiver.receiver.stream_ids.clone(),
        });
    }
}
