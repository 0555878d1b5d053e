//! How the RTP stack is configured.
//!
//! str0m has an offer/answer machine of its own, without rollback, without provisional states and
//! with directions that the remote side overwrites. Ours replaces it: whatever was negotiated is
//! told to str0m as if it had just received one remote offer that says exactly that, and the
//! answer that it makes is thrown away. Telling the same thing twice changes nothing, so every
//! (re)negotiation simply tells the whole session again.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::change::SdpOffer;
use str0m::format::{Codec as StackCodec, CodecConfig, FormatParams};
use str0m::media::{Frequency, Mid, Pt, Rid};
use str0m::rtp::{Extension, ExtensionMap, Ssrc};
use str0m::{IceCreds, Rtc, RtcConfig};

use crate::Error;
use crate::codecs::{LocalCodec, Tables};
use crate::kind::{Kind, MediaCodec};
use crate::sdp::IceCredentials;
use crate::transceiver::Direction;

/// First estimate where nobody says better: between libwebrtc's 300 kbit/s, with which simulcast
/// stays on its lowest layer for seconds, and the 1 Mbit/s at which the SDKs cap their hint.
pub(crate) const INITIAL_BITRATE: u64 = 800_000;

/// What we accept in one message, as libwebrtc does.
pub(crate) const MAX_MESSAGE_SIZE: u32 = 256 * 1024;

/// Between two RTCP receiver reports about one stream.
pub(crate) const AUDIO_REPORT_INTERVAL: Duration = Duration::from_secs(2);
pub(crate) const VIDEO_REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// A session as negotiated.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) remote_ice: IceCredentials,
    pub(crate) remote_fingerprint: (String, String),
    /// We open the DTLS association.
    pub(crate) dtls_client: bool,
    pub(crate) sections: Vec<Section>,
}

/// One media section as negotiated.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) mid: String,
    pub(crate) body: Body,
}

/// What a section carries.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing: port 0.
    Rejected,
    /// Data channels.
    Application {
        /// What the remote side accepts in one message.
        max_message_size: Option<u32>,
    },
    /// Media.
    Media(MediaBody),
}

/// Media as negotiated.
#[derive(Debug)]
pub(crate) struct MediaBody {
    pub(crate) kind: Kind,
    /// As seen from us.
    pub(crate) direction: Direction,
    pub(crate) codecs: Vec<LocalCodec>,
    pub(crate) extensions: Vec<(u16, String)>,
    /// Layers that we send, by rid; empty: one without.
    pub(crate) send_rids: Vec<String>,
    /// SSRCs of what we send, in the order of the layers: main, RTX.
    pub(crate) local_ssrcs: Vec<(u32, u32)>,
    /// Announced remote SSRCs: main, RTX.
    pub(crate) remote_ssrcs: Vec<(u32, Option<u32>)>,
    /// How often the announced SSRCs were replaced by others.
    pub(crate) generation: u32,
    /// The remote side gives transport-wide feedback for audio too.
    pub(crate) audio_feedback: bool,
    /// The remote side sends sound again that is asked for.
    pub(crate) audio_nack: bool,
}

pub(crate) fn build(ice: &IceCredentials, tables: &Tables, now: Instant) -> Rtc {
    let mut config = RtcConfig::new()
        .set_crypto_provider(crate::held_data::crypto())
        .set_local_ice_credentials(IceCreds {
            ufrag: ice.ufrag.clone(),
            pass: ice.pwd.clone(),
        })
        .enable_bwe(Some(Bitrate::from(INITIAL_BITRATE)))
        // The jitter buffer orders audio: waiting here would only add delay.
        .set_reordering_size_audio(0)
        .set_reordering_timeout_audio(None)
        .set_reordering_size_video(30)
        // A report is no older than this, and nothing is in it before its first interval is over.
        .set_stats_interval(Some(Duration::from_millis(100)))
        // Its limit is one for all data channels together; ours, in `send`, is one for each.
        .set_sctp_max_buffered_amount(usize::MAX)
        .set_sctp_max_message_size(MAX_MESSAGE_SIZE)
        .set_rtcp_report_interval_video(VIDEO_REPORT_INTERVAL)
        .set_rtcp_report_interval_audio(AUDIO_REPORT_INTERVAL);
    // A pair is given up after about seven seconds of silence instead of twenty.
    config.set_max_stun_rto(Duration::from_secs(1));
    config.set_max_stun_retransmits(8);
    let codecs: &mut CodecConfig = config.codec_config();
    codecs.clear();
    for codec in &tables.codecs {
        add_codec(codecs, codec);
    }
    let extensions: &mut ExtensionMap = config.extension_map();
    *extensions = ExtensionMap::empty();
    for (id, extension) in [
        (1, Extension::AudioLevel),
        (2, Extension::AbsoluteSendTime),
        (3, Extension::TransportSequenceNumber),
        (4, Extension::RtpMid),
        (10, Extension::RtpStreamId),
        (11, Extension::RepairedRtpStreamId),
        (13, Extension::VideoOrientation),
    ] {
        extensions.set(id, extension);
    }
    config.build(now)
}

