//! Requests, offers, and the meeting sessions that accepted offers lead to: contract P3 over REST.

mod events;
mod offers;
mod requests;
mod sessions;
mod wire;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::store::records::MeetingSession;

/// All but the live list, which has no end and so no time-out.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(requests::routes())
        .merge(offers::routes())
        .merge(sessions::routes())
}

pub(crate) use events::routes as live_routes;

/// Tells both parties that `session` changed. To be called after the commit, in order.
fn tell(app: &App, session: &MeetingSession) {
    for account in [&session.requester, &session.offerer] {
        app.hub.changed(account, session.revision);
    }
}
