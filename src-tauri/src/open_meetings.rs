//! Meetings that the page is led to from outside of it.

use salon_meeting::Meeting;
use salon_meeting::held::HeldMeetings;
use tauri::{AppHandle, Emitter as _, Manager as _};

use crate::until_heard::UntilHeard;

/// Event with a [`HeldMeeting`](salon_meeting::held::HeldMeeting) whose lobby the page is to show.
const OPEN_MEETING: &str = "open-meeting";

/// Keeps a meeting until the page can be led there.
#[derive(Debug, Default)]
pub struct OpenMeetings(UntilHeard<Option<Meeting>>);

impl OpenMeetings {
    /// The page listens from now on; the meeting that waited for it.
    pub fn page_listens(&self) -> Option<Meeting> {
        self.0.page_listens()
    }

    /// The page is gone, or loads anew.
    pub fn page_left(&self) {
        self.0.page_left();
    }

    /// Leads the page there, now or when it listens.
    pub(crate) fn open(&self, app: &AppHandle, meeting: &Meeting) {
        if self.keep(meeting) {
            return;
        }
        let Some(held) = app.try_state::<HeldMeetings>() else {
            return;
        };
        let shown = held.hold(meeting.clone());
        if let Err(error) = app.emit_to(crate::window::WINDOW, OPEN_MEETING, shown) {
            tracing::warn!(%error, "the page cannot be told of a meeting");
        }
    }

    /// Whether it has to wait. Only the newest does: one cannot be in two lobbies.
    fn keep(&self, meeting: &Meeting) -> bool {
        self.0.keep(|waiting| *waiting = Some(meeting.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salon_base::Provider;
    use salon_meeting::Source;

    #[test]
    fn the_newest_meeting_waits_for_the_page() {
        let meeting = |room: &str| Meeting {
            provider: Provider::Livekit,
            room: room.into(),
            title: String::new(),
            server_url: String::new(),
            source: Source::Backend,
            session: None,
            call_type: None,
        };
        let meetings = OpenMeetings::default();
        assert!(meetings.keep(&meeting("a")) && meetings.keep(&meeting("b")));
        assert_eq!(meetings.page_listens(), Some(meeting("b")));
        assert!(!meetings.keep(&meeting("c")));
        assert_eq!(meetings.page_listens(), None);
        meetings.page_left();
        assert!(meetings.keep(&meeting("d")));
    }
}
