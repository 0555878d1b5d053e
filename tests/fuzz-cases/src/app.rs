//! What comes with Tauri: the plugin's wire, and the app's links and tokens.

use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use salon_backend_client::TokenRequest;
use salon_backend_client::parse::{MOST_SESSIONS, Reader};
use salon_backend_client::rest::{Received, Wanted, path, read_token};
use salon_base::Code;
use salon_base::address::is_loopback;
use salon_meeting::resolve;
use salon_meeting::ring::{Moment, Ring, RingEvent};
use salon_meeting::session::Status;
use salon_meeting::stream::StreamSettings;
use salon_profile::template::{Values, fill};
use salon_profile::{Format, Profiles, SessionFields, default_profile, parse};
use salon_settings::Settings;
use salon_token::JoinGrant;
use salon_token::inspect::{Expected, inspect};
use tauri_plugin_webrtc::wire::Request;
use tauri_plugin_webrtc::wire::binary::DataMessage;
use url::Url;

/// A binary message of the page: what can be read is written as it was.
pub fn data_message(data: &[u8]) {
    if let Some(message) = DataMessage::decode(data) {
        assert_eq!(message.encode(), data);
        assert!(message.binary || std::str::from_utf8(message.data).is_ok());
    }
}

/// A request of the page. Only whether it can be read: what it asks for is `operations`.
pub fn request(data: &[u8]) {
    if let Some(text) = crate::text::text(data) {
        let _ = serde_json::from_str::<Request>(text);
    }
}

fn settings(dev: bool, server: Option<&str>, backend: Option<&str>) -> Settings {
    let url = |text| Url::parse(text).unwrap();
    Settings {
        dev,
        server: server.map(url),
        backend: backend.map(url),
        ..Settings::default()
    }
}

/// A meeting link: it leads to the server that is set, or in dev mode to this computer.
pub fn link(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    let (server, backend) = ("wss://media.example", "https://backend.example");
    let product = settings(false, Some(server), Some(backend));
    let dev = settings(true, Some("ws://127.0.0.1:7880/"), None);
    let (profiles, _) = Profiles::load(&[]);
    let profile = profiles.get(default_profile());
    for (settings, profile, is_dev) in [(product, profile, false), (dev, None, true)] {
        let Ok(meeting) = resolve(text, &settings, profile) else {
            continue;
        };
        if is_dev {
            let url = Url::parse(&meeting.server_url).unwrap();
            assert!(is_loopback(&url), "{meeting:?}");
            assert!(matches!(url.scheme(), "ws" | "wss"), "{meeting:?}");
        } else {
            assert_eq!(meeting.server_url, server);
        }
        // Of a web site's link, the host is the backend's, or this computer.
        if let Ok(url) = Url::parse(text.trim())
            && url.scheme().starts_with("http")
        {
            let ours = url.host_str() == Some("backend.example");
            assert!(if is_dev { is_loopback(&url) } else { ours }, "{url}");
        }
        assert!(!meeting.room.trim().is_empty(), "{meeting:?}");
        assert!(meeting.room.chars().count() <= 64, "{meeting:?}");
        assert!(
            !meeting.room.contains(['/', '?', '#', '&', '%']),
            "{meeting:?}"
        );
        assert!(!meeting.title.contains(char::is_control), "{meeting:?}");
        // A room's name is an input of its own, for the same room.
        assert_eq!(
            resolve(&meeting.room, &settings, profile).unwrap().room,
            meeting.room
        );
    }
}

/// A token: as it comes, and with a header and claims that are the input.
pub fn token(data: &[u8]) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let expected = Expected {
        room: Some("r"),
        identity: None,
        now,
        backend_now: Some(now),
    };
    let Some(text) = crate::text::text(data) else {
        return;
    };
    let header = r#"{"alg":"HS256"}"#;
    let (header, claims) = text.split_once('\n').unwrap_or((header, text));
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    for token in [
        text.to_owned(),
        format!("{}.{}.c2ln", part(header), part(claims)),
    ] {
        match inspect(&token, expected) {
            Ok(inspected) => {
                assert_eq!(inspected.room, "r");
                assert!(!inspected.identity.is_empty());
            }
            Err(fault) => assert_ne!(fault.code, Code::Internal),
        }
    }
}

