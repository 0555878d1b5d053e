//! Session descriptions.

use std::fmt::Write as _;

use rtc_core::sdp::{Description, Section, SectionKind, Setup, parse_description};

/// Reads a description; what can be read means the same when it is written and read again.
pub fn sdp(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    match parse_description(text) {
        Ok(read) => {
            let written = write(&read);
            let again = parse_description(&written).expect("what was read can be read again");
            assert_eq!(without_lines(read), without_lines(again), "{written}");
        }
        Err(error) => {
            let line = error.sdp_line().expect("reading fails at a line") as usize;
            assert!((1..=text.lines().count().max(1)).contains(&line), "{error}");
        }
    }
}

/// Where a section stands depends on what was left out.
fn without_lines(mut description: Description) -> Description {
    for section in &mut description.sections {
        section.line = 0;
    }
    description
}

/// Everything that a description says, as text.
fn write(description: &Description) -> String {
    let mut text = String::from("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    if description.ice_lite {
        text += "a=ice-lite\r\n";
    }
    if let Some(bundle) = &description.bundle {
        writeln!(text, "a=group:BUNDLE {}\r", bundle.join(" ")).unwrap();
    }
    for section in &description.sections {
        for line in lines(section) {
            text += &line;
            text += "\r\n";
        }
    }
    text
}

fn lines(section: &Section) -> Vec<String> {
    let mut lines = Vec::new();
    let (kind, port) = (section.kind.as_str(), section.port);
    let mut media = match section.kind {
        SectionKind::Audio | SectionKind::Video => format!("m={kind} {port} UDP/TLS/RTP/SAVPF"),
        SectionKind::Application => format!("m={kind} {port} UDP/DTLS/SCTP webrtc-datachannel"),
        SectionKind::Other(_) => format!("m={kind} {port} other"),
    };
    for codec in &section.codecs {
        media += &format!(" {}", codec.payload_type);
    }
    lines.push(media);
    lines.push(format!("a=mid:{}", section.mid));
    lines.push(format!("a={}", section.direction.as_str()));
    if section.bundle_only {
        lines.push("a=bundle-only".into());
    }
    if let Some(ice) = &section.ice {
        lines.push(format!("a=ice-ufrag:{}", ice.ufrag));
        lines.push(format!("a=ice-pwd:{}", ice.pwd));
    }
    for (algorithm, digest) in &section.fingerprints {
        lines.push(format!("a=fingerprint:{algorithm} {digest}"));
    }
    if let Some(setup) = section.setup {
        let setup = match setup {
            Setup::Active => "active",
            Setup::Passive => "passive",
            Setup::ActPass => "actpass",
        };
        lines.push(format!("a=setup:{setup}"));
    }
    lines.extend(section.candidates.iter().map(|line| format!("a={line}")));
    if section.end_of_candidates {
        lines.push("a=end-of-candidates".into());
    }
    for (id, uri) in &section.extensions {
        lines.push(format!("a=extmap:{id} {uri}"));
    }
    for (stream, track) in &section.msids {
        let track = track.as_deref().unwrap_or_default();
        lines.push(format!("a=msid:{stream} {track}"));
    }
    codec_lines(section, &mut lines);
    layer_lines(section, &mut lines);
    for (main, rtx) in &section.ssrcs {
        if let Some(rtx) = rtx {
            lines.push(format!("a=ssrc-group:FID {main} {rtx}"));
        }
        lines.push(format!("a=ssrc:{main} cname:x"));
    }
    for (name, value) in [
        ("max-message-size", section.max_message_size),
        ("sctp-port", section.sctp_port.map(u32::from)),
        ("ptime", section.packet_time),
    ] {
        lines.extend(value.map(|value| format!("a={name}:{value}")));
    }
    lines
}

fn codec_lines(section: &Section, lines: &mut Vec<String>) {
    for codec in &section.codecs {
        let pt = codec.payload_type;
        let channels = codec.channels.map(|c| format!("/{c}")).unwrap_or_default();
        let (name, clock) = (&codec.name, codec.clock_rate);
        lines.push(format!("a=rtpmap:{pt} {name}/{clock}{channels}"));
        lines.extend(codec.fmtp.iter().map(|fmtp| format!("a=fmtp:{pt} {fmtp}")));
        let feedback = codec.feedback.iter();
        lines.extend(feedback.map(|value| format!("a=rtcp-fb:{pt} {value}")));
    }
}

fn layer_lines(section: &Section, lines: &mut Vec<String>) {
    for rid in &section.rids {
        let direction = if rid.send { "send" } else { "recv" };
        lines.push(format!("a=rid:{} {direction}", rid.id));
    }
    for (direction, list) in [
        ("send", &section.simulcast_send),
        ("recv", &section.simulcast_recv),
    ] {
        if !list.is_empty() {
            let write = |(rid, paused): &(String, bool)| {
                let mark = if *paused { "~" } else { "" };
                format!("{mark}{rid}")
            };
            let list: Vec<String> = list.iter().map(write).collect();
            lines.push(format!("a=simulcast:{direction} {}", list.join(";")));
        }
    }
}
