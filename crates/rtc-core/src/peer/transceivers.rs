//! Transceivers as the page handles them (webrtc-pc section 5).

use super::transceiver::{LayerState, Receiver, Redundancy, Sender, Transceiver};
use super::{PeerConnection, random_id};
use crate::error::Error;
use crate::ids::TransceiverId;
use crate::kind::Kind;
use crate::state::SignalingState;
use crate::transceiver::{
    Codec, DegradationPreference, Direction, Encoding, SendParameters, TransceiverInfo,
    TransceiverInit,
};

/// RFC 8852 allows more, but the header extension of the RTP stack carries no more.
const MAX_RID: usize = 8;
const MAX_ENCODINGS: usize = 8;

impl PeerConnection {
    /// `getTransceivers`, in the order of creation, without stopped ones.
    pub fn transceivers(&self) -> Vec<TransceiverInfo> {
        self.transceivers
            .iter()
            .filter(|t| !t.stopped)
            .map(Transceiver::info)
            .collect()
    }

    /// One of them, also if it is stopped.
    pub fn transceiver(&self, id: TransceiverId) -> Option<TransceiverInfo> {
        self.by_id(id).map(Transceiver::info)
    }

    /// `addTransceiver` (webrtc-pc section 5.1). `id` must be new and below
    /// [`FIRST_OWN_ID`](crate::FIRST_OWN_ID).
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed, [`Error::Type`] for a bad id of transceiver, track or
    /// stream, bad or missing rids or a stopped direction, [`Error::Range`] for a scale below 1.
    pub fn add_transceiver(
        &mut self,
        id: TransceiverId,
        kind: Kind,
        init: TransceiverInit,
    ) -> Result<(), Error> {
        self.check_open()?;
        if id.0 >= crate::FIRST_OWN_ID || self.by_id(id).is_some() {
            return Err(Error::Type("the transceiver id is not free".into()));
        }
        if init.direction == Direction::Stopped {
            return Err(Error::Type("a transceiver cannot begin as stopped".into()));
        }
        check_ids(init.stream_ids.iter().chain(&init.track_id))?;
        let encodings = complete_encodings(kind, init.send_encodings)?;
        let mut transceiver = self.new_transceiver(id, kind, encodings);
        transceiver.direction = init.direction;
        transceiver.by_add_track = init.by_add_track;
        transceiver.has_sent = init.by_add_track;
        transceiver.sender.stream_ids = init.stream_ids;
        if let Some(track) = &init.track_id {
            transceiver.sender.msid_track.clone_from(track);
        }
        transceiver.sender.track_id = init.track_id;
        self.transceivers.push(transceiver);
        self.update_negotiation_needed();
        Ok(())
    }

    pub(super) fn new_transceiver(
        &mut self,
        id: TransceiverId,
        kind: Kind,
        encodings: Vec<Encoding>,
    ) -> Transceiver {
        let direct = self.rtc.direct_api();
        let ssrcs = encodings
            .iter()
            .map(|_| (*direct.new_ssrc(), *direct.new_ssrc()))
            .collect();
        let layers = encodings.iter().map(|_| LayerState::default()).collect();
        Transceiver {
            id,
            kind,
            mid: None,
            proposed_mid: None,
            direction: Direction::SendRecv,
            current: None,
            fired: false,
            by_add_track: false,
            remote_created: false,
            has_sent: false,
            stopping: false,
            stopped: false,
            preferences: Vec::new(),
            negotiated: None,
            sender: Sender {
                track_id: None,
                stream_ids: Vec::new(),
                msid_track: random_id(),
                msid_announced: false,
                encodings,
                degradation: None,
                ssrcs,
                layers,
                reported: None,
                redundancy: Redundancy::default(),
            },
            receiver: Receiver {
                track_id: random_id(),
                stream_ids: Vec::new(),
                muted: true,
                last_media: None,
                last_rtp: 0,
                last_ssrc: None,
                last_payload_type: None,
                level: None,
                awaiting_key: kind == Kind::Video,
                key_requested: None,
                frames: 0,
                key_frames: 0,
                announced: Vec::new(),
                generation: 0,
            },
        }
    }

    /// The transceiver that `addTrack` takes instead of a new one (webrtc-pc section 5.1): its
    /// sender has no track and never sent. The caller then sets track, streams and direction.
    pub fn transceiver_for_add_track(&self, kind: Kind) -> Option<TransceiverId> {
        let fits = |t: &&Transceiver| {
            t.kind == kind && t.live() && t.sender.track_id.is_none() && !t.has_sent
        };
        self.transceivers.iter().find(fits).map(|t| t.id)
    }

