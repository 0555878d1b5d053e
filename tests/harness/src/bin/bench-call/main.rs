//! The app against Chromium in the same call: same page, same call layer, same server, same
//! partner, in turn.

#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    bench::main().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod bench;
