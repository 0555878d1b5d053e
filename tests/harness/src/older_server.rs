//! A media server as it was before clients joined with one connection: the real one, behind a door
//! that does not know the newer path.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The path that older servers do not have.
const NEWER: &[u8] = b"/rtc/v1";
/// Bytes of a request's head.
const LONGEST_HEAD: usize = 16 * 1024;
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nAccess-Control-Allow-Origin: *\r\n\
    Content-Length: 0\r\nConnection: close\r\n\r\n";

/// The door. Closes when dropped.
#[derive(Debug)]
pub struct OlderServer {
    port: u16,
    refused: Arc<AtomicUsize>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for OlderServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl OlderServer {
    /// In front of the server at this port of the loopback interface.
    ///
    /// # Errors
    /// If there is no port to be had.
    pub async fn start(behind: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let refused = Arc::<AtomicUsize>::default();
        let counter = refused.clone();
        let accepting = tokio::spawn(async move {
            let mut visitors = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever hangs up has no more to say.
                let counter = counter.clone();
                visitors.spawn(async move { drop(serve(stream, behind, &counter).await) });
            }
        });
        Ok(Self {
            port,
            refused,
            accepting,
        })
    }

    /// Address for clients.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Requests for the newer path so far.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }
}

async fn serve(mut visitor: TcpStream, behind: u16, refused: &AtomicUsize) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD || visitor.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    if path.starts_with(NEWER) {
        refused.fetch_add(1, Ordering::Relaxed);
        return visitor.write_all(NOT_FOUND).await;
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, behind)).await?;
    server.write_all(&head).await?;
    tokio::io::copy_bidirectional(&mut visitor, &mut server).await?;
    Ok(())
}
