//! The meetings that the page was told of. It names one by an id that means nothing elsewhere; which
//! server it is on, where its token comes from and what was handed out for it stays here, so that the page
//! cannot ask for anything that it was not offered.

use std::collections::VecDeque;

use parking_lot::Mutex;
use salon_base::{Code, Fault};
use salon_token::JoinGrant;
use serde::Serialize;

use crate::meeting::{Meeting, Source};

/// The page is in one meeting and has seen a few; the oldest goes.
const MOST: usize = 32;

/// A meeting as the page is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HeldMeeting {
    /// What the page names it by.
    pub id: String,
    /// What it is, to be shown.
    #[serde(flatten)]
    pub meeting: Meeting,
}

#[derive(Debug)]
struct Held {
    shown: HeldMeeting,
    handed_out: Option<JoinGrant>,
}

/// The meetings that the page was told of.
#[derive(Debug, Default)]
pub struct HeldMeetings(Mutex<VecDeque<Held>>);

impl HeldMeetings {
    /// Keeps a meeting; the same one has the same id.
    pub fn hold(&self, meeting: Meeting) -> HeldMeeting {
        let mut all = self.0.lock();
        if let Some(at) = all.iter().position(|held| held.shown.meeting == meeting)
            && let Some(held) = all.remove(at)
        {
            let shown = held.shown.clone();
            all.push_back(held);
            return shown;
        }
        if all.len() >= MOST {
            all.pop_front();
        }
        let shown = HeldMeeting {
            id: format!("{:032x}", rand::random::<u128>()),
            meeting,
        };
        all.push_back(Held {
            shown: shown.clone(),
            handed_out: None,
        });
        shown
    }

    /// The meeting of this id.
    ///
    /// # Errors
    /// [`Code::MeetingNotFound`] for one that the page was not told of, or long ago.
    pub fn get(&self, id: &str) -> Result<Meeting, Fault> {
        Ok(self.shown(id)?.meeting)
    }

    /// The same, as the page is told of it.
    ///
    /// # Errors
    /// Those of [`HeldMeetings::get`].
    pub fn shown(&self, id: &str) -> Result<HeldMeeting, Fault> {
        let all = self.0.lock();
        let held = all.iter().find(|held| held.shown.id == id);
        Ok(held.ok_or(Code::MeetingNotFound)?.shown.clone())
    }

    /// Remembers what the page was given to join the meeting with.
    pub fn hand_out(&self, id: &str, grant: &JoinGrant) {
        let mut all = self.0.lock();
        if let Some(held) = all.iter_mut().find(|held| held.shown.id == id) {
            held.handed_out = Some(grant.clone());
        }
    }

    /// Forgets what came of a sign-in that is no more, with the tokens that were handed out for it.
    pub fn forget_backend(&self) {
        let mut all = self.0.lock();
        all.retain(|held| held.shown.meeting.source != Source::Backend);
    }

    /// What the page was given last for this meeting.
    pub fn handed_out(&self, id: &str) -> Option<JoinGrant> {
        let all = self.0.lock();
        let held = all.iter().find(|held| held.shown.id == id)?;
        held.handed_out.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salon_base::Provider;
    use salon_token::LiveKitGrant;

    fn meeting(room: &str) -> Meeting {
        Meeting {
            provider: Provider::Livekit,
            room: room.into(),
            title: room.into(),
            server_url: "wss://media.example".into(),
            source: Source::Backend,
            session: None,
            call_type: None,
        }
    }

    #[test]
    fn the_page_reaches_only_meetings_that_it_was_told_of() {
        let meetings = HeldMeetings::default();
        let tea = meetings.hold(meeting("tea"));
        assert_eq!(meetings.get(&tea.id), Ok(meeting("tea")));
        assert_eq!(meetings.hold(meeting("tea")), tea);
        assert_ne!(meetings.hold(meeting("cake")).id, tea.id);
        for made_up in ["", "tea", "wss://evil.example"] {
            let fault = meetings.get(made_up).unwrap_err();
            assert_eq!(fault.code, Code::MeetingNotFound, "{made_up}");
        }
    }

    #[test]
    fn a_server_is_asked_only_about_what_was_handed_out_for_it() {
        let meetings = HeldMeetings::default();
        let tea = meetings.hold(meeting("tea"));
        assert!(meetings.handed_out(&tea.id).is_none());
        let grant = JoinGrant::Livekit(LiveKitGrant {
            token: "a.b.c".into(),
            server_url: "wss://media.example".into(),
            identity: "ann".into(),
            room: "tea".into(),
        });
        meetings.hand_out(&tea.id, &grant);
        assert_eq!(meetings.handed_out(&tea.id), Some(grant));
        assert!(!format!("{meetings:?}").contains("a.b.c"));
        assert!(meetings.handed_out("made up").is_none());
    }

    #[test]
    fn nothing_of_a_sign_in_outlives_it() {
        let meetings = HeldMeetings::default();
        let of_account = meetings.hold(meeting("tea"));
        let typed = meetings.hold(Meeting {
            source: Source::Dev,
            ..meeting("cake")
        });
        let grant = JoinGrant::Livekit(LiveKitGrant {
            token: "a.b.c".into(),
            server_url: "wss://media.example".into(),
            identity: "ann".into(),
            room: "tea".into(),
        });
        meetings.hand_out(&of_account.id, &grant);
        meetings.forget_backend();
        assert!(meetings.get(&of_account.id).is_err());
        assert_eq!(meetings.handed_out(&of_account.id), None);
        assert!(meetings.get(&typed.id).is_ok());
    }

    #[test]
    fn a_page_that_asks_again_and_again_does_not_fill_the_app() {
        let meetings = HeldMeetings::default();
        let first = meetings.hold(meeting("first"));
        let kept = meetings.hold(meeting("kept"));
        for room in 0..MOST - 1 {
            meetings.hold(meeting(&room.to_string()));
            meetings.hold(meeting("kept"));
        }
        assert_eq!(meetings.0.lock().len(), MOST);
        assert!(meetings.get(&first.id).is_err());
        assert_eq!(meetings.get(&kept.id), Ok(meeting("kept")));
    }
}