    /// `direction`
    ///
    /// # Errors
    /// [`Error::InvalidState`] when the transceiver is stopped or unknown, [`Error::Type`] for
    /// [`Direction::Stopped`].
    pub fn set_direction(&mut self, id: TransceiverId, direction: Direction) -> Result<(), Error> {
        self.check_open()?;
        if direction == Direction::Stopped {
            return Err(Error::Type("use stop".into()));
        }
        let transceiver = self.live_mut(id)?;
        transceiver.direction = direction;
        self.update_negotiation_needed();
        Ok(())
    }

    /// `stop`. The media section is given up with the next exchange.
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed or unknown.
    pub fn stop(&mut self, id: TransceiverId) -> Result<(), Error> {
        self.check_open()?;
        let transceiver = self.by_id_mut(id).ok_or_else(unknown)?;
        transceiver.stopping = true;
        transceiver.direction = Direction::Inactive;
        if transceiver.mid.is_none() {
            transceiver.stopped = true;
        }
        self.refresh_outgoing();
        self.update_negotiation_needed();
        Ok(())
    }

    /// `setCodecPreferences`; empty restores the default.
    ///
    /// # Errors
    /// [`Error::InvalidModification`] if a codec is none of the capabilities, or only
    /// retransmission and redundancy are left.
    pub fn set_codec_preferences(
        &mut self,
        id: TransceiverId,
        codecs: Vec<Codec>,
    ) -> Result<(), Error> {
        let kind = self.live_mut(id)?.kind;
        let known = Self::capabilities(kind, crate::Side::Receiver, &[]).codecs;
        let only_repairs = |c: &Codec| {
            let name = c.mime_type.to_ascii_lowercase();
            name.ends_with("/rtx") || name.ends_with("/red")
        };
        for codec in &codecs {
            let fits = |k: &Codec| {
                k.mime_type.eq_ignore_ascii_case(&codec.mime_type)
                    && k.clock_rate == codec.clock_rate
            };
            if !known.iter().any(fits) {
                let name = &codec.mime_type;
                return Err(Error::InvalidModification(format!(
                    "{name} is not supported"
                )));
            }
        }
        if !codecs.is_empty() && codecs.iter().all(only_repairs) {
            return Err(Error::InvalidModification("no codec is left".into()));
        }
        self.live_mut(id)?.preferences = codecs;
        Ok(())
    }

    /// `replaceTrack`, and the track part of `addTrack` and `removeTrack`. Needs no negotiation.
    ///
    /// # Errors
    /// [`Error::InvalidState`] when the transceiver is stopped or unknown, [`Error::Type`] for an
    /// id that cannot stand in SDP.
    pub fn set_sender_track(
        &mut self,
        id: TransceiverId,
        track_id: Option<String>,
    ) -> Result<(), Error> {
        self.name_sender_track(id, track_id.as_ref())?;
        self.send_track(id, track_id)
    }

    /// The same with a track that has ended, if any: descriptions name it, and nothing is sent.
    ///
    /// # Errors
    /// As [`set_sender_track`](Self::set_sender_track).
    pub fn set_ended_sender_track(
        &mut self,
        id: TransceiverId,
        track_id: Option<String>,
    ) -> Result<(), Error> {
        self.name_sender_track(id, track_id.as_ref())?;
        self.send_track(id, None)
    }

    fn name_sender_track(
        &mut self,
        id: TransceiverId,
        track_id: Option<&String>,
    ) -> Result<(), Error> {
        self.check_open()?;
        check_ids(track_id)?;
        let sender = &mut self.live_mut(id)?.sender;
        if let Some(track) = track_id
            && !sender.msid_announced
        {
            sender.msid_track.clone_from(track);
        }
        Ok(())
    }

    fn send_track(&mut self, id: TransceiverId, track_id: Option<String>) -> Result<(), Error> {
        let transceiver = self.live_mut(id)?;
        let another = transceiver.sender.track_id != track_id;
        transceiver.sender.track_id = track_id;
        transceiver.has_sent |= transceiver.current.is_some_and(Direction::sends);
        if another {
            self.take_back(id);
        }
        self.refresh_outgoing();
        Ok(())
    }

    /// `RTCRtpSender.setStreams`
    ///
    /// # Errors
    /// [`Error::InvalidState`] when the transceiver is stopped or unknown, [`Error::Type`] for an
    /// id that cannot stand in SDP.
    pub fn set_sender_streams(
        &mut self,
        id: TransceiverId,
        stream_ids: Vec<String>,
    ) -> Result<(), Error> {
        self.check_open()?;
        check_ids(&stream_ids)?;
        self.live_mut(id)?.sender.stream_ids = stream_ids;
        self.update_negotiation_needed();
        Ok(())
    }

