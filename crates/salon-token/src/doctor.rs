//! The token doctor: what a token says, what it allows, and everything that is wrong with it. What keeps
//! its bearer out is found in `inspect` and `stream`, where a join finds it as well.

use std::fmt::Write as _;
use std::time::SystemTime;

use salon_base::words::Severity;
use salon_base::{Code, Fault};
use serde::Serialize;
use serde_json::Value;

use super::inspect::{Claims, Expected, Header, decode, faults, seconds};
use super::stream::stream_faults;

/// Whose token it is, by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
#[ts(rename = "TokenKind")]
pub enum Kind {
    /// LiveKit's: it has grants.
    Livekit,
    /// Stream's: it has a `user_id`.
    Stream,
}

/// One thing that a token allows, or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Grant {
    /// As the token names it.
    pub name: String,
    /// Whether it is given.
    pub given: bool,
    /// What it means; empty for what is not known here.
    pub allows: &'static str,
}

/// Something that is wrong, or should be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Finding {
    /// Code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// In plain words.
    pub sentence: String,
    /// What to do next.
    pub next: String,
    /// What was found, without secrets; may be empty.
    pub detail: String,
}

/// What the doctor says. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// Nothing in it keeps its bearer out; whether the signature does, only the server knows.
    pub healthy: bool,
    /// Absent: it could not be read.
    pub kind: Option<Kind>,
    /// How it is signed.
    pub algorithm: Option<String>,
    /// The API key that it names.
    pub key: Option<String>,
    /// Who it is for.
    pub identity: Option<String>,
    /// What the others see.
    pub name: Option<String>,
    /// The room it is for.
    pub room: Option<String>,
    /// When it was made.
    pub issued_at: Option<f64>,
    /// From when on it counts.
    pub not_before: Option<f64>,
    /// Until when it counts.
    pub expires_at: Option<f64>,
    /// Seconds that it has left; negative: it is over.
    pub seconds_left: Option<f64>,
    /// LiveKit's grants.
    pub grants: Vec<Grant>,
    /// In the order in which a server meets them.
    pub findings: Vec<Finding>,
}

/// What LiveKit's grants mean, in the order of their weight for a meeting; `true` if a token without
/// the grant has it.
const GRANTS: [(&str, bool, &str); 9] = [
    ("roomJoin", false, "join the room"),
    ("canPublish", true, "speak and be seen"),
    ("canSubscribe", true, "hear and see the others"),
    ("canPublishData", true, "write in the chat"),
    (
        "canUpdateOwnMetadata",
        false,
        "raise a hand and change the own name",
    ),
    ("roomAdmin", false, "mute and remove others"),
    ("roomCreate", false, "make rooms"),
    ("roomList", false, "list rooms"),
    ("roomRecord", false, "record"),
];

/// Reads a token as `kind`, or as what it seems to be.
pub fn diagnose(token: &str, kind: Option<Kind>, expected: Expected<'_>) -> Diagnosis {
    let (header, claims) = match decode(token) {
        Ok(read) => read,
        Err(fault) => return Diagnosis::unreadable(fault),
    };
    let seems = if claims.user_id.is_some() && claims.video.is_none() {
        Kind::Stream
    } else {
        Kind::Livekit
    };
    let found = match kind.unwrap_or(seems) {
        Kind::Livekit => {
            let mut found = faults(&header, &claims, expected);
            found.extend(warnings(&claims));
            found
        }
        Kind::Stream => stream_faults(&header, &claims, expected),
    };
    Diagnosis::new(seems, header, claims, found, expected.now)
}

/// What does not keep its bearer out, but should be known.
fn warnings(claims: &Claims) -> Vec<Fault> {
    let video = claims.video.as_ref();
    let silent = video.is_some_and(|video| video.can_publish == Some(false));
    let publish = silent.then(|| Code::TokenPublishMissing.into());
    let endless = claims.exp.is_none().then(|| Code::TokenEndless.into());
    publish.into_iter().chain(endless).collect()
}

impl Finding {
    fn new(fault: Fault) -> Self {
        let words = fault.code.words();
        Self {
            code: fault.code,
            severity: words.map_or(Severity::Error, |words| words.severity),
            sentence: words.map_or_else(String::new, |words| words.sentence.clone()),
            next: words.map_or_else(String::new, |words| words.next.clone()),
            detail: fault.detail,
        }
    }
}

impl Diagnosis {
    fn unreadable(fault: Fault) -> Self {
        Self {
            findings: vec![Finding::new(fault)],
            ..Self::default()
        }
    }

    fn new(
        kind: Kind,
        header: Header,
        claims: Claims,
        faults: Vec<Fault>,
        now: SystemTime,
    ) -> Self {
        let findings: Vec<_> = faults.into_iter().map(Finding::new).collect();
        let user = claims.user_id.as_ref().and_then(Value::as_str);
        let identity = match kind {
            Kind::Livekit => claims.sub.clone(),
            Kind::Stream => user.map(str::to_owned),
        };
        Self {
            healthy: findings
                .iter()
                .all(|finding| finding.severity != Severity::Error),
            kind: Some(kind),
            algorithm: Some(header.alg),
            key: claims.iss.clone(),
            identity,
            name: claims.name.clone(),
            room: claims.video.as_ref().and_then(|video| video.room.clone()),
            issued_at: claims.iat,
            not_before: claims.nbf,
            expires_at: claims.exp,
            seconds_left: claims.exp.map(|exp| exp - seconds(now)),
            grants: grants(&claims),
            findings,
        }
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<12} {value}");
        };
        if let Some(kind) = self.kind {
            line(
                "kind",
                if kind == Kind::Stream {
                    "Stream"
                } else {
                    "LiveKit"
                },
            );
        }
        for (name, value) in [
            ("signed with", &self.algorithm),
            ("API key", &self.key),
            ("identity", &self.identity),
            ("name", &self.name),
            ("room", &self.room),
        ] {
            if let Some(value) = value {
                // Written by whoever made the token: nothing of it may steer the terminal.
                let plain: String = value.chars().filter(|c| !c.is_control()).collect();
                line(name, &plain);
            }
        }
        match self.seconds_left {
            Some(left) if left >= 0.0 => line("ends", &format!("in {left:.0} s")),
            Some(left) => line("ended", &format!("{:.0} s ago", -left)),
            None if self.kind.is_some() => line("ends", "never"),
            None => {}
        }
        for grant in &self.grants {
            let mark = if grant.given { "yes" } else { "no" };
            line(
                &format!("  {mark}"),
                &format!("{} ({})", grant.allows, grant.name),
            );
        }
        for finding in &self.findings {
            let mark = match finding.severity {
                Severity::Error => "WRONG",
                Severity::Warning => "careful",
                Severity::Info => "note",
            };
            line(
                mark,
                &format!("{} [{}]", finding.sentence, finding.code.name()),
            );
            for more in [&finding.detail, &finding.next] {
                if !more.is_empty() {
                    line("", more);
                }
            }
        }
        if self.healthy {
            line("looks right", "Only the server can check its signature.");
        }
        text
    }
}

fn grants(claims: &Claims) -> Vec<Grant> {
    let Some(video) = &claims.video else {
        return Vec::new();
    };
    let value = |name: &str| match name {
        "roomJoin" => video.room_join,
        "canPublish" => video.can_publish,
        _ => video.others.get(name).and_then(Value::as_bool),
    };
    GRANTS
        .iter()
        .map(|(name, default, allows)| Grant {
            name: (*name).to_owned(),
            given: value(name).unwrap_or(*default),
            allows,
        })
        .collect()
}

#[cfg(test)]
mod tests;
