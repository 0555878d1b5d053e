//! Which media server a call is on: the only place that decides between those who name one.
//! `docs/decisions/which-server.md` says why in this order.

use salon_base::address::is_loopback;
use salon_base::{Code, Fault, Provider};
use salon_settings::{Key, Layer, Settings};
use url::Url;

/// The server as far as it is known before the backend is asked: the administrator's, one that
/// somebody has set, the profile's, the default. Stream has none: its SDK knows where to go.
pub fn known<'a>(
    settings: &'a Settings,
    provider: Provider,
    profile: Option<&'a Url>,
) -> Option<&'a Url> {
    if provider == Provider::Stream {
        return None;
    }
    let set = settings.server.as_ref();
    let from = settings.provenance(Key::Server);
    let by_somebody = from.is_some_and(|from| from.layer > Layer::Default);
    if by_somebody {
        set.or(profile)
    } else {
        profile.or(set)
    }
}

/// The server that a token is for: the one that came with it (`given`), or the one that was known
/// before (`known`), which if `locked` has to be the one that came.
///
/// # Errors
/// [`Code::ServerNotAllowed`] for another than the locked one, [`Code::ServerMissing`] if nobody
/// names one, [`Code::BackendError`] for one without encryption that is not on this computer.
pub fn settle(given: Option<&str>, known: Option<&str>, locked: bool) -> Result<String, Fault> {
    if let (Some(given), Some(known), true) = (given, known, locked) {
        same(given, known)?;
    }
    let chosen = if locked {
        known.or(given)
    } else {
        given.or(known)
    };
    let text = chosen.ok_or(Code::ServerMissing)?;
    let secure = Url::parse(text).is_ok_and(|url| match url.scheme() {
        "wss" => url.has_host(),
        "ws" => is_loopback(&url),
        _ => false,
    });
    if !secure {
        let why = "the media server that it names is no wss address";
        return Err(Fault::new(Code::BackendError, why));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn same(named: &str, locked: &str) -> Result<(), Fault> {
    let origin = |text: &str| Url::parse(text).map(|url| (url.origin(), host(&url))).ok();
    let (named, locked) = (origin(named), origin(locked));
    if named.is_some() && named == locked {
        return Ok(());
    }
    let host = |origin: Option<(_, String)>| origin.map_or_else(String::new, |(_, host)| host);
    let why = format!(
        "it is {}; locked is {}",
        host(named).trim(),
        host(locked).trim()
    );
    Err(Fault::new(Code::ServerNotAllowed, why))
}

/// For people; no path or user name, which may hold a secret.
fn host(url: &Url) -> String {
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    format!("{}{port}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use proptest::prelude::*;

    use super::*;
    use salon_settings::{Arguments, Places, Sources};

    /// Those of a computer with this policy, and this command line.
    fn settings(policy: &str, arguments: &[&str]) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, policy).unwrap();
        let program = std::iter::once(&"salon").chain(arguments);
        Settings::load(&Sources {
            places: Places {
                policy: Some(file),
                ..Places::default()
            },
            arguments: Arguments::try_parse_from(program).unwrap(),
            ..Sources::default()
        })
    }

    #[test]
    fn what_somebody_set_comes_before_the_profile_and_a_default_after_it() {
        let profile = Url::parse("wss://profile.example").unwrap();
        let locked = "[values]\nserver = 'wss://locked.example'\n";
        let wanted = "[defaults]\nserver = 'wss://it.example'\n";
        let set = ["--server", "wss://set.example"].as_slice();
        for (policy, arguments, with, without) in [
            ("", [].as_slice(), "profile", None),
            ("", &["--dev"], "profile", Some("127.0.0.1")),
            ("", set, "set", Some("set.example")),
            (wanted, &[], "it", Some("it.example")),
            (wanted, set, "set", Some("set.example")),
            (locked, set, "locked", Some("locked.example")),
        ] {
            let settings = settings(policy, arguments);
            let of = |profile| known(&settings, Provider::Livekit, profile)?.host_str();
            let chosen = of(Some(&profile));
            assert_eq!(chosen, Some(format!("{with}.example").as_str()), "{policy}");
            let chosen = of(None);
            assert_eq!(chosen, without, "{policy}");
            assert_eq!(known(&settings, Provider::Stream, Some(&profile)), None);
        }
    }

    #[test]
    fn an_answer_comes_first_unless_the_server_is_locked() {
        let (answer, other) = (Some("wss://a.example/"), Some("wss://b.example"));
        let code = |given, known, locked| settle(given, known, locked).map_err(|fault| fault.code);
        assert_eq!(code(answer, other, false), Ok("wss://a.example".into()));
        assert_eq!(code(None, other, false), Ok("wss://b.example".into()));
        assert_eq!(code(answer, other, true), Err(Code::ServerNotAllowed));
        assert_eq!(code(answer, answer, true), Ok("wss://a.example".into()));
        assert_eq!(code(None, other, true), Ok("wss://b.example".into()));
        assert_eq!(code(None, None, true), Err(Code::ServerMissing));
        let plain = Some("ws://a.example");
        assert_eq!(code(plain, None, false), Err(Code::BackendError));
        assert_eq!(code(plain, answer, true), Err(Code::ServerNotAllowed));
        let fault = settle(Some("wss://u:p@a.example/secret"), other, true).unwrap_err();
        assert_eq!(fault.detail, "it is a.example; locked is b.example");
    }

    proptest! {
        #[test]
        fn nothing_leads_away_from_a_locked_server(given in "(wss://)?[ -~]{0,40}") {
            let locked = Some("wss://locked.example");
            if let Ok(server) = settle(Some(&given), locked, true) {
                prop_assert_eq!(server, "wss://locked.example");
            }
        }
    }
}
