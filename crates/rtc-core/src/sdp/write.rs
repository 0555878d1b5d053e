//! The writer: our own offers and answers (RFC 8829 sections 5.2 and 5.3).

use std::fmt::Write as _;

use super::{IceCredentials, SdpCodec, SectionKind, Setup};
use crate::transceiver::Direction;

/// A description to write.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// `o=` session id.
    pub(crate) session_id: u64,
    /// `o=` version.
    pub(crate) version: u64,
    pub(crate) ice: &'a IceCredentials,
    pub(crate) fingerprint: &'a str,
    pub(crate) setup: Setup,
    /// `a=candidate` values of the transport.
    pub(crate) candidates: &'a [String],
    /// All candidates are there.
    pub(crate) gathered: bool,
    pub(crate) sections: Vec<DraftSection>,
}

/// A media section to write.
#[derive(Debug)]
pub(crate) struct DraftSection {
    pub(crate) kind: SectionKind,
    pub(crate) mid: String,
    pub(crate) body: DraftBody,
}

/// What is in it.
#[derive(Debug)]
pub(crate) enum DraftBody {
    Rejected,
    Application { max_message_size: u32 },
    Media(DraftMedia),
}

/// Media to write.
#[derive(Debug)]
pub(crate) struct DraftMedia {
    pub(crate) direction: Direction,
    /// Codecs with their RTX payload types among them, in order.
    pub(crate) codecs: Vec<SdpCodec>,
    pub(crate) extensions: Vec<(u16, String)>,
    /// (stream, track), when sending.
    pub(crate) msids: Vec<(String, String)>,
    /// Layers sent, when there are several.
    pub(crate) send_rids: Vec<String>,
    /// Announced SSRC with its RTX SSRC and canonical name, when sending one layer.
    pub(crate) ssrc: Option<(u32, Option<u32>, String)>,
}

impl Draft<'_> {
    /// The text.
    pub(crate) fn write(&self) -> String {
        let mut text = String::with_capacity(8192);
        // Writing to a String cannot fail.
        let _ = self.write_to(&mut text);
        text
    }

    fn write_to(&self, text: &mut String) -> std::fmt::Result {
        let (id, version) = (self.session_id, self.version);
        write!(
            text,
            "v=0\r\no=- {id} {version} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        )?;
        let bundled = || {
            self.sections
                .iter()
                .filter(|s| !matches!(s.body, DraftBody::Rejected))
        };
        if bundled().next().is_some() {
            write!(text, "a=group:BUNDLE")?;
            for section in bundled() {
                write!(text, " {}", section.mid)?;
            }
            write!(text, "\r\n")?;
        }
        write!(text, "a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n")?;
        let mut first = true;
        for section in &self.sections {
            self.section(text, section)?;
            if first && !matches!(section.body, DraftBody::Rejected) {
                first = false;
                for candidate in self.candidates {
                    write!(text, "a={candidate}\r\n")?;
                }
                if self.gathered {
                    write!(text, "a=end-of-candidates\r\n")?;
                }
            }
        }
        Ok(())
    }

    fn section(&self, text: &mut String, section: &DraftSection) -> std::fmt::Result {
        let DraftSection { kind, mid, body } = section;
        match body {
            DraftBody::Rejected => {
                let rest = match kind {
                    SectionKind::Application => "UDP/DTLS/SCTP webrtc-datachannel",
                    _ => "UDP/TLS/RTP/SAVPF 0",
                };
                write!(text, "m={} 0 {rest}\r\nc=IN IP4 0.0.0.0\r\n", kind.as_str())?;
                write!(text, "a=mid:{mid}\r\na=inactive\r\n")
            }
            DraftBody::Application { max_message_size } => {
                write!(text, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")?;
                write!(text, "c=IN IP4 0.0.0.0\r\n")?;
                self.transport(text)?;
                write!(text, "a=mid:{mid}\r\na=sctp-port:5000\r\n")?;
                write!(text, "a=max-message-size:{max_message_size}\r\n")
            }
            DraftBody::Media(media) => {
                write!(text, "m={} 9 UDP/TLS/RTP/SAVPF", kind.as_str())?;
                for codec in &media.codecs {
                    write!(text, " {}", codec.payload_type)?;
                }
                write!(text, "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n")?;
                self.transport(text)?;
                write!(text, "a=mid:{mid}\r\n")?;
                media_lines(text, media)
            }
        }
    }

    fn transport(&self, text: &mut String) -> std::fmt::Result {
        let setup = match self.setup {
            Setup::Active => "active",
            Setup::Passive => "passive",
            Setup::ActPass => "actpass",
        };
        write!(
            text,
            "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n",
            self.ice.ufrag, self.ice.pwd
        )?;
        write!(
            text,
            "a=ice-options:trickle\r\na=fingerprint:{}\r\n",
            self.fingerprint
        )?;
        write!(text, "a=setup:{setup}\r\n")
    }
}

fn media_lines(text: &mut String, media: &DraftMedia) -> std::fmt::Result {
    for (id, uri) in &media.extensions {
        write!(text, "a=extmap:{id} {uri}\r\n")?;
    }
    write!(text, "a={}\r\n", media.direction.as_str())?;
    for (stream, track) in &media.msids {
        write!(text, "a=msid:{stream} {track}\r\n")?;
    }
    write!(text, "a=rtcp-mux\r\na=rtcp-rsize\r\n")?;
    for codec in &media.codecs {
        let pt = codec.payload_type;
        write!(text, "a=rtpmap:{pt} {}/{}", codec.name, codec.clock_rate)?;
        if let Some(channels) = codec.channels {
            write!(text, "/{channels}")?;
        }
        write!(text, "\r\n")?;
        for feedback in &codec.feedback {
            write!(text, "a=rtcp-fb:{pt} {feedback}\r\n")?;
        }
        if let Some(fmtp) = &codec.fmtp {
            write!(text, "a=fmtp:{pt} {fmtp}\r\n")?;
        }
    }
    if !media.send_rids.is_empty() {
        for rid in &media.send_rids {
            write!(text, "a=rid:{rid} send\r\n")?;
        }
        write!(text, "a=simulcast:send {}\r\n", media.send_rids.join(";"))?;
    }
    if let Some((ssrc, rtx, cname)) = &media.ssrc {
        if let Some(rtx) = rtx {
            write!(text, "a=ssrc-group:FID {ssrc} {rtx}\r\n")?;
        }
        for ssrc in [Some(*ssrc), *rtx].into_iter().flatten() {
            write!(text, "a=ssrc:{ssrc} cname:{cname}\r\n")?;
            for (stream, track) in &media.msids {
                write!(text, "a=ssrc:{ssrc} msid:{stream} {track}\r\n")?;
            }
        }
    }
    Ok(())
}
