//! What a connection sends: local tracks through encoders into the state machine.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rtc_core::{
    DegradationPreference, EncodedAudio, EncodedVideo, Encoding, Error, Kind, MediaCodec, Outgoing,
    TransceiverId,
};
use rtc_media::{
    AudioEncoder, AudioSettings, EncodedAudioPacket, EncodedLayerFrame, LayerConfig,
    LayerStatistics, SimulcastEncoder, SoundTime, Subscription, VideoFrame,
};
use tokio::sync::mpsc::UnboundedSender;

use super::Connection;
use crate::track::{ContentHint, LocalTrack};

/// What can be sent: for each of these [`start`] has an encoder.
pub(crate) const ENCODERS: [MediaCodec; 2] = [MediaCodec::Opus, MediaCodec::Vp8];

/// Bits per second of speech, if the remote side does not say.
const SPEECH_BITRATE: u32 = 32_000;
/// A camera that is switched off sends a black picture this often, so that the remote side sees
/// that it is black and nobody pays for more.
const BLACK_EVERY: Duration = Duration::from_secs(1);
/// Pictures a second of what has to be read: each as sharp as all of the bandwidth allows.
const TEXT_RATE: f64 = 10.0;

/// What tracks and their encoders tell the connection's loop.
pub(super) enum Encoded {
    Picture(Origin, EncodedLayerFrame),
    Sound(Origin, EncodedAudioPacket),
    /// The track of a sender ended.
    Ended(TransceiverId),
    /// It was switched off.
    Disabled(TransceiverId),
}

/// Which encoder something came from. What one of the past still gave must not go out.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    transceiver: TransceiverId,
    run: u64,
    codec: MediaCodec,
}

/// Sending half of a transceiver.
#[derive(Default)]
pub(super) struct Sender {
    sent: Option<Sent>,
    wanted: Option<Outgoing>,
    running: Option<Running>,
    /// Encoders started so far.
    runs: u64,
    sound_time: SoundTime,
    /// Why nothing can be sent, as was said.
    refused: Option<String>,
}

/// The track of a sender. It does not keep the device open: the track may end at any time.
struct Sent {
    track: Arc<LocalTrack>,
    _off: [Subscription; 2],
}

/// Encoders at work.
struct Running {
    run: u64,
    encoder: Encoder,
    _subscription: Subscription,
}

enum Encoder {
    Video(Arc<SimulcastEncoder>),
    Audio(Arc<AudioSettings>),
}

/// What is known of a sender beside the state machine's statistics.
#[derive(Clone, Debug, Default)]
pub struct SenderStatistics {
    /// Per layer; empty for sound.
    pub layers: Vec<LayerStatistics>,
    /// The track being sent.
    pub track: Option<Arc<LocalTrack>>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("track", &self.track())
            .finish_non_exhaustive()
    }
}

impl Sender {
    /// Stops without making the caller wait.
    pub(super) fn retire(mut self) {
        retire(self.running.take());
    }

    fn track(&self) -> Option<&Arc<LocalTrack>> {
        self.sent.as_ref().map(|sent| &sent.track)
    }

    /// Whether something of that moment and that encoder may go out.
    fn may_send(&self, origin: Origin, captured: Instant) -> bool {
        let runs = |running: &Running| running.run == origin.run;
        self.running.as_ref().is_some_and(runs)
            && self.track().is_some_and(|track| track.may_send(captured))
    }
}

fn retire(running: Option<Running>) {
    if let Some(running) = running {
        tokio::task::spawn_blocking(move || drop(running));
    }
}

/// Pictures of all layers and tracks of a process count from here.
fn picture_time(captured: Instant) -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let start = *START.get_or_init(|| captured.checked_sub(BLACK_EVERY).unwrap_or(captured));
    captured.saturating_duration_since(start).as_micros() as u64 * 9 / 100
}

