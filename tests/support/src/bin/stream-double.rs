//! A Stream video service on loopback, for scripts and for trying Salon out by hand.

use std::io::{self, Write};

use clap::Parser;
use salon_support::stream::{Config, User};
use salon_support::{StreamDouble, asked_to_end};
use serde_json::json;
use tracing_subscriber::EnvFilter;

/// Says on standard output, as JSON, where it is and with which key and secret.
#[derive(Parser)]
struct Arguments {
    /// Port of the coordinator on 127.0.0.1; 0: a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Somebody who is known before connecting, for whom a token is made. May be given repeatedly.
    #[arg(long, value_name = "ID")]
    user: Vec<String>,
    /// The app's API key.
    #[arg(long, env = "STREAM_API_KEY")]
    key: Option<String>,
    /// The app's secret. Better in the environment than in the process list.
    #[arg(long, env = "STREAM_API_SECRET", hide_env_values = true)]
    secret: Option<String>,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    let user = |id: &String| User {
        id: id.clone(),
        name: id.clone(),
        role: "user".into(),
    };
    let usual = Config::default();
    let config = Config {
        port: arguments.port,
        users: arguments.user.iter().map(user).collect(),
        key: arguments.key.unwrap_or(usual.key),
        secret: arguments.secret.unwrap_or(usual.secret),
        ..Config::default()
    };
    let double = StreamDouble::start(config).await?;
    let tokens = arguments.user.iter();
    let tokens: serde_json::Map<_, _> = tokens
        .map(|id| (id.clone(), json!(double.token(id))))
        .collect();
    // Key, secret and tokens are worth nothing but on this double.
    let about = json!({
        "api_key": double.key(),
        "secret": double.secret(),
        "url": double.url,
        "hint_url": double.hint_url,
        "tokens": tokens,
    });
    // Before anybody knows that there is something to be ended.
    let asked = asked_to_end()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{about}")?;
    out.flush()?;
    drop(out);
    asked.await;
    double.stop().await;
    Ok(())
}