    /// `RTCRtpSender.getParameters`
    ///
    /// # Errors
    /// [`Error::InvalidState`] for an unknown transceiver.
    pub fn sender_parameters(&self, id: TransceiverId) -> Result<SendParameters, Error> {
        let transceiver = self.by_id(id).ok_or_else(unknown)?;
        let info = transceiver.info();
        Ok(SendParameters {
            encodings: transceiver.sender.encodings.clone(),
            codecs: info.codecs,
            header_extensions: info.header_extensions,
            cname: self.cname.clone(),
            degradation_preference: transceiver.sender.degradation,
        })
    }

    /// `RTCRtpSender.setParameters`: encodings in number, order and rids as before.
    ///
    /// # Errors
    /// [`Error::InvalidModification`] for other layers, [`Error::Range`] for a scale below 1,
    /// [`Error::InvalidState`] when stopped or unknown.
    pub fn set_sender_parameters(
        &mut self,
        id: TransceiverId,
        encodings: Vec<Encoding>,
        degradation_preference: Option<DegradationPreference>,
    ) -> Result<(), Error> {
        self.check_open()?;
        let transceiver = self.live_mut(id)?;
        let before = &transceiver.sender.encodings;
        let same = before.len() == encodings.len()
            && before.iter().zip(&encodings).all(|(a, b)| a.rid == b.rid);
        if !same {
            return Err(Error::InvalidModification(
                "the encodings are other ones".into(),
            ));
        }
        check_numbers(&encodings)?;
        transceiver.sender.encodings = encodings;
        transceiver.sender.degradation = degradation_preference;
        self.refresh_outgoing();
        Ok(())
    }

    pub(super) fn live_mut(&mut self, id: TransceiverId) -> Result<&mut Transceiver, Error> {
        let closed = self.signaling == SignalingState::Closed;
        match self.by_id_mut(id) {
            Some(transceiver) if transceiver.live() && !closed => Ok(transceiver),
            Some(_) => Err(Error::InvalidState("the transceiver is stopped".into())),
            None => Err(unknown()),
        }
    }
}

pub(super) fn unknown() -> Error {
    Error::InvalidState("no such transceiver".into())
}

/// Ids of tracks and streams become words of `a=msid` lines, where a space or a line break in one
/// would be something else of the description.
fn check_ids<'a>(ids: impl IntoIterator<Item = &'a String>) -> Result<(), Error> {
    let breaks = |c: char| c.is_whitespace() || c.is_control();
    let fits = |id: &String| !id.is_empty() && !id.contains(breaks);
    match ids.into_iter().find(|id| !fits(id)) {
        Some(id) => Err(Error::Type(format!("the id {id:?} cannot stand in SDP"))),
        None => Ok(()),
    }
}

/// Checks `sendEncodings` and fills in what W3C fills in.
pub(super) fn complete_encodings(
    kind: Kind,
    mut encodings: Vec<Encoding>,
) -> Result<Vec<Encoding>, Error> {
    if encodings.is_empty() {
        encodings.push(Encoding::default());
    }
    if kind == Kind::Audio {
        // webrtc-pc section 5.1: audio has one layer.
        encodings.truncate(1);
    }
    encodings.truncate(MAX_ENCODINGS);
    check_numbers(&encodings)?;
    let several = encodings.len() > 1;
    for (index, encoding) in encodings.iter().enumerate() {
        match &encoding.rid {
            Some(rid) => {
                let clean = rid.chars().all(|c| c.is_ascii_alphanumeric());
                if rid.is_empty() || rid.len() > MAX_RID || !clean {
                    return Err(Error::Type(format!("bad rid {rid:?}")));
                }
                if encodings[..index]
                    .iter()
                    .any(|e| e.rid.as_ref() == Some(rid))
                {
                    return Err(Error::Type(format!("rid {rid} occurs twice")));
                }
            }
            None if several => return Err(Error::Type("several encodings need rids".into())),
            None => {}
        }
    }
    if kind == Kind::Video {
        let any_scale = encodings
            .iter()
            .any(|e| e.scale_resolution_down_by.is_some());
        let count = encodings.len();
        for (index, encoding) in encodings.iter_mut().enumerate() {
            // Without any scale given, each layer is half the size of the next.
            let default = if any_scale {
                1.0
            } else {
                2f64.powi((count - index - 1) as i32)
            };
            encoding.scale_resolution_down_by.get_or_insert(default);
        }
    }
    if let [only] = encodings.as_mut_slice() {
        only.rid = None;
    }
    Ok(encodings)
}

fn check_numbers(encodings: &[Encoding]) -> Result<(), Error> {
    for encoding in encodings {
        if encoding
            .scale_resolution_down_by
            .is_some_and(|s| s.is_nan() || s < 1.0)
        {
            return Err(Error::Range("scaleResolutionDownBy is less than 1".into()));
        }
        if encoding
            .max_framerate
            .is_some_and(|f| f.is_nan() || f < 0.0)
        {
            return Err(Error::Range("maxFramerate is negative".into()));
        }
    }
    Ok(())
}
