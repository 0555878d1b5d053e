//! What a remote side that has been let in may send: RTP payloads, header extensions and data
//! channels of any content, properly encrypted. The remote side is the RTP stack alone.

#[path = "../../../crates/rtc-core/tests/common/bare.rs"]
mod bare;

use std::time::Duration;

use bare::Bare;
use rtc_core::{Kind, TransceiverId, TransceiverInit};
use str0m::Event as StackEvent;
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpWrite, VideoOrientation};

use crate::records::{Record, records};

/// What our side offers: Opus, VP8, H.264 in both packetisation modes, VP9, RTX of VP8.
const PAYLOAD_TYPES: [u8; 6] = [111, 96, 108, 125, 98, 97];

/// Connects our side to the bare stack and lets that one send what the records say.
pub fn media(data: &[u8]) {
    let mut pair = Pair::connected();
    for record in records(data) {
        pair.apply(record);
        pair.run(Duration::from_millis(2));
    }
    pair.run(Duration::from_millis(100));
    pair.net.ours.get_stats(pair.net.now);
}

struct Pair {
    net: Bare,
    /// Sections of theirs: audio, video.
    mids: [Mid; 2],
    channels: Vec<ChannelId>,
    sequence: [u64; 2],
    time: u32,
}

fn opened(event: &StackEvent) -> Option<ChannelId> {
    match event {
        StackEvent::ChannelOpen(id, _) => Some(*id),
        _ => None,
    }
}

impl Pair {
    fn connected() -> Self {
        let mut net = Bare::new();
        for (id, kind) in [(1, Kind::Audio), (2, Kind::Video)] {
            let init = TransceiverInit {
                track_id: Some("t".into()),
                ..TransceiverInit::default()
            };
            net.ours
                .add_transceiver(TransceiverId(id), kind, init)
                .unwrap();
        }
        net.ours
            .create_data_channel(rtc_core::DataChannelId(1), "c", Default::default())
            .unwrap();
        net.negotiate(
            |_, answer| answer,
            |net| net.their_events.iter().any(|event| opened(event).is_some()),
        );
        let mut pair = Self {
            net,
            mids: ["0", "1"].map(Mid::from),
            channels: Vec::new(),
            sequence: [1000; 2],
            time: 0,
        };
        pair.take();
        pair
    }

    fn run(&mut self, time: Duration) {
        self.net.run(time);
        self.take();
    }

    /// What was said is over, but for channels that opened.
    fn take(&mut self) {
        self.net.events.clear();
        let their_events = self.net.their_events.drain(..);
        self.channels
            .extend(their_events.filter_map(|event| opened(&event)));
    }

    fn apply(&mut self, record: Record<'_>) {
        match record.what & 0x0f {
            0..8 => self.write(record),
            8 | 9 => {
                let last = self.channels.last().copied();
                if let Some(mut channel) = last.and_then(|id| self.net.theirs.channel(id)) {
                    let _ = channel.write(record.what & 1 == 0, record.bytes);
                }
            }
            10 => {
                let half = record.bytes.len() / 2;
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let config = ChannelConfig {
                    label: text(&record.bytes[..half]),
                    protocol: text(&record.bytes[half..]),
                    ordered: record.what & 0x10 == 0,
                    negotiated: None,
                    reliability: Reliability::Reliable,
                };
                let mut direct = self.net.theirs.direct_api();
                let channel = direct.create_data_channel(config);
                self.channels.push(channel);
            }
            11 => {
                if let Some(channel) = self.channels.pop() {
                    self.net.theirs.direct_api().close_data_channel(channel);
                }
            }
            12 => self.run(Duration::from_millis(u64::from(record.number(0)) % 500)),
            13 => {
                let index = usize::from(record.what >> 4 & 1);
                let mut direct = self.net.theirs.direct_api();
                let ours = direct
                    .stream_rx_by_mid(self.mids[index], None)
                    .map(|s| s.ssrc());
                if let Some(ssrc) = ours {
                    direct.send_pli_feedback(1.into(), ssrc);
                }
            }
            _ => self.write(record),
        }
    }

    /// First the header's fields in five bytes, then the payload.
    fn write(&mut self, record: Record<'_>) {
        let [kind, step, orientation, level, ticks, payload @ ..] = record.bytes else {
            return;
        };
        let payload_type = PAYLOAD_TYPES[usize::from(kind & 7) % PAYLOAD_TYPES.len()];
        let index = usize::from(payload_type != PAYLOAD_TYPES[0]);
        // Forwards, the same again, or a little back.
        let sequence = &mut self.sequence[index];
        *sequence = (*sequence + u64::from(*step)).saturating_sub(3);
        self.time = self.time.wrapping_add(u32::from(*ticks) * 480);
        let extensions = ExtensionValues {
            audio_level: (kind & 0x10 != 0).then(|| -i8::try_from(level & 127).unwrap_or(0)),
            voice_activity: Some(level & 0x80 != 0),
            video_orientation: (kind & 0x20 != 0).then(|| VideoOrientation::from(orientation & 3)),
            ..ExtensionValues::default()
        };
        let packet = RtpWrite::new(
            Pt::from(payload_type),
            (*sequence).into(),
            self.time,
            self.net.now,
            payload,
        )
        .marker(kind & 0x80 != 0)
        .nackable(kind & 0x40 != 0)
        .ext_vals(extensions);
        let mut direct = self.net.theirs.direct_api();
        let stream = direct.stream_tx_by_mid(self.mids[index], None);
        stream.expect("both sections are sent on").write_rtp(packet);
    }
}
