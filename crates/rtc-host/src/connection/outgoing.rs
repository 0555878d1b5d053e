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
    AudioEncoder, Camera, EncodedAudioPacket, EncodedLayerFrame, LayerConfig, LayerStatistics,
    Microphone, SimulcastEncoder, Subscription, VideoFrame,
};
use tokio::sync::mpsc::UnboundedSender;

use super::Connection;
use crate::event::ConnectionEvent;
use crate::track::{LocalTrack, Source};

/// Bits per second of speech, if the remote side does not say.
const SPEECH_BITRATE: u32 = 32_000;
/// A camera that is switched off sends a black picture this often, so that the remote side sees
/// that it is black and nobody pays for more.
const BLACK_EVERY: Duration = Duration::from_secs(1);

/// What encoders hand to the connection's loop.
pub(super) enum Encoded {
    Picture(TransceiverId, EncodedLayerFrame),
    Sound(TransceiverId, EncodedAudioPacket),
}

/// Sending half of a transceiver.
#[derive(Default)]
pub(super) struct Sender {
    track: Option<Arc<LocalTrack>>,
    wanted: Option<Outgoing>,
    running: Option<Running>,
    /// Extends the RTP time of sound beyond 32 bits.
    last_sound: u64,
}

/// Encoders at work. Dropping them waits for their threads.
struct Running {
    track: Arc<LocalTrack>,
    encoder: Encoder,
    _subscription: Subscription,
}

enum Encoder {
    Video(Arc<SimulcastEncoder>),
    Audio(Arc<Mutex<AudioEncoder>>),
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
            .field("track", &self.track)
            .finish_non_exhaustive()
    }
}

impl Sender {
    /// Stops without making the caller wait.
    pub(super) fn retire(mut self) {
        retire(self.running.take());
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
    /// Sets the track of a sender (`replaceTrack`); none: nothing is sent.
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
        self.peer.set_sender_track(id, track_id)?;
        self.senders.entry(id).or_default().track = track;
        self.update_sender(id);
        Ok(())
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
            track: sender.track.clone(),
        }
    }

    pub(super) fn configure_sender(&mut self, outgoing: Outgoing) {
        let id = outgoing.transceiver;
        tracing::debug!(?id, sending = outgoing.sending, layers = ?outgoing.layers, "to be sent");
        if outgoing.kind == Kind::Video {
            let active = outgoing
                .layers
                .iter()
                .filter(|layer| outgoing.sending && layer.active);
            let active = active
                .map(|layer| layer.rid.clone().unwrap_or_default())
                .collect();
            (self.emit)(ConnectionEvent::Layers {
                transceiver: id,
                active,
            });
        }
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
        let (Some(wanted), Some(track)) = (wanted, &sender.track) else {
            return retire(sender.running.take());
        };
        let same = |running: &Running| Arc::ptr_eq(&running.track, track);
        if !sender.running.as_ref().is_some_and(same) {
            retire(sender.running.take());
            sender.running = start(id, track, wanted, encoded);
        }
        match sender.running.as_ref().map(|running| &running.encoder) {
            Some(Encoder::Video(encoder)) => encoder.configure(&layer_configs(wanted)),
            Some(Encoder::Audio(encoder)) => configure_opus(&mut encoder.lock(), wanted),
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
        let outcome = match encoded {
            Encoded::Picture(id, frame) => {
                let video = EncodedVideo {
                    codec: MediaCodec::Vp8,
                    rtp_time: picture_time(frame.captured),
                    key_frame: frame.key_frame,
                    captured: frame.captured,
                    width: frame.width,
                    height: frame.height,
                    data: frame.data.into(),
                };
                let rid = (!frame.rid.is_empty()).then_some(frame.rid.as_str());
                self.peer.write_video(id, rid, video)
            }
            Encoded::Sound(id, packet) => {
                let Some(sender) = self.senders.get_mut(&id) else {
                    return;
                };
                let step = packet.rtp_timestamp.wrapping_sub(sender.last_sound as u32);
                sender.last_sound += u64::from(step);
                let audio = EncodedAudio {
                    rtp_time: sender.last_sound,
                    captured: packet.captured,
                    level: Some(-(packet.level as i8)),
                    voice: packet.voice,
                    data: packet.data.into(),
                };
                self.peer.write_audio(id, audio)
            }
        };
        match outcome {
            Ok(rtc_core::Written::Queued) => {}
            Ok(refused) => tracing::debug!(?refused, "encoded media was left out"),
            Err(error) => tracing::debug!(%error, "encoded media was not taken"),
        }
    }
}

