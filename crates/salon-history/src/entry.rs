//! Entries of the history, and what they are made of.

use rusqlite::Row;
use salon_base::{Fault, Provider};
use serde::{Deserialize, Serialize};

/// How well a call went, over all of it. What was not measured is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct QualitySummary {
    /// How often the connection broke and came back.
    pub reconnections: u32,
    /// Median of the round-trip time to the media server, milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Of the packets that were to be received, those lost, percent.
    pub loss_percent: Option<f64>,
    /// Height of the largest picture received, pixels.
    pub received_height: Option<u32>,
    /// How often a received picture froze (W3C webrtc-stats `freezeCount`).
    pub freezes: Option<u32>,
    /// How long all of that took, milliseconds (`totalFreezesDuration`).
    pub frozen_ms: Option<f64>,
}

impl QualitySummary {
    /// Without what cannot have been measured.
    pub(crate) fn cleaned(&self) -> Self {
        let sane = |value: Option<f64>| value.filter(|v| v.is_finite() && *v >= 0.0);
        Self {
            round_trip_ms: sane(self.round_trip_ms),
            loss_percent: sane(self.loss_percent).map(|percent| percent.min(100.0)),
            frozen_ms: sane(self.frozen_ms),
            ..*self
        }
    }
}

/// A meeting that begins.
#[derive(Clone, Debug, PartialEq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct NewEntry {
    /// What the meeting is called.
    pub title: String,
    /// The media server's room.
    pub room: String,
    /// Whose call it is.
    pub provider: Provider,
    /// Name of the backend's profile.
    pub profile: Option<String>,
    /// The backend's meeting session.
    pub session_id: Option<String>,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
}

/// One meeting of the past, or the one that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Never given twice.
    #[ts(type = "number")]
    pub id: i64,
    /// What the meeting was called.
    pub title: String,
    /// The media server's room.
    pub room: String,
    /// Whose call it was.
    pub provider: Provider,
    /// Name of the backend's profile.
    pub profile: Option<String>,
    /// The backend's meeting session.
    pub session_id: Option<String>,
    /// Names of the others, in the order of their coming.
    pub participants: Vec<String>,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
    /// Milliseconds since 1970; absent: it is going on.
    #[ts(type = "number | null")]
    pub ended_at: Option<i64>,
    /// A code of the page's table, such as `left`; absent: it is going on.
    pub end_reason: Option<String>,
    /// Absent: nothing was measured.
    pub quality: Option<QualitySummary>,
}

/// A place in the list, which stays the same whatever is added or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryCursor {
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
    /// Of the entry.
    #[ts(type = "number")]
    pub id: i64,
}

/// A part of the list, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// Newest first.
    pub entries: Vec<HistoryEntry>,
    /// Where to go on; absent: that was all.
    pub next: Option<HistoryCursor>,
    /// What happened to the history when it was opened.
    pub notice: Option<Fault>,
}

/// An entry with what only the file and exports have.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) entry: HistoryEntry,
    /// Unique in the world, for calendars.
    pub(crate) uid: String,
    /// When it was last heard of, milliseconds since 1970.
    pub(crate) last_seen_at: i64,
}

impl Record {
    /// From a row of [`crate::schema::LIST`].
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let provider: String = row.get("provider")?;
        let quality: Option<String> = row.get("quality")?;
        Ok(Self {
            uid: row.get("uid")?,
            last_seen_at: row.get("last_seen_at")?,
            entry: HistoryEntry {
                id: row.get("id")?,
                title: row.get("title")?,
                room: row.get("room")?,
                provider: serde_json::from_value(provider.into()).map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(
                        0,
                        rusqlite::types::Type::Text,
                        error.into(),
                    )
                })?,
                profile: row.get("profile")?,
                session_id: row.get("session_id")?,
                participants: names(&row.get::<_, String>("participants")?),
                started_at: row.get("started_at")?,
                ended_at: row.get("ended_at")?,
                end_reason: row.get("end_reason")?,
                quality: quality.and_then(|text| serde_json::from_str(&text).ok()),
            },
        })
    }
}

/// Participants as a row has them; what cannot be read is as good as nobody.
pub(crate) fn names(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

pub(crate) fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Livekit => "livekit",
        Provider::Stream => "stream",
    }
}
