//! The reader.

use super::{Description, IceCredentials, SdpCodec, SdpRid, Section, SectionKind, Setup};
use crate::Error;
use crate::transceiver::Direction;

/// More than this is not a description of a call.
const MAX_BYTES: usize = 1 << 20;
const MAX_SECTIONS: usize = 1024;
/// Entries of a list that another multiplies: unlimited, they could take hours and all memory.
const MAX_LIST: usize = 256;
/// Characters of what the session says for all sections.
const MAX_SHARED: usize = 256;
/// `a=mid` must fit a one-byte header extension element (RFC 8285), and the RTP stack.
const MAX_MID: usize = 16;

/// Reads a description.
///
/// # Errors
/// [`Error::SdpSyntax`] with the line at which it stops making sense.
pub fn parse_description(text: &str) -> Result<Description, Error> {
    if text.len() > MAX_BYTES {
        return Err(syntax(1, "too long"));
    }
    let mut reader = Reader::default();
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        last = number;
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            continue;
        }
        let mut chars = line.chars();
        let (Some(kind), Some('=')) = (chars.next(), chars.next()) else {
            return Err(syntax(number, "expected <type>=<value>"));
        };
        reader.line(number, kind, chars.as_str())?;
    }
    reader.finish(last.max(1))
}

fn syntax(line: u32, message: impl Into<String>) -> Error {
    Error::SdpSyntax {
        line,
        message: message.into(),
    }
}

/// Appends to a list of at most [`MAX_LIST`].
fn push<T>(list: &mut Vec<T>, item: T, number: u32) -> Result<(), Error> {
    if list.len() >= MAX_LIST {
        return Err(syntax(number, "too many lines of this kind"));
    }
    list.push(item);
    Ok(())
}

/// What session and section level have in common.
#[derive(Clone, Debug, Default)]
struct Shared {
    ufrag: Option<String>,
    pwd: Option<String>,
    fingerprints: Vec<(String, String)>,
    setup: Option<Setup>,
    direction: Option<Direction>,
    candidates: Vec<String>,
    end_of_candidates: bool,
    extensions: Vec<(u16, String)>,
}

#[derive(Default)]
struct Reader {
    seen_version: bool,
    description: Description,
    session: Shared,
    current: Option<(Section, Shared, SsrcTable, Vec<u8>)>,
}

#[derive(Debug, Default)]
struct SsrcTable {
    all: Vec<u32>,
    /// (main, RTX)
    repairs: Vec<(u32, u32)>,
    /// FEC SSRCs: no media of their own.
    ignored: Vec<u32>,
}

impl Reader {
    fn line(&mut self, number: u32, kind: char, value: &str) -> Result<(), Error> {
        if !self.seen_version {
            if kind != 'v' || value.trim_ascii() != "0" {
                return Err(syntax(number, "a description begins with v=0"));
            }
            self.seen_version = true;
            return Ok(());
        }
        match kind {
            'm' => self.media(number, value),
            'a' => self.attribute(number, value),
            'o' | 's' | 't' | 'c' | 'b' | 'i' | 'u' | 'e' | 'p' | 'k' | 'r' | 'z' => Ok(()),
            _ => Err(syntax(number, format!("unknown line type {kind}="))),
        }
    }

