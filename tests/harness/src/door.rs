//! A door before a server of this machine that writes down all that goes through it.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// The door. Closes when dropped.
#[derive(Debug)]
pub struct Door {
    port: u16,
    listener: Option<TcpListener>,
    written_down: Arc<Mutex<Vec<u8>>>,
    accepting: Option<AbortHandle>,
}

impl Door {
    /// Has its address, and leads nowhere yet.
    ///
    /// # Errors
    /// If there is no port to be had.
    pub async fn prepare() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self {
            port: listener.local_addr()?.port(),
            listener: Some(listener),
            written_down: Arc::default(),
            accepting: None,
        })
    }

    /// Address for clients.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Leads to this port from now on.
    pub fn open(&mut self, behind: u16) {
        let Some(listener) = self.listener.take() else {
            return;
        };
        let written_down = self.written_down.clone();
        let accepting = tokio::spawn(async move {
            let mut visitors = JoinSet::new();
            while let Ok((visitor, _)) = listener.accept().await {
                let written_down = written_down.clone();
                // Whoever hangs up has no more to say.
                visitors.spawn(async move { drop(lead(visitor, behind, written_down).await) });
            }
        });
        self.accepting = Some(accepting.abort_handle());
    }

    /// All tokens that went through so far: JWTs, and what the OAuth answers name as tokens.
    pub fn tokens(&self) -> Vec<String> {
        let bytes = self
            .written_down
            .lock()
            .map(|bytes| bytes.clone())
            .unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let in_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let mut tokens: Vec<String> = text
            .split(|c: char| !in_token(c))
            .filter(|word| word.starts_with("eyJ") && word.matches('.').count() == 2)
            .map(String::from)
            .collect();
        for name in ["\"refresh_token\":\"", "\"refreshToken\":\""] {
            let values = text.split(name).skip(1);
            tokens.extend(values.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
        tokens.sort();
        tokens.dedup();
        tokens
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

async fn lead(
    visitor: TcpStream,
    behind: u16,
    written_down: Arc<Mutex<Vec<u8>>>,
) -> std::io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, behind)).await?;
    let (from_visitor, to_visitor) = visitor.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(
        copy(from_visitor, to_server, &written_down),
        copy(from_server, to_visitor, &written_down),
    )?;
    Ok(())
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    written_down: &Mutex<Vec<u8>>,
) -> std::io::Result<()> {
    // Each direction by itself, so that a token is in one piece.
    let (mut piece, mut all) = (vec![0; 16 * 1024], Vec::new());
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        to.write_all(&piece[..read]).await?;
        all.extend_from_slice(&piece[..read]);
        if let Ok(mut written_down) = written_down.lock() {
            written_down.extend_from_slice(&all);
            written_down.push(b'\n');
        }
        // What may be the beginning of a token that goes on.
        let keep = all.len().min(8 * 1024);
        all.drain(..all.len() - keep);
    }
    to.shutdown().await
}
