//! STUN and TURN servers, as their URLs say (RFC 7064, RFC 7065).

use std::fmt;

use rtc_core::{IceServer, RelayProtocol};

/// Of a page's or backend's list, so many at most are asked.
const MAX_SERVERS: usize = 16;
/// Bytes of a user name (RFC 8489 section 14.3).
const MAX_USERNAME: usize = 508;
/// Without encryption, and with.
const PORT: u16 = 3478;
const TLS_PORT: u16 = 5349;

/// What reflects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stun {
    pub(super) url: String,
    pub(super) host: String,
    pub(super) port: u16,
}

/// What relays.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) url: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protocol: RelayProtocol,
    pub(super) username: String,
    pub(super) password: String,
}

impl fmt::Debug for Turn {
    /// Without what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Turn").field(&self.url).finish()
    }
}

/// Those of them that can be asked, each once. TLS over UDP (DTLS) is not spoken, and a STUN server is asked by UDP
/// alone: over TCP it would see another socket.
pub(super) fn servers(configured: &[IceServer]) -> (Vec<Stun>, Vec<Turn>) {
    let (mut stun, mut turn) = (Vec::new(), Vec::new());
    for server in configured {
        for url in &server.urls {
            if stun.len() + turn.len() >= MAX_SERVERS {
                tracing::debug!("more ICE servers than are asked");
                return (stun, turn);
            }
            let Some(read) = read(url) else {
                tracing::debug!(url, "an ICE server of no use");
                continue;
            };
            match (read.protocol, &server.username, &server.credential) {
                (None, ..) => push(
                    &mut stun,
                    Stun {
                        url: url.clone(),
                        host: read.host,
                        port: read.port,
                    },
                ),
                (Some(protocol), Some(username), Some(password))
                    if username.len() <= MAX_USERNAME =>
                {
                    push(
                        &mut turn,
                        Turn {
                            url: url.clone(),
                            host: read.host,
                            port: read.port,
                            protocol,
                            username: username.clone(),
                            password: password.clone(),
                        },
                    )
                }
                (Some(_), ..) => {}
            }
        }
    }
    (stun, turn)
}

fn push<T: PartialEq>(list: &mut Vec<T>, server: T) {
    if !list.contains(&server) {
        list.push(server);
    }
}

/// Whether a server may be asked there. Its list comes from others, and would have this computer knock at what speaks
/// something else. As libwebrtc has it.
fn may_ask(port: u16) -> bool {
    port >= 1024 || matches!(port, 53 | 80 | 443)
}

struct Read {
    host: String,
    port: u16,
    /// None: a STUN server.
    protocol: Option<RelayProtocol>,
}

fn read(url: &str) -> Option<Read> {
    let (scheme, rest) = url.split_once(':')?;
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let transport = query.strip_prefix("transport=").unwrap_or_default();
    let udp = match transport.to_ascii_lowercase().as_str() {
        "" => None,
        "udp" => Some(true),
        "tcp" => Some(false),
        _ => return None,
    };
    let (protocol, port) = match (scheme.to_ascii_lowercase().as_str(), udp) {
        ("stun", _) => (None, PORT),
        ("turn", None | Some(true)) => (Some(RelayProtocol::Udp), PORT),
        ("turn", Some(false)) => (Some(RelayProtocol::Tcp), PORT),
        ("turns", None | Some(false)) => (Some(RelayProtocol::Tls), TLS_PORT),
        _ => return None,
    };
    let (host, after) = match address.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => match address.rfind(':') {
            Some(at) => address.split_at(at),
            None => (address, ""),
        },
    };
    let port = match after.strip_prefix(':') {
        Some(digits) => digits.parse().ok().filter(|port| may_ask(*port))?,
        None if after.is_empty() => port,
        None => return None,
    };
    (!host.is_empty()).then(|| Read {
        host: host.to_owned(),
        port,
        protocol,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(urls: &[&str], credentials: bool) -> IceServer {
        IceServer {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            username: credentials.then(|| "user".to_owned()),
            credential: credentials.then(|| "word".to_owned()),
        }
    }

    #[test]
    fn urls_say_host_port_and_way() {
        use RelayProtocol::{Tcp, Tls, Udp};
        for (url, expected) in [
            ("turn:relay.example", Some(("relay.example", 3478, Udp))),
            (
                "TURN:relay.example:80?transport=UDP",
                Some(("relay.example", 80, Udp)),
            ),
            (
                "turn:relay.example:443?transport=tcp",
                Some(("relay.example", 443, Tcp)),
            ),
            ("turns:relay.example", Some(("relay.example", 5349, Tls))),
            (
                "turns:[2001:db8::1]:443?transport=tcp",
                Some(("2001:db8::1", 443, Tls)),
            ),
            ("turn:[2001:db8::1]", Some(("2001:db8::1", 3478, Udp))),
            ("turns:relay.example?transport=udp", None),
            ("turn:relay.example?transport=sctp", None),
            ("turn:relay.example:0", None),
            ("turn:relay.example:25?transport=tcp", None),
            ("turn:relay.example:70000", None),
            ("turn:relay.example:", None),
            ("turn::80", None),
            ("turn:[2001:db8::1", None),
            ("turn:[::1]80", None),
            ("turn", None),
        ] {
            let (_, turn) = servers(&[server(&[url], true)]);
            let read = turn.first().map(|t| (t.host.as_str(), t.port, t.protocol));
            assert_eq!(read, expected, "{url}");
        }
        let (stun, _) = servers(&[server(&["stun:mirror.example:19302"], false)]);
        assert_eq!(
            (stun[0].host.as_str(), stun[0].port),
            ("mirror.example", 19302)
        );
    }

    #[test]
    fn each_is_asked_once_and_not_too_many() {
        let twice = server(&["stun:a.example", "stun:a.example"], false);
        assert_eq!(servers(&[twice.clone(), twice]).0.len(), 1);
        let urls: Vec<String> = (0..100).map(|n| format!("turn:{n}.example")).collect();
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        assert_eq!(servers(&[server(&urls, true)]).1.len(), MAX_SERVERS);
        assert_eq!(servers(&[server(&urls, false)]).1, []);
        let mut long = server(&["turn:relay.example"], true);
        long.username = Some("u".repeat(MAX_USERNAME + 1));
        assert_eq!(servers(&[long]).1, []);
    }

    #[test]
    fn a_password_is_not_written_down() {
        let (_, turn) = servers(&[server(&["turn:relay.example"], true)]);
        assert!(!format!("{turn:?}").contains("word"));
    }
}