fn add_codec(config: &mut CodecConfig, codec: &LocalCodec) {
    let mut format = FormatParams::default();
    let (stack, clock) = match codec.codec {
        // With RED, which has no other way in.
        MediaCodec::Opus => return config.enable_opus(true, true),
        MediaCodec::Vp8 => (StackCodec::Vp8, Frequency::NINETY_KHZ),
        MediaCodec::Vp9 => {
            format.profile_id = Some(0);
            (StackCodec::Vp9, Frequency::NINETY_KHZ)
        }
        MediaCodec::H264 => {
            format.level_asymmetry_allowed = Some(true);
            format.packetization_mode = Some(u8::from(
                codec
                    .fmtp
                    .is_some_and(|f| f.contains("packetization-mode=1")),
            ));
            format.profile_level_id = Some(0x0042_e01f);
            (StackCodec::H264, Frequency::NINETY_KHZ)
        }
    };
    config.add_config(
        Pt::from(codec.payload_type),
        codec.rtx.map(Pt::from),
        stack,
        clock,
        codec.channels.and_then(|c| u8::try_from(c).ok()),
        format,
    );
}

/// Tells the stack what is negotiated.
pub(crate) fn commit(
    rtc: &mut Rtc,
    session: &Session,
    local_ice: &IceCredentials,
) -> Result<(), Error> {
    let text = remote_offer(session);
    tracing::trace!(%text, "session for the stack");
    let offer = SdpOffer::from_sdp_string(&text).map_err(|e| failed(&e))?;
    rtc.sdp_api().accept_offer(offer).map_err(|e| failed(&e))?;
    rtc.direct_api().set_local_ice_credentials(IceCreds {
        ufrag: local_ice.ufrag.clone(),
        pass: local_ice.pwd.clone(),
    });
    for section in &session.sections {
        if let Body::Media(media) = &section.body {
            if media.direction.sends() {
                use_announced_ssrcs(rtc, &section.mid, media);
            }
            expect_announced_ssrcs(rtc, &section.mid, media);
        }
    }
    Ok(())
}

/// The name under which the stack gets what a section sends us with its later SSRCs; none for the
/// first. A new depacketiser is all that it means: nobody negotiated it.
pub(crate) fn generation_rid(generation: u32) -> Option<Rid> {
    (generation > 0).then(|| Rid::from(format!("g{}", generation % 10_000_000).as_str()))
}

