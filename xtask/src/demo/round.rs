//! One round of the story, as the backend tells it: an offer waits, a meeting goes on, it is over.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// An offer that waits for Amina.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// The backend's name for it.
    pub(super) id: String,
    /// What she asked for.
    pub(super) title: String,
}

impl Offer {
    /// Reads the backend's form of it.
    pub(super) fn read(offer: &Value) -> Result<Self> {
        Ok(Self {
            id: text(offer, "id")?.to_owned(),
            title: text(offer, "title")?.to_owned(),
        })
    }

    /// The one that waits, if one does.
    pub(super) fn pending(offers: &Value) -> Option<Self> {
        let pending = |offer: &&Value| offer["status"] == "pending";
        Self::read(list(offers, "offers").iter().find(pending)?).ok()
    }

    /// What became of it.
    pub(super) fn fate(&self, offers: &Value, meetings: &Value) -> Fate {
        let own = |offer: &&Value| offer["id"] == self.id;
        match list(offers, "offers").iter().find(own) {
            Some(offer) if offer["status"] == "pending" => Fate::Waits,
            Some(offer) if offer["status"] == "accepted" => {
                let of_it = |meeting: &&Value| meeting["offreId"] == self.id;
                let meeting = list(meetings, "sessions").iter().find(of_it);
                match meeting.and_then(|meeting| meeting["id"].as_str()) {
                    Some(id) => Fate::Accepted(Meeting { id: id.into() }),
                    None => Fate::Over,
                }
            }
            _ => Fate::Over,
        }
    }
}

/// A meeting that an accepted offer led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meeting {
    /// The backend's name for it.
    pub(super) id: String,
}

/// What became of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It still waits.
    Waits,
    /// Somebody accepted it elsewhere: there is more than our Enter key.
    Accepted(Meeting),
    /// It was declined, or its meeting is over already.
    Over,
}

/// How a meeting ended, in the backend's word; absent: it goes on.
pub(super) fn ending(meeting: &Value) -> Option<&str> {
    meeting["status"]
        .as_str()
        .filter(|status| *status != "active")
}

/// Text of an answer.
pub(super) fn text<'a>(answer: &'a Value, field: &str) -> Result<&'a str> {
    let found = answer[field].as_str();
    // Not the answer itself: it may hold a token.
    found.with_context(|| format!("the backend's answer has no {field}"))
}

fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offer() -> Offer {
        Offer {
            id: "o".into(),
            title: "Tea".into(),
        }
    }

    fn offers(status: &str) -> Value {
        let other = json!({ "id": "p", "title": "Cake", "status": "accepted" });
        json!({ "offers": [other, { "id": "o", "title": "Tea", "status": status }] })
    }

    #[test]
    fn the_offer_that_waits_is_taken_up() {
        assert_eq!(Offer::pending(&offers("pending")), Some(offer()));
        assert_eq!(Offer::pending(&offers("rejected")), None);
        assert_eq!(Offer::pending(&json!({})), None);
    }

    #[test]
    fn what_became_of_an_offer_is_seen() {
        let meetings =
            json!({ "sessions": [{ "id": "n", "offreId": "p" }, { "id": "m", "offreId": "o" }] });
        let none = json!({ "sessions": [] });
        let fate = |status, meetings| offer().fate(&offers(status), meetings);
        assert_eq!(fate("pending", &meetings), Fate::Waits);
        let meeting = Meeting { id: "m".into() };
        assert_eq!(fate("accepted", &meetings), Fate::Accepted(meeting));
        assert_eq!(fate("accepted", &none), Fate::Over);
        assert_eq!(fate("rejected", &meetings), Fate::Over);
        assert_eq!(offer().fate(&json!({}), &meetings), Fate::Over);
    }

    #[test]
    fn a_meeting_that_is_not_active_is_over() {
        assert_eq!(ending(&json!({ "status": "active" })), None);
        for over in ["completed", "cancelled"] {
            assert_eq!(ending(&json!({ "status": over })), Some(over));
        }
        assert_eq!(ending(&json!({})), None);
    }

    #[test]
    fn an_answer_without_the_field_is_not_printed() {
        let error = text(&json!({ "refreshToken": "planted" }), "accessToken").unwrap_err();
        assert!(!format!("{error:#}").contains("planted"));
    }
}