fn start(
    id: TransceiverId,
    track: &Arc<LocalTrack>,
    wanted: &Outgoing,
    encoded: UnboundedSender<Encoded>,
) -> Option<Running> {
    let (encoder, subscription) = match (track.source(), wanted.codec) {
        (Source::Camera(camera), Some(MediaCodec::Vp8)) => {
            let encoder = Arc::new(SimulcastEncoder::new(move |frame| {
                // The connection is closing if nobody takes it.
                let _ = encoded.send(Encoded::Picture(id, frame));
            }));
            // Before the first picture comes.
            encoder.configure(&layer_configs(wanted));
            let subscription = watch(camera, track, &encoder);
            (Encoder::Video(encoder), subscription)
        }
        (Source::Microphone(microphone), Some(MediaCodec::Opus)) => {
            let encoder = match AudioEncoder::new(SPEECH_BITRATE) {
                Ok(encoder) => Arc::new(Mutex::new(encoder)),
                Err(error) => {
                    tracing::error!(%error, "sound cannot be sent");
                    return None;
                }
            };
            let subscription = listen(id, microphone, track, &encoder, encoded);
            (Encoder::Audio(encoder), subscription)
        }
        (_, Some(codec)) => {
            tracing::error!(?codec, "there is no encoder for what was negotiated");
            return None;
        }
        (_, None) => return None,
    };
    Some(Running {
        track: track.clone(),
        encoder,
        _subscription: subscription,
    })
}

fn watch(
    camera: &Camera,
    track: &Arc<LocalTrack>,
    encoder: &Arc<SimulcastEncoder>,
) -> Subscription {
    let (track, encoder) = (track.clone(), Arc::downgrade(encoder));
    let last_black: Mutex<Option<Instant>> = Mutex::default();
    camera.on_frame(move |frame| {
        let Some(encoder) = encoder.upgrade() else {
            return;
        };
        let pushed = if track.is_enabled() {
            *last_black.lock() = None;
            encoder.push(frame)
        } else {
            let mut last = last_black.lock();
            let captured = frame.captured();
            if last.is_some_and(|last| captured.saturating_duration_since(last) < BLACK_EVERY) {
                return;
            }
            *last = Some(captured);
            let black = VideoFrame::black(frame.width(), frame.height(), captured);
            black.map_or(Ok(()), |black| encoder.push(&Arc::new(black)))
        };
        if let Err(error) = pushed {
            tracing::error!(%error, "pictures cannot be sent");
        }
    })
}

fn listen(
    id: TransceiverId,
    microphone: &Microphone,
    track: &Arc<LocalTrack>,
    encoder: &Arc<Mutex<AudioEncoder>>,
    encoded: UnboundedSender<Encoded>,
) -> Subscription {
    let (track, encoder) = (track.clone(), encoder.clone());
    microphone.on_block(move |block| {
        match encoder.lock().push(block, !track.is_enabled()) {
            Ok(Some(packet)) => {
                // The connection is closing if nobody takes it.
                let _ = encoded.send(Encoded::Sound(id, packet));
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "20 ms of sound were lost"),
        }
    })
}

fn layer_configs(wanted: &Outgoing) -> Vec<LayerConfig> {
    let config = |layer: &rtc_core::OutgoingLayer| LayerConfig {
        rid: layer.rid.clone().unwrap_or_default(),
        active: layer.active,
        scale_resolution_down_by: layer.scale_resolution_down_by,
        bitrate: u32::try_from(layer.target_bitrate).unwrap_or(u32::MAX),
        max_frame_rate: layer.max_framerate.unwrap_or(30.0),
        keep_resolution: wanted.degradation == Some(DegradationPreference::MaintainResolution),
    };
    wanted.layers.iter().map(config).collect()
}

fn configure_opus(encoder: &mut AudioEncoder, wanted: &Outgoing) {
    let layer = wanted
        .layers
        .first()
        .map(|layer| layer.target_bitrate)
        .filter(|rate| *rate > 0);
    let bitrate = layer
        .and_then(|rate| u32::try_from(rate).ok())
        .or(wanted.opus.max_average_bitrate)
        .unwrap_or(SPEECH_BITRATE);
    let outcome = encoder
        .set_bitrate(bitrate)
        .and_then(|()| encoder.set_dtx(wanted.opus.dtx));
    if let Err(error) = outcome {
        tracing::warn!(%error, "Opus keeps its old settings");
    }
}