    fn media(&mut self, number: u32, value: &str) -> Result<(), Error> {
        self.close_section();
        if self.description.sections.len() >= MAX_SECTIONS {
            return Err(syntax(number, "too many media sections"));
        }
        let mut words = value.split_ascii_whitespace();
        let (Some(media), Some(port), Some(protocol)) = (words.next(), words.next(), words.next())
        else {
            return Err(syntax(number, "incomplete m= line"));
        };
        let port = port
            .split('/')
            .next()
            .and_then(|p| p.parse().ok())
            .ok_or_else(|| syntax(number, "bad port in m= line"))?;
        let rtp = protocol.ends_with("RTP/SAVPF") || protocol.ends_with("RTP/SAVP");
        let kind = match media {
            "audio" if rtp => SectionKind::Audio,
            "video" if rtp => SectionKind::Video,
            "application" if protocol.ends_with("DTLS/SCTP") => SectionKind::Application,
            other => SectionKind::Other(other.to_owned()),
        };
        let mut formats = Vec::new();
        if matches!(kind, SectionKind::Audio | SectionKind::Video) {
            for word in words {
                let payload: u8 = word
                    .parse()
                    .ok()
                    .filter(|p| *p < 128)
                    .ok_or_else(|| syntax(number, "bad payload type in m= line"))?;
                if !formats.contains(&payload) {
                    formats.push(payload);
                }
            }
        }
        let section = Section {
            kind,
            line: number,
            port,
            mid: String::new(),
            direction: Direction::SendRecv,
            bundle_only: false,
            ice: None,
            fingerprints: Vec::new(),
            setup: None,
            candidates: Vec::new(),
            end_of_candidates: false,
            codecs: Vec::new(),
            extensions: Vec::new(),
            msids: Vec::new(),
            rids: Vec::new(),
            simulcast_send: Vec::new(),
            simulcast_recv: Vec::new(),
            ssrcs: Vec::new(),
            max_message_size: None,
            sctp_port: None,
            packet_time: None,
        };
        self.current = Some((section, Shared::default(), SsrcTable::default(), formats));
        Ok(())
    }

    fn attribute(&mut self, number: u32, text: &str) -> Result<(), Error> {
        let (name, value) = text
            .split_once(':')
            .map_or((text, ""), |(n, v)| (n, v.trim_ascii()));
        let shared = match &mut self.current {
            Some((_, shared, _, _)) => shared,
            None => &mut self.session,
        };
        if shared_attribute(shared, number, name, value, text)? {
            return Ok(());
        }
        let Some((section, _, ssrcs, formats)) = &mut self.current else {
            match name {
                "ice-lite" => self.description.ice_lite = true,
                "group" => {
                    let mut words = value.split_ascii_whitespace();
                    if words.next() == Some("BUNDLE") {
                        let mids = self.description.bundle.get_or_insert_default();
                        mids.extend(words.map(str::to_owned));
                        if mids.len() > MAX_SECTIONS {
                            return Err(syntax(number, "too many mids"));
                        }
                    }
                }
                _ => {}
            }
            return Ok(());
        };
        section_attribute(section, ssrcs, formats, number, name, value)
    }

    fn close_section(&mut self) {
        let Some((mut section, shared, ssrcs, formats)) = self.current.take() else {
            return;
        };
        let session = &self.session;
        let ufrag = shared.ufrag.or_else(|| session.ufrag.clone());
        let pwd = shared.pwd.or_else(|| session.pwd.clone());
        section.ice = ufrag
            .zip(pwd)
            .map(|(ufrag, pwd)| IceCredentials { ufrag, pwd });
        section.fingerprints = if shared.fingerprints.is_empty() {
            session.fingerprints.clone()
        } else {
            shared.fingerprints
        };
        section.setup = shared.setup.or(session.setup);
        section.direction = shared
            .direction
            .or(session.direction)
            .unwrap_or(Direction::SendRecv);
        section.candidates = shared.candidates;
        section.end_of_candidates = shared.end_of_candidates;
        section.extensions = shared.extensions;
        for extension in &session.extensions {
            if !section.extensions.contains(extension) {
                section.extensions.push(extension.clone());
            }
        }
        if section.mid.is_empty() {
            // RFC 8829 section 5.10 lets an offer come without mids; they are needed from here on.
            section.mid = format!("~{}", self.description.sections.len());
        }
        finish_codecs(&mut section, &formats);
        let repair = |ssrc: &u32| ssrcs.repairs.iter().any(|(_, rtx)| rtx == ssrc);
        section.ssrcs = ssrcs
            .all
            .iter()
            .filter(|ssrc| !repair(ssrc) && !ssrcs.ignored.contains(ssrc))
            .map(|ssrc| {
                let rtx = ssrcs
                    .repairs
                    .iter()
                    .find(|(main, _)| main == ssrc)
                    .map(|(_, rtx)| *rtx);
                (*ssrc, rtx)
            })
            .collect();
        self.description.sections.push(section);
    }

