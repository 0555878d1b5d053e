//! A double of the Stream video service: the coordinator over HTTP and WebSocket, and media servers
//! that forward pictures and sound. On loopback only.

#[allow(dead_code, reason = "the servers that use it come next")]
mod cors;
pub mod sfu;
