//! The backend as its callers see it: the real server on loopback.
#![expect(
    clippy::unwrap_used,
    reason = "helpers outside of test functions fail a test that way"
)]

#[path = "api/command.rs"]
mod command;
#[path = "api/contracts.rs"]
mod contracts;
#[path = "api/faults.rs"]
mod faults;
#[path = "api/hostile.rs"]
mod hostile;
#[path = "api/live.rs"]
mod live;
#[path = "api/meetings.rs"]
mod meetings;
#[path = "api/oauth.rs"]
mod oauth;
#[path = "api/operation.rs"]
mod operation;
#[path = "api/rooms.rs"]
mod rooms;
#[path = "api/sign_in.rs"]
mod sign_in;
#[path = "api/site.rs"]
mod site;
#[path = "api/support.rs"]
mod support;
