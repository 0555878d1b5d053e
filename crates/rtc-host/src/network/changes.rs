//! Tells when addresses of this computer, or the ways from them, come and go (rtnetlink(7)).

use std::fmt;
use std::io;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use tokio::net::UdpSocket;

/// `RTMGRP_LINK`, and `_IFADDR` and `_ROUTE` of both families (linux/rtnetlink.h).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// Of what is told only that it was: the addresses are listed anew, which is right also when there was more than
/// the system keeps for us.
pub(super) struct Changes {
    socket: Option<UdpSocket>,
    /// Read, and not told yet.
    changed: bool,
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("watched", &self.socket.is_some())
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

impl Changes {
    /// From now on. Where that is not allowed nothing is told, and a restart of ICE finds the addresses.
    pub(super) fn watch() -> Self {
        let watched = open();
        if let Err(error) = &watched {
            tracing::warn!(%error, "changes of the network are not told");
        }
        Self {
            socket: watched.ok(),
            changed: false,
        }
    }

    /// Waits for the next one. Nothing is lost if this is dropped while it waits.
    pub(super) async fn next(&mut self) {
        if let Err(error) = self.read().await {
            tracing::warn!(%error, "changes of the network are not told any more");
            self.socket = None;
        }
        if !std::mem::take(&mut self.changed) {
            std::future::pending().await
        }
    }

    /// Waits, and takes all that has been told by then.
    async fn read(&mut self) -> io::Result<()> {
        let Some(socket) = &self.socket else {
            return Ok(());
        };
        loop {
            socket.readable().await?;
            // What does not fit is cut off by the system.
            match socket.try_recv(&mut [0; 64]) {
                Ok(_) => self.changed = true,
                // More was told than the system keeps.
                Err(error) if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                    self.changed = true;
                }
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(_) if self.changed => return Ok(()),
                Err(_) => {}
            }
        }
    }
}

fn open() -> io::Result<UdpSocket> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    // Without a protocol it is `NETLINK_ROUTE`.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    // Tokio has no kind of its own for it; waiting and receiving are the same.
    UdpSocket::from_std(socket.into())
}
