//! A Convex deployment with a small product behind it, for trying Salon out by hand.

use std::io::{self, Write};

use clap::Parser;
use salon_support::convex::Config;
use salon_support::{ConvexDouble, asked_to_end};
use tracing_subscriber::EnvFilter;

/// Amina asks, Bruno offers; accept the offer, and the two can meet.
#[derive(Parser)]
struct Arguments {
    /// Port on 127.0.0.1; 0: a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// LiveKit's address.
    #[arg(long, default_value = "ws://127.0.0.1:7880")]
    livekit_url: String,
    /// LiveKit's API key.
    #[arg(long, default_value = "devkey")]
    livekit_key: String,
    /// LiveKit's secret.
    #[arg(long, default_value = "secret")]
    livekit_secret: String,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    let config = Config {
        port: arguments.port,
        livekit_url: arguments.livekit_url,
        livekit_key: arguments.livekit_key,
        livekit_secret: arguments.livekit_secret,
        ..Config::default()
    };
    let double = ConvexDouble::start(config).await?;
    // Before anybody knows that there is something to be ended.
    let asked = asked_to_end()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", double.url)?;
    for account in double.accounts() {
        // Worth nothing but on this double.
        writeln!(out, "{} {}", account.id, double.user_token(&account.id))?;
    }
    if let Some(offer) = double.open_offer() {
        writeln!(out, "offer {offer}")?;
    }
    out.flush()?;
    drop(out);
    asked.await;
    double.stop().await;
    Ok(())
}