/// A backend profile: a mistake lies in the text, and what is asked stays at the backend.
pub fn profile(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    // Also as a value: the first line is a room.
    let room = text.lines().next().unwrap_or_default();
    let values = Values {
        room,
        session: room,
        name: room,
        user: room,
    };
    for format in [Format::Toml, Format::Json] {
        let profile = match parse(text, format) {
            Ok(profile) => profile,
            Err(mistake) => {
                assert!(mistake.position.line <= text.matches('\n').count() + 1);
                assert!(mistake.position.column <= text.chars().count() + 1);
                continue;
            }
        };
        let Some(rest) = profile.rest else { continue };
        if let Some(body) = &rest.token.body {
            fill(body, &values).unwrap();
        }
        if let Ok(path) = path(&rest.token.path, &values) {
            assert!(path.is_ascii() && !path.starts_with('/'), "{path}");
            let base = Url::parse("https://backend.example/root/").unwrap();
            let joined = base.join(&path).unwrap();
            assert!(joined.as_str().starts_with(base.as_str()), "{joined}");
        }
    }
}

/// A backend's answer: only a whole token for the room and server that were asked for comes out.
pub fn answer(data: &[u8]) {
    let (profiles, _) = Profiles::load(&[]);
    for profile in profiles.all() {
        let Some(rest) = &profile.rest else { continue };
        let wanted = Wanted {
            provider: profile.provider,
            request: TokenRequest {
                room: "r",
                session: None,
                display_name: "Ann",
                server: Some("wss://media.example"),
                server_locked: false,
                stream: StreamSettings {
                    api_key: Some("key"),
                    ..StreamSettings::default()
                },
            },
            server: None,
            stream: profile.stream.as_ref(),
            user: None,
        };
        let received = Received::new(data.to_vec(), None);
        match read_token(&rest.token.answer, wanted, &received) {
            Ok(grant) => {
                assert!(!grant.identity().is_empty());
                assert_eq!(grant.token().split('.').count(), 3);
                match grant {
                    JoinGrant::Livekit(grant) => {
                        let server = Url::parse(&grant.server_url);
                        let secure = |url: Url| url.scheme() == "wss" || is_loopback(&url);
                        assert!(server.is_ok_and(secure));
                    }
                    JoinGrant::Stream(grant) => {
                        // No answer leads to another app or coordinator than the settings'.
                        assert_eq!((grant.api_key.as_str(), grant.base_url), ("key", None));
                    }
                }
            }
            Err(fault) => {
                assert_ne!(fault.code, Code::Internal);
                assert!(fault.detail.chars().count() <= 2_000, "{fault}");
            }
        }
    }
}

/// A backend's lists of meeting sessions, one a line: nothing rings twice or after its end.
pub fn meetings(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    let mut now = Moment {
        instant: Instant::now(),
        unix_ms: 1_800_000_000_000,
    };
    let mut reader = Reader::new(SessionFields::default());
    let mut ring = Ring::new(now);
    let (mut rung, mut over) = (HashSet::new(), HashSet::new());
    // No more than are remembered.
    for line in text.lines().take(8) {
        let Ok(answer) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        let list = answer.pointer("/sessions").unwrap_or(&answer);
        let parsed = reader.read(list, "ann");
        assert!(parsed.sessions.len() <= MOST_SESSIONS);
        for event in ring.heard(&parsed.sessions, &parsed.answered, now) {
            if let RingEvent::Ring(session) | RingEvent::OpenLobby(session) = event {
                assert!(!session.call_id.is_empty());
                assert!(!session.title.contains(char::is_control), "{session:?}");
                assert!(!over.contains(&session.id), "{session:?}");
                assert!(rung.insert(session.id.clone()), "twice: {session:?}");
            }
        }
        let known = parsed.sessions.iter().map(|session| &session.id);
        over.extend(
            known
                .filter(|id| ring.status(id) != Some(Status::Active))
                .cloned(),
        );
        assert!(
            ring.active()
                .iter()
                .all(|session| !over.contains(&session.id))
        );
        assert!(ring.ringing().iter().all(|id| !over.contains(id)));
        now.instant += Duration::from_secs(20);
        now.unix_ms += 20_000;
        ring.tick(now.instant);
    }
}

/// A text for the log: no token is left in it, and what is left is left alone.
pub fn redact(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    let clean = salon_base::redact::redact(text);
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    for run in clean.split(|c| !belongs(c)) {
        let parts: Vec<&str> = run.split('.').collect();
        for token in parts.windows(3) {
            let header = URL_SAFE_NO_PAD.decode(token[0]).unwrap_or_default();
            let header = serde_json::from_slice::<serde_json::Value>(&header);
            let is_token = header.is_ok_and(|h| h.get("alg").is_some());
            assert!(!is_token, "a token is left: {clean}");
        }
    }
    assert_eq!(
        salon_base::redact::redact(&clean),
        clean,
        "twice is as once"
    );
}
