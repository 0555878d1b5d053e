//! Meeting sessions that cannot be joined.

use salon_base::Code::*;

use super::{Provoked, Row, row};
use crate::asking::session_answer;
use crate::reference;
use crate::servers::http;

pub(super) fn rows() -> Vec<Row> {
    let row = |words, code, detail, provoke: fn() -> Provoked| {
        row("Meeting sessions", words, code, detail, provoke)
    };
    vec![
        row(
            ("it is over", "the reference backend, after its end"),
            MeetingCompleted,
            "over",
            || Box::pin(reference::session_after("end")),
        ),
        row(
            (
                "it was called off",
                "the reference backend, after it was cancelled",
            ),
            MeetingCancelled,
            "called off",
            || Box::pin(reference::session_after("cancel")),
        ),
        row(
            (
                "there is none of that name",
                "the reference backend, another name",
            ),
            MeetingNotFound,
            "",
            || Box::pin(reference::unknown_session()),
        ),
        row(
            (
                "the product has no meeting sessions",
                "status 404 without JSON",
            ),
            BackendEndpointMissing,
            "",
            || Box::pin(session_answer(http("404 Not Found", "", "Cannot POST"))),
        ),
    ]
}
