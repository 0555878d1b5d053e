//! A media server's side of TCP connections.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};

/// Carries what comes over each TCP connection to the remote side's socket and back, as the media server that takes
/// such connections does. Where that is.
pub fn taking_tcp(remote: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            std::thread::spawn(move || carry(&stream, remote));
        }
    });
    address
}

fn carry(stream: &TcpStream, remote: SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect(remote).unwrap();
    let (mut out, back) = (stream.try_clone().unwrap(), socket.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut packet = vec![0; 65_535];
        while let Ok(length) = back.recv(&mut packet) {
            let header = u16::try_from(length).unwrap().to_be_bytes();
            if out
                .write_all(&[&header[..], &packet[..length]].concat())
                .is_err()
            {
                return;
            }
        }
    });
    while let Some(packet) = next(stream) {
        let _ = socket.send(&packet);
    }
}

fn next(mut stream: &TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; 2];
    stream.read_exact(&mut header).ok()?;
    let mut packet = vec![0; usize::from(u16::from_be_bytes(header))];
    stream.read_exact(&mut packet).ok()?;
    Some(packet)
}
