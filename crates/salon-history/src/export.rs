//! The history for other programs: CSV for spreadsheets, iCalendar for calendars.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use icalendar::{Calendar, Class, Component as _, Event};
use jiff::Timestamp;
use salon_base::words::words_of;
use salon_base::{Code, Fault};
use salon_product::NAME;
use serde::Deserialize;

use super::entry::{HistoryEntry, QualitySummary, Record, provider_name};

/// What the history is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
#[ts(rename = "ExportFormat")]
pub enum Format {
    /// Comma-separated values (RFC 4180), with a line of headings.
    Csv,
    /// iCalendar (RFC 5545).
    Ics,
}

impl Format {
    /// How names of such files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ics => "ics",
        }
    }

    pub(super) fn write(self, records: &[Record], writer: impl io::Write) -> Result<(), Fault> {
        let written = match self {
            Self::Csv => write_csv(records, writer),
            Self::Ics => write_ics(records, writer),
        };
        written.map_err(|error| Fault::new(Code::HistoryExportFailed, error.to_string()))
    }
}

pub(super) const HEADINGS: [&str; 15] = [
    "Title",
    "With",
    "Started",
    "Ended",
    "Seconds",
    "End",
    "Room",
    "Provider",
    "Profile",
    "Reconnections",
    "Round trip (ms)",
    "Loss (%)",
    "Picture height",
    "Freezes",
    "Frozen (ms)",
];

fn write_csv(records: &[Record], writer: impl io::Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(writer);
    csv.write_record(HEADINGS)?;
    for record in records {
        csv.write_record(cells(&record.entry))?;
    }
    csv.flush()
}

/// In the order of [`HEADINGS`].
fn cells(entry: &HistoryEntry) -> [String; HEADINGS.len()] {
    let quality = entry.quality.as_ref();
    let number = |read: fn(&QualitySummary) -> Option<f64>| {
        quality
            .and_then(read)
            .map_or_else(String::new, |n| format!("{n:.1}"))
    };
    let count = |read: fn(&QualitySummary) -> Option<u32>| {
        quality
            .and_then(read)
            .map_or_else(String::new, |n| n.to_string())
    };
    let names: Vec<_> = entry
        .participants
        .iter()
        .map(|name| guarded(name))
        .collect();
    [
        guarded(&entry.title).into_owned(),
        guarded(&names.join("; ")).into_owned(),
        rfc3339(entry.started_at),
        entry.ended_at.map(rfc3339).unwrap_or_default(),
        entry.ended_at.map_or_else(String::new, |end| {
            ((end - entry.started_at) / 1000).to_string()
        }),
        entry.end_reason.clone().unwrap_or_default(),
        guarded(&entry.room).into_owned(),
        provider_name(entry.provider).to_owned(),
        guarded(entry.profile.as_deref().unwrap_or_default()).into_owned(),
        count(|quality| Some(quality.reconnections)),
        number(|quality| quality.round_trip_ms),
        number(|quality| quality.loss_percent),
        count(|quality| quality.received_height),
        count(|quality| quality.freezes),
        number(|quality| quality.frozen_ms),
    ]
}

/// A spreadsheet takes a text that begins so for a formula, and others choose titles and names.
/// An apostrophe before it makes it a text. (OWASP, CSV injection; the wide forms are those of
/// East Asian input.)
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn write_ics(records: &[Record], mut writer: impl io::Write) -> io::Result<()> {
    let mut calendar = Calendar::empty();
    let made_by = format!("-//{NAME}//{NAME} {}//EN", env!("CARGO_PKG_VERSION"));
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", made_by.as_str()));
    calendar.extend(records.iter().map(event));
    write!(writer, "{calendar}")?;
    writer.flush()
}

fn event(record: &Record) -> Event {
    let entry = &record.entry;
    let (start, end) = (
        whole_seconds(entry.started_at),
        whole_seconds(entry.ended_at.unwrap_or(record.last_seen_at)),
    );
    let mut event = Event::new();
    event
        .uid(&format!("{}@salon", record.uid))
        // When it was last changed: two exports of one entry are the same.
        .add_property("DTSTAMP", date_time(whole_seconds(record.last_seen_at)))
        .add_property("DTSTART", date_time(start))
        .summary(&entry.title)
        .description(&description(entry))
        .class(Class::Private)
        // It is over, and keeps nobody from anything.
        .add_property("TRANSP", "TRANSPARENT");
    // An end has to be later than the start (RFC 5545, section 3.8.2.2).
    if end > start {
        event.add_property("DTEND", date_time(end));
    }
    event.done()
}

fn description(entry: &HistoryEntry) -> String {
    let mut lines = Vec::new();
    if !entry.participants.is_empty() {
        lines.push(format!("With: {}", entry.participants.join(", ")));
    }
    lines.push(format!("Room: {}", entry.room));
    if let Some(reason) = &entry.end_reason {
        let words = words_of(reason).map_or(reason.as_str(), |words| &words.sentence);
        lines.push(format!("End: {words}"));
    }
    if let Some(quality) = &entry.quality {
        lines.push(in_words(quality));
    }
    lines.join("\n")
}

fn in_words(quality: &QualitySummary) -> String {
    let mut words = format!("Quality: {} reconnections", quality.reconnections);
    let mut add = |value: Option<f64>, what: &str| {
        if let Some(value) = value {
            // Writing into a string cannot fail.
            let _ = write!(words, ", {value:.1} {what}");
        }
    };
    add(quality.round_trip_ms, "ms round trip");
    add(quality.loss_percent, "% loss");
    add(quality.frozen_ms, "ms frozen");
    words
}

fn whole_seconds(at: i64) -> Timestamp {
    Timestamp::from_second(at.div_euclid(1000)).unwrap_or_default()
}

/// RFC 3339.
fn rfc3339(at: i64) -> String {
    whole_seconds(at).to_string()
}

/// In UTC (RFC 5545, section 3.3.5).
fn date_time(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