impl Connection {
    /// Sets the track of a sender (`replaceTrack`). None, or one that has ended: nothing is sent.
    ///
    /// # Errors
    /// As the state machine has it; a track of the other kind is a `TypeError`.
    pub fn set_sender_track(
        &mut self,
        id: TransceiverId,
        track: Option<Arc<LocalTrack>>,
        track_id: Option<String>,
    ) -> Result<(), Error> {
        if let (Some(track), Some(info)) = (&track, self.peer.transceiver(id))
            && track.kind() != info.kind
        {
            return Err(Error::Type("the track is of the other kind".into()));
        }
        let track = track.filter(|track| track.is_live());
        match &track {
            Some(_) => self.peer.set_sender_track(id, track_id)?,
            None => self.peer.set_ended_sender_track(id, track_id)?,
        }
        let sender = self.senders.entry(id).or_default();
        let same = match (sender.track(), &track) {
            (Some(before), Some(track)) => Arc::ptr_eq(before, track),
            _ => false,
        };
        if !same {
            retire(sender.running.take());
            sender.sent = track.map(|track| Sent {
                _off: tell_off(id, &track, &self.encoded),
                track,
            });
        }
        self.update_sender(id);
        Ok(())
    }

    /// What has ended is sent no more, and needs no bandwidth.
    fn sender_track_ended(&mut self, id: TransceiverId) {
        let track = self.senders.get(&id).and_then(Sender::track);
        // Another one may have come in the meantime.
        if track.is_some_and(|track| !track.is_live())
            && let Err(error) = self.set_sender_track(id, None, None)
        {
            tracing::debug!(%error, "the track of a transceiver that is gone ended");
        }
    }

    /// Sets what may change about a sender's encodings.
    ///
    /// # Errors
    /// As [`rtc_core::PeerConnection::set_sender_parameters`].
    pub fn set_sender_parameters(
        &mut self,
        id: TransceiverId,
        encodings: Vec<Encoding>,
        preference: Option<DegradationPreference>,
    ) -> Result<(), Error> {
        self.peer.set_sender_parameters(id, encodings, preference)
    }

    /// What a sender is doing.
    pub fn sender_statistics(&self, id: TransceiverId) -> SenderStatistics {
        let Some(sender) = self.senders.get(&id) else {
            return SenderStatistics::default();
        };
        let layers = match sender.running.as_ref().map(|running| &running.encoder) {
            Some(Encoder::Video(encoder)) => encoder.statistics(),
            _ => Vec::new(),
        };
        SenderStatistics {
            layers,
            track: sender.track().cloned(),
        }
    }

    pub(super) fn configure_sender(&mut self, outgoing: Outgoing) {
        let id = outgoing.transceiver;
        tracing::debug!(?id, sending = outgoing.sending, layers = ?outgoing.layers, "to be sent");
        self.senders.entry(id).or_default().wanted = Some(outgoing);
        self.update_sender(id);
    }

    /// Starts, changes or stops the encoders as track and negotiation have it.
    fn update_sender(&mut self, id: TransceiverId) {
        let encoded = self.encoded.clone();
        let Some(sender) = self.senders.get_mut(&id) else {
            return;
        };
        let wanted = sender.wanted.as_ref().filter(|wanted| wanted.sending);
        let (Some(wanted), Some(sent)) = (wanted, &sender.sent) else {
            return retire(sender.running.take());
        };
        if sender.running.is_none()
            && let Some(codec) = wanted.codec
        {
            sender.runs += 1;
            let origin = Origin {
                transceiver: id,
                run: sender.runs,
                codec,
            };
            sender.running = start(origin, &sent.track, wanted, encoded, &mut sender.refused);
        }
        match sender.running.as_ref().map(|running| &running.encoder) {
            Some(Encoder::Video(encoder)) => {
                encoder.configure(layer_configs(wanted, sent.track.content_hint()));
            }
            Some(Encoder::Audio(settings)) => configure_opus(settings, wanted),
            None => {}
        }
    }

