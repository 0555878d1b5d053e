//! What the page may ask about meeting sessions.

use salon_base::Fault;
use salon_meeting::feed::SessionsState;
use salon_meeting::held::{HeldMeeting, HeldMeetings};
use salon_meeting::live::{Command, Ending, Sessions};
use tauri::State;

use crate::open_meetings::OpenMeetings;
use crate::page_life::PageLife;

/// The user's meeting sessions; changes come as the event `sessions`.
#[tauri::command]
pub fn sessions_state(sessions: State<'_, Sessions>) -> SessionsState {
    sessions.state()
}

/// The page listens for `open-meeting` from now on; the meeting that waited for it.
#[tauri::command]
pub fn pending_meeting(
    meetings: State<'_, OpenMeetings>,
    held: State<'_, HeldMeetings>,
) -> Option<HeldMeeting> {
    meetings.page_listens().map(|meeting| held.hold(meeting))
}

/// Stops the ringing of a meeting session; what to join.
#[tauri::command]
pub async fn session_join(
    sessions: State<'_, Sessions>,
    held: State<'_, HeldMeetings>,
    id: String,
) -> Result<HeldMeeting, Fault> {
    Ok(held.hold(sessions.join(id).await?))
}

/// Stops the ringing of a meeting session.
#[tauri::command]
pub fn session_dismiss(sessions: State<'_, Sessions>, id: String) {
    sessions.tell(Command::Dismiss { id });
}

/// Completes a meeting session, for everyone.
#[tauri::command]
pub async fn session_end(sessions: State<'_, Sessions>, id: String) -> Result<(), Fault> {
    sessions.end(id, Ending::Complete).await
}

/// Cancels a meeting session.
#[tauri::command]
pub async fn session_cancel(sessions: State<'_, Sessions>, id: String) -> Result<(), Fault> {
    sessions.end(id, Ending::Cancel).await
}

/// The page is on the way into a call; or not any more, and does not want to return to one, either.
#[tauri::command]
pub fn call_connecting(life: State<'_, PageLife>, connecting: bool) {
    life.connecting(connecting);
}

/// The page is in the call of a meeting. Nothing is heard to ring meanwhile.
#[tauri::command]
pub fn call_entered(
    sessions: State<'_, Sessions>,
    held: State<'_, HeldMeetings>,
    life: State<'_, PageLife>,
    id: String,
) -> Result<(), Fault> {
    let shown = held.shown(&id)?;
    sessions.tell(Command::Entered {
        session: shown.meeting.session.clone(),
    });
    life.entered(shown);
    Ok(())
}

/// The page is in no call any more. `alone`: the others had been there and are gone, so that the
/// meeting session is completed.
#[tauri::command]
pub fn call_left(
    sessions: State<'_, Sessions>,
    life: State<'_, PageLife>,
    session: Option<String>,
    alone: bool,
) {
    life.left();
    sessions.tell(Command::Left { session, alone });
}