/// Tells the stack what comes under which SSRC.
///
/// Not by `a=ssrc` in the offer: the stack would take another SSRC of a section for a continuation
/// of the one before and drop everything whose sequence numbers are lower.
fn expect_announced_ssrcs(rtc: &mut Rtc, mid: &str, media: &MediaBody) {
    let (mid, rid) = (Mid::from(mid), generation_rid(media.generation));
    let mut direct = rtc.direct_api();
    if media.generation > 0 {
        let before = generation_rid(media.generation - 1);
        while let Some(ssrc) = direct.stream_rx_by_mid(mid, before).map(|s| s.ssrc()) {
            direct.remove_stream_rx(ssrc);
        }
    }
    if !media.direction.receives() {
        return;
    }
    // The stack panics for a section that it does not have.
    if rtc.media(mid).is_none() {
        return;
    }
    let mut direct = rtc.direct_api();
    for (main, rtx) in &media.remote_ssrcs {
        let (main, rtx) = (Ssrc::from(*main), rtx.map(Ssrc::from));
        // One that moved here from another section.
        if direct
            .stream_rx(&main)
            .is_some_and(|s| s.mid() != mid || s.rid() != rid)
        {
            direct.remove_stream_rx(main);
        }
        // Sound is sent again as it was.
        let asks = rtx.is_some() || (media.kind == Kind::Audio && media.audio_nack);
        direct
            .expect_stream_rx(main, rtx, mid, rid)
            .suppress_nack(!asks);
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::Operation(format!("the transport refuses the session: {error}"))
}

/// The stack makes up SSRCs for what we send; ours are in our description already.
fn use_announced_ssrcs(rtc: &mut Rtc, mid: &str, media: &MediaBody) {
    let rids: Vec<Option<Rid>> = if media.send_rids.is_empty() {
        vec![None]
    } else {
        media
            .send_rids
            .iter()
            .map(|rid| Some(Rid::from(rid.as_str())))
            .collect()
    };
    for (rid, (ssrc, rtx)) in rids.into_iter().zip(&media.local_ssrcs) {
        let mid = Mid::from(mid);
        let mut direct = rtc.direct_api();
        let Some(made_up) = direct.stream_tx_by_mid(mid, rid) else {
            continue;
        };
        let (before, has_rtx) = (made_up.ssrc(), made_up.rtx().is_some());
        // Not reset_stream_tx: the stack would go on looking for feedback under the old SSRC.
        if before != Ssrc::from(*ssrc) {
            direct.remove_stream_tx(before);
            let rtx = has_rtx.then(|| Ssrc::from(*rtx));
            direct.declare_stream_tx(Ssrc::from(*ssrc), rtx, mid, rid);
        }
    }
}

/// The session as a remote offer would put it.
fn remote_offer(session: &Session) -> String {
    let mut text = String::with_capacity(4096);
    // Writing to a String cannot fail.
    let _ = write_offer(&mut text, session);
    text
}

fn write_offer(text: &mut String, session: &Session) -> std::fmt::Result {
    write!(
        text,
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE"
    )?;
    for section in &session.sections {
        if !matches!(section.body, Body::Rejected) {
            write!(text, " {}", section.mid)?;
        }
    }
    write!(text, "\r\n")?;
    for section in &session.sections {
        match &section.body {
            Body::Rejected => {
                write!(
                    text,
                    "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n"
                )?;
                write!(text, "a=mid:{}\r\na=inactive\r\n", section.mid)?;
                transport(text, session)?;
            }
            Body::Application { max_message_size } => {
                let protocol = "UDP/DTLS/SCTP webrtc-datachannel";
                write!(text, "m=application 9 {protocol}\r\nc=IN IP4 0.0.0.0\r\n")?;
                write!(text, "a=mid:{}\r\na=sctp-port:5000\r\n", section.mid)?;
                if let Some(size) = max_message_size {
                    write!(text, "a=max-message-size:{size}\r\n")?;
                }
                transport(text, session)?;
            }
            Body::Media(media) => {
                write!(text, "m={} 9 UDP/TLS/RTP/SAVPF", media.kind.as_str())?;
                for codec in &media.codecs {
                    write!(text, " {}", codec.payload_type)?;
                    for with in [codec.rtx, codec.red].into_iter().flatten() {
                        write!(text, " {with}")?;
                    }
                }
                write!(text, "\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\n", section.mid)?;
                transport(text, session)?;
                media_lines(text, media)?;
            }
        }
    }
    Ok(())
}

fn transport(text: &mut String, session: &Session) -> std::fmt::Result {
    let IceCredentials { ufrag, pwd } = &session.remote_ice;
    let (algorithm, digest) = &session.remote_fingerprint;
    let setup = if session.dtls_client {
        "passive"
    } else {
        "active"
    };
    write!(text, "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\n")?;
    write!(
        text,
        "a=fingerprint:{algorithm} {digest}\r\na=setup:{setup}\r\n"
    )
}

fn media_lines(text: &mut String, media: &MediaBody) -> std::fmt::Result {
    write!(
        text,
        "a={}\r\na=rtcp-mux\r\n",
        media.direction.reversed().as_str()
    )?;
    for (id, uri) in &media.extensions {
        write!(text, "a=extmap:{id} {uri}\r\n")?;
    }
    for codec in &media.codecs {
        let pt = codec.payload_type;
        write!(text, "a=rtpmap:{pt} {}/{}", codec.name, codec.clock_rate)?;
        if let Some(channels) = codec.channels {
            write!(text, "/{channels}")?;
        }
        write!(text, "\r\n")?;
        if let Some(fmtp) = codec.fmtp {
            write!(text, "a=fmtp:{pt} {fmtp}\r\n")?;
        }
        for feedback in codec.feedback() {
            let audio = match *feedback {
                "nack" => media.audio_nack,
                _ => media.audio_feedback,
            };
            if media.kind == Kind::Video || audio {
                write!(text, "a=rtcp-fb:{pt} {feedback}\r\n")?;
            }
        }
        if let Some(rtx) = codec.rtx {
            write!(text, "a=rtpmap:{rtx} rtx/{}\r\n", codec.clock_rate)?;
            write!(text, "a=fmtp:{rtx} apt={pt}\r\n")?;
        }
        if let Some(red) = codec.red {
            let channels = codec.channels.unwrap_or(1);
            write!(
                text,
                "a=rtpmap:{red} red/{}/{channels}\r\n",
                codec.clock_rate
            )?;
            write!(text, "a=fmtp:{red} {pt}/{pt}\r\n")?;
        }
    }
    if media.direction.sends() && !media.send_rids.is_empty() {
        for rid in &media.send_rids {
            write!(text, "a=rid:{rid} recv\r\n")?;
        }
        write!(text, "a=simulcast:recv {}\r\n", media.send_rids.join(";"))?;
    }
    Ok(())
}