    pub(super) fn encode_key_frame(&self, id: TransceiverId, rid: Option<&str>) {
        if let Some(running) = self
            .senders
            .get(&id)
            .and_then(|sender| sender.running.as_ref())
            && let Encoder::Video(encoder) = &running.encoder
        {
            encoder.request_key_frame(rid);
        }
    }

    pub(super) fn send_encoded(&mut self, encoded: Encoded) {
        match encoded {
            Encoded::Picture(origin, frame) => self.send_picture(origin, frame),
            Encoded::Sound(origin, packet) => self.send_sound(origin, packet),
            Encoded::Ended(id) => self.sender_track_ended(id),
            Encoded::Disabled(id) => self.peer.take_back(id),
        }
    }

    fn send_picture(&mut self, origin: Origin, frame: EncodedLayerFrame) {
        let id = origin.transceiver;
        let sender = self.senders.get(&id);
        if !sender.is_some_and(|sender| sender.may_send(origin, frame.captured)) {
            return;
        }
        let video = EncodedVideo {
            codec: origin.codec,
            rtp_time: picture_time(frame.captured),
            key_frame: frame.key_frame,
            captured: frame.captured,
            width: frame.width,
            height: frame.height,
            data: frame.data.into(),
        };
        let rid = (!frame.rid.is_empty()).then_some(frame.rid.as_str());
        written(self.peer.write_video(id, rid, video));
    }

    fn send_sound(&mut self, origin: Origin, packet: EncodedAudioPacket) {
        let id = origin.transceiver;
        let Some(sender) = self.senders.get_mut(&id) else {
            return;
        };
        if !sender.may_send(origin, packet.captured) {
            return;
        }
        let audio = EncodedAudio {
            rtp_time: sender.sound_time.place(origin.run, &packet),
            captured: packet.captured,
            level: Some(-(packet.level as i8)),
            voice: packet.voice,
            data: packet.data.into(),
        };
        written(self.peer.write_audio(id, audio));
    }
}

fn written(outcome: Result<rtc_core::Written, Error>) {
    match outcome {
        Ok(rtc_core::Written::Queued) => {}
        Ok(refused) => tracing::debug!(?refused, "encoded media was left out"),
        Err(error) => tracing::debug!(%error, "encoded media was not taken"),
    }
}

fn tell_off(
    id: TransceiverId,
    track: &LocalTrack,
    encoded: &UnboundedSender<Encoded>,
) -> [Subscription; 2] {
    // The connection is closing if nobody takes it.
    let (ended, disabled) = (encoded.clone(), encoded.clone());
    let subscriptions = [
        track.on_ended(move || drop(ended.send(Encoded::Ended(id)))),
        track.on_disabled(move || drop(disabled.send(Encoded::Disabled(id)))),
    ];
    if !track.is_live() {
        let _ = encoded.send(Encoded::Ended(id));
    }
    subscriptions
}

fn start(
    origin: Origin,
    track: &Arc<LocalTrack>,
    wanted: &Outgoing,
    encoded: UnboundedSender<Encoded>,
    refused: &mut Option<String>,
) -> Option<Running> {
    let (encoder, subscription) = match (track.kind(), origin.codec) {
        (Kind::Video, MediaCodec::Vp8) => {
            let started = SimulcastEncoder::new(move |frame| {
                // The connection is closing if nobody takes it.
                let _ = encoded.send(Encoded::Picture(origin, frame));
            });
            let encoder = match started {
                Ok(encoder) => Arc::new(encoder),
                Err(error) => return cannot_send(refused, error.to_string()),
            };
            // Before the first picture comes.
            encoder.configure(layer_configs(wanted, track.content_hint()));
            let subscription = watch(track, &encoder)?;
            (Encoder::Video(encoder), subscription)
        }
        (Kind::Audio, MediaCodec::Opus) => {
            let encoder = match AudioEncoder::new(SPEECH_BITRATE) {
                Ok(encoder) => encoder,
                Err(error) => return cannot_send(refused, error.to_string()),
            };
            let settings = encoder.settings();
            let subscription = listen(origin, track, encoder, encoded)?;
            (Encoder::Audio(settings), subscription)
        }
        (_, codec) => {
            return cannot_send(refused, format!("there is no encoder for {codec:?}"));
        }
    };
    *refused = None;
    Some(Running {
        run: origin.run,
        encoder,
        _subscription: subscription,
    })
}

