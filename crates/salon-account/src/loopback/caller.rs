//! Who is at the other end of a connection from this computer.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use tokio::net::TcpStream;

/// The kernel's list of this network's connections (proc(5)).
const CONNECTIONS: &str = "/proc/self/net/tcp";
/// `TCP_ESTABLISHED`. In other states nobody owns the other end any more, and it looks like root's.
const ESTABLISHED: &str = "01";
const ROOT: u32 = 0;

/// Whether this user's programs, or root's, who can do everything anyway, are at the other end. Also if
/// the system does not tell.
pub(super) async fn is_this_user(stream: &TcpStream) -> bool {
    let (Ok(SocketAddr::V4(own)), Ok(SocketAddr::V4(other))) =
        (stream.local_addr(), stream.peer_addr())
    else {
        return false;
    };
    let list = tokio::task::spawn_blocking(|| std::fs::read_to_string(CONNECTIONS));
    let Ok(Ok(list)) = list.await else {
        return true;
    };
    let me = rustix::process::getuid().as_raw();
    owner(&list, other, own).is_some_and(|user| user == me || user == ROOT)
}

/// The user whose connection from `local` to `remote` is in the list.
fn owner(list: &str, local: SocketAddrV4, remote: SocketAddrV4) -> Option<u32> {
    let (local, remote) = (written(local), written(remote));
    list.lines().find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let is_it = columns.next() == Some(local.as_str())
            && columns.next() == Some(remote.as_str())
            && columns.next() == Some(ESTABLISHED);
        // Past the queues, the timer and the count of retransmissions.
        is_it.then(|| columns.nth(3)?.parse().ok()).flatten()
    })
}

/// As the kernel writes it: the address as a number in memory, then the port.
fn written(address: SocketAddrV4) -> String {
    let number = |address: &Ipv4Addr| u32::from_ne_bytes(address.octets());
    format!("{:08X}:{:04X}", number(address.ip()), address.port())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_owner_of_a_connection_is_found_in_the_systems_list() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mine, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (mine, (stream, _)) = (mine.unwrap(), accepted.unwrap());
        assert!(is_this_user(&stream).await);
        let list = std::fs::read_to_string(CONNECTIONS).unwrap();
        let (SocketAddr::V4(local), SocketAddr::V4(remote)) =
            (stream.local_addr().unwrap(), stream.peer_addr().unwrap())
        else {
            unreachable!()
        };
        let me = rustix::process::getuid().as_raw();
        assert_eq!(owner(&list, remote, local), Some(me));
        // Whoever hangs up to be nobody is not let in for that.
        drop(mine);
        assert!(!is_this_user(&stream).await);
    }

    #[test]
    fn only_an_open_connection_from_there_to_here_counts() {
        const LIST: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n\
            1: 0100007F:B001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2\n\
            2: 0100007F:B002 0100007F:1F90 06 00000000:00000000 03:00000000 00000000     0        0 0\n\
            3: 0100007F:B003";
        let owner = |port| {
            let at = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
            super::owner(LIST, at(port), at(0x1f90))
        };
        if cfg!(target_endian = "little") {
            assert_eq!(owner(0xb001), Some(1001));
        }
        assert_eq!([0xb002, 0xb003, 0x1f90].map(owner), [None; 3]);
    }
}