    fn finish(mut self, last: u32) -> Result<Description, Error> {
        if !self.seen_version {
            return Err(syntax(1, "empty description"));
        }
        self.close_section();
        let sections = &self.description.sections;
        for (index, section) in sections.iter().enumerate() {
            if sections[..index].iter().any(|s| s.mid == section.mid) {
                return Err(syntax(
                    section.line,
                    format!("mid {} occurs twice", section.mid),
                ));
            }
        }
        if let Some(bundle) = &self.description.bundle {
            for mid in bundle {
                if !sections.iter().any(|s| s.mid == *mid) {
                    return Err(syntax(
                        last,
                        format!("bundle group names unknown mid {mid}"),
                    ));
                }
            }
        }
        Ok(self.description)
    }
}

/// Handles attributes that both levels know. Says whether it was one.
fn shared_attribute(
    shared: &mut Shared,
    number: u32,
    name: &str,
    value: &str,
    text: &str,
) -> Result<bool, Error> {
    match name {
        "ice-ufrag" => shared.ufrag = Some(ice_text(number, value, 4)?),
        "ice-pwd" => shared.pwd = Some(ice_text(number, value, 22)?),
        "fingerprint" => {
            let (algorithm, digest) = value
                .split_once(' ')
                .ok_or_else(|| syntax(number, "a=fingerprint wants an algorithm and a value"))?;
            let digest = digest.trim_ascii();
            let hex = |p: &str| p.len() == 2 && p.chars().all(|c| c.is_ascii_hexdigit());
            if value.len() > MAX_SHARED || !digest.split(':').all(hex) {
                return Err(syntax(number, "bad fingerprint"));
            }
            let read = (algorithm.to_ascii_lowercase(), digest.to_ascii_uppercase());
            push(&mut shared.fingerprints, read, number)?;
        }
        "setup" => {
            shared.setup = Some(match value {
                "active" => Setup::Active,
                "passive" => Setup::Passive,
                "actpass" => Setup::ActPass,
                _ => return Err(syntax(number, "bad a=setup")),
            });
        }
        "sendrecv" => shared.direction = Some(Direction::SendRecv),
        "sendonly" => shared.direction = Some(Direction::SendOnly),
        "recvonly" => shared.direction = Some(Direction::RecvOnly),
        "inactive" => shared.direction = Some(Direction::Inactive),
        "candidate" => shared.candidates.push(text.to_owned()),
        "end-of-candidates" => shared.end_of_candidates = true,
        "extmap" => {
            let mut words = value.split_ascii_whitespace();
            let id = words
                .next()
                .and_then(|w| w.split('/').next())
                .and_then(|w| w.parse().ok());
            let (Some(id), Some(uri)) = (id, words.next()) else {
                return Err(syntax(number, "bad a=extmap"));
            };
            if uri.len() > MAX_SHARED {
                return Err(syntax(number, "bad a=extmap"));
            }
            push(&mut shared.extensions, (id, uri.to_owned()), number)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn ice_text(number: u32, value: &str, least: usize) -> Result<String, Error> {
    let fits = (least..=256).contains(&value.len());
    let clean = value.chars().all(|c| c.is_ascii_graphic());
    if fits && clean {
        Ok(value.to_owned())
    } else {
        Err(syntax(number, "bad ICE credentials"))
    }
}

fn section_attribute(
    section: &mut Section,
    ssrcs: &mut SsrcTable,
    formats: &[u8],
    number: u32,
    name: &str,
    value: &str,
) -> Result<(), Error> {
    match name {
        "mid" => {
            let clean = value.chars().all(|c| c.is_ascii_graphic());
            if value.is_empty() || value.len() > MAX_MID || !clean {
                return Err(syntax(number, "bad a=mid"));
            }
            section.mid = value.to_owned();
        }
        "bundle-only" => section.bundle_only = true,
        "rtpmap" => {
            let bad = || syntax(number, "bad a=rtpmap");
            let (payload, rest) = value.split_once(' ').ok_or_else(bad)?;
            let payload_type: u8 = payload.parse().ok().filter(|p| *p < 128).ok_or_else(bad)?;
            let mut parts = rest.trim_ascii().split('/');
            let encoding = parts.next().unwrap_or_default();
            let clock_rate = parts.next().and_then(|c| c.parse().ok()).ok_or_else(bad)?;
            let channels = parts.next().and_then(|c| c.parse().ok());
            if formats.contains(&payload_type) {
                let codec = codec_mut(section, payload_type);
                codec.name = encoding.to_owned();
                codec.clock_rate = clock_rate;
                codec.channels = channels;
            }
        }
        "fmtp" => {
            if let Some((payload_type, rest)) = payload_and_rest(value)
                && formats.contains(&payload_type)
            {
                let codec = codec_mut(section, payload_type);
                let fmtp = codec.fmtp.get_or_insert_default();
                if !fmtp.is_empty() {
                    fmtp.push(';');
                }
                fmtp.push_str(rest);
            }
        }
        "rtcp-fb" => {
            if let Some(rest) = value.strip_prefix("* ") {
                for payload in formats {
                    let codec = codec_mut(section, *payload);
                    push(&mut codec.feedback, rest.trim_ascii().to_owned(), number)?;
                }
            } else if let Some((payload_type, rest)) = payload_and_rest(value)
                && formats.contains(&payload_type)
            {
                let codec = codec_mut(section, payload_type);
                push(&mut codec.feedback, rest.to_owned(), number)?;
            }
        }
        "msid" => {
            let mut words = value.split_ascii_whitespace();
            if let Some(stream) = words.next() {
                section
                    .msids
                    .push((stream.to_owned(), words.next().map(str::to_owned)));
            }
        }
        "rid" => {
            let mut words = value.split_ascii_whitespace();
            let (Some(id), Some(direction)) = (words.next(), words.next()) else {
                return Err(syntax(number, "bad a=rid"));
            };
            section.rids.push(SdpRid {
                id: id.to_owned(),
                send: direction == "send",
            });
        }
        "simulcast" => {
            let mut words = value.split_ascii_whitespace();
            while let (Some(direction), Some(list)) = (words.next(), words.next()) {
                let list = simulcast_list(list);
                match direction {
                    "send" => section.simulcast_send = list,
                    "recv" => section.simulcast_recv = list,
                    _ => return Err(syntax(number, "bad a=simulcast")),
                }
            }
        }
        "ssrc" => {
            if let Some(ssrc) = value.split(' ').next().and_then(|s| s.parse().ok())
                && !ssrcs.all.contains(&ssrc)
            {
                push(&mut ssrcs.all, ssrc, number)?;
            }
        }
        "ssrc-group" => {
            let mut words = value.split_ascii_whitespace();
            let semantics = words.next();
            let members: Vec<u32> = words.filter_map(|w| w.parse().ok()).collect();
            match (semantics, members.as_slice()) {
                (Some("FID"), [main, rtx]) => push(&mut ssrcs.repairs, (*main, *rtx), number)?,
                (Some("FEC" | "FEC-FR"), [_, fec]) => push(&mut ssrcs.ignored, *fec, number)?,
                _ => {}
            }
        }
        "max-message-size" => section.max_message_size = value.parse().ok(),
        "sctp-port" => section.sctp_port = value.parse().ok(),
        "ptime" => section.packet_time = value.parse().ok(),
        _ => {}
    }
    Ok(())
}

fn payload_and_rest(value: &str) -> Option<(u8, &str)> {
    let (payload, rest) = value.split_once(' ')?;
    Some((payload.parse().ok()?, rest.trim_ascii()))
}

/// The first alternative of each group (RFC 8853 section 5.1).
fn simulcast_list(list: &str) -> Vec<(String, bool)> {
    list.split(';')
        .filter_map(|group| group.split(',').next())
        .filter(|rid| !rid.is_empty())
        .map(|rid| match rid.strip_prefix('~') {
            Some(rid) => (rid.to_owned(), true),
            None => (rid.to_owned(), false),
        })
        .collect()
}

fn codec_mut(section: &mut Section, payload_type: u8) -> &mut SdpCodec {
    let index = match section
        .codecs
        .iter()
        .position(|c| c.payload_type == payload_type)
    {
        Some(index) => index,
        None => {
            section.codecs.push(SdpCodec {
                payload_type,
                name: String::new(),
                clock_rate: 0,
                channels: None,
                fmtp: None,
                feedback: Vec::new(),
            });
            section.codecs.len() - 1
        }
    };
    &mut section.codecs[index]
}

/// Orders the codecs as the `m=` line has them and drops what has no `rtpmap`.
fn finish_codecs(section: &mut Section, formats: &[u8]) {
    section.codecs.retain(|c| !c.name.is_empty());
    section
        .codecs
        .sort_by_key(|c| formats.iter().position(|f| *f == c.payload_type));
}