/// Says why nothing can be sent, unless that was the last thing said: it is tried again whenever
/// anything about the sender changes, bandwidth included.
fn cannot_send(refused: &mut Option<String>, reason: String) -> Option<Running> {
    if refused.as_ref() != Some(&reason) {
        tracing::error!(reason, "a track cannot be sent");
        *refused = Some(reason);
    }
    None
}

fn watch(track: &Arc<LocalTrack>, encoder: &Arc<SimulcastEncoder>) -> Option<Subscription> {
    let encoder = Arc::downgrade(encoder);
    let last_black: Mutex<Option<Instant>> = Mutex::default();
    track.on_picture(move |frame, enabled| {
        let Some(encoder) = encoder.upgrade() else {
            return;
        };
        if enabled {
            *last_black.lock() = None;
            return encoder.push(frame);
        }
        let (mut last, now) = (last_black.lock(), Instant::now());
        if last.is_some_and(|last| now.saturating_duration_since(last) < BLACK_EVERY) {
            return;
        }
        if let Some(black) = VideoFrame::black(frame.width(), frame.height(), now) {
            match last.replace(now) {
                Some(_) => encoder.push(&Arc::new(black)),
                // Pictures from before that were still being encoded are not sent.
                None => encoder.begin_with(&Arc::new(black)),
            }
        }
    })
}

fn listen(
    origin: Origin,
    track: &Arc<LocalTrack>,
    encoder: AudioEncoder,
    encoded: UnboundedSender<Encoded>,
) -> Option<Subscription> {
    // Locked by the one thread that captures.
    let encoder = Mutex::new(encoder);
    track.on_sound(move |block, enabled| {
        match encoder.lock().push(block, !enabled) {
            Ok(Some(packet)) => {
                // The connection is closing if nobody takes it.
                let _ = encoded.send(Encoded::Sound(origin, packet));
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "20 ms of sound were lost"),
        }
    })
}

fn layer_configs(wanted: &Outgoing, hint: ContentHint) -> Vec<LayerConfig> {
    let text = hint == ContentHint::Text;
    let most = if text { TEXT_RATE } else { f64::INFINITY };
    // What the page says of the sender counts more than what the track is (mst-content-hint 4).
    let keep_resolution = match wanted.degradation {
        Some(preference) => preference == DegradationPreference::MaintainResolution,
        None => text,
    };
    let config = |layer: &rtc_core::OutgoingLayer| LayerConfig {
        rid: layer.rid.clone().unwrap_or_default(),
        active: layer.active,
        scale_resolution_down_by: layer.scale_resolution_down_by,
        bitrate: u32::try_from(layer.target_bitrate).unwrap_or(u32::MAX),
        max_frame_rate: layer.max_framerate.unwrap_or(30.0).min(most),
        keep_resolution,
    };
    wanted.layers.iter().map(config).collect()
}

fn configure_opus(settings: &AudioSettings, wanted: &Outgoing) {
    let layer = wanted
        .layers
        .first()
        .map(|layer| layer.target_bitrate)
        .filter(|rate| *rate > 0);
    let bitrate = layer
        .and_then(|rate| u32::try_from(rate).ok())
        .or(wanted.opus.max_average_bitrate)
        .unwrap_or(SPEECH_BITRATE);
    settings.set_bitrate(bitrate);
    settings.set_dtx(wanted.opus.dtx);
}
