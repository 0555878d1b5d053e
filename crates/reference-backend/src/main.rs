//! The reference backend's command line.
#![forbid(unsafe_code)]

mod cli;

use std::io::{IsTerminal as _, Read as _};
use std::process::ExitCode;

use clap::Parser as _;
use cli::{Cli, Command, KeyCommand, UserCommand};
use reference_backend::{NewAccount, SigningKey, add_account, start};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Serve(serve) => {
            let running = start(serve.config()?).await?;
            say(&running.url);
            asked_to_end().await?;
            running.stop().await;
        }
        Command::User(UserCommand::Add {
            email,
            name,
            id,
            database,
        }) => {
            let account = NewAccount {
                id,
                email,
                name,
                password: password_from_stdin()?,
            };
            say(add_account(&database, account).await?.as_ref());
        }
        Command::Key(KeyCommand::New) => say(SigningKey::fresh().to_secret_text().expose_secret()),
    }
    Ok(())
}

/// The first line, so that the password is in no process list and no shell history.
fn password_from_stdin() -> Result<SecretString, Failure> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text)?;
    Ok(SecretString::from(text.lines().next().unwrap_or_default()))
}

/// Ctrl-C, or SIGTERM as service managers send it.
async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[expect(
    clippy::print_stdout,
    reason = "what the command was asked for; logs go to stderr"
)]
fn say(line: &str) {
    println!("{line}");
}
