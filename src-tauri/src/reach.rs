//! What the page may connect to. `docs/decisions/what-the-page-may-reach.md` says why.

use std::collections::HashMap;

use tauri::utils::config::{Csp, CspDirectiveSources};
use url::Url;

use crate::settings::{Key, Settings};

/// Other parts of the policy do not depend on anything: they are in `tauri.conf.json`.
const DIRECTIVE: &str = "connect-src";
/// Commands, and on Linux the WebRTC plugin, which listens at a port of its own each time.
const OWN: &str = "'self' ipc: http://ipc.localhost ws://127.0.0.1:*";
/// A backend may name any media server, so the address is not known when the page is opened; without
/// encryption it is one on this computer.
const ANY: &str = "wss: https: ws://localhost:* http://127.0.0.1:* http://localhost:*";

/// Completes the page's policy with what these settings let it connect to.
pub(crate) fn limit(policy: &mut Option<Csp>, settings: &Settings) {
    let mut directives: HashMap<String, CspDirectiveSources> =
        policy.take().map(Into::into).unwrap_or_default();
    let sources = CspDirectiveSources::Inline(sources(settings));
    directives.insert(DIRECTIVE.into(), sources);
    *policy = Some(Csp::DirectiveMap(directives));
}

fn sources(settings: &Settings) -> String {
    let locked = settings
        .server
        .as_ref()
        .filter(|_| settings.is_locked(Key::Server));
    match locked.and_then(of_server) {
        Some(of_server) => format!("{OWN} {of_server}"),
        None => format!("{OWN} {ANY}"),
    }
}

/// The server itself, by the two schemes that the SDK uses.
fn of_server(server: &Url) -> Option<String> {
    let (socket, request) = match server.scheme() {
        "wss" => ("wss", "https"),
        "ws" => ("ws", "http"),
        _ => return None,
    };
    let host = server.host_str()?;
    let port = server.port().map(|port| format!(":{port}"));
    let at = format!("{host}{}", port.unwrap_or_default());
    Some(format!("{socket}://{at} {request}://{at}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Places, Sources};

    fn connects_to(policy: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, policy).unwrap();
        sources(&Settings::load(&Sources {
            places: Places {
                policy: Some(file),
                user: None,
            },
            ..Sources::default()
        }))
    }

    #[test]
    fn where_the_server_is_locked_the_page_connects_to_no_other() {
        let own = |of_server: &str| format!("{OWN} {of_server}");
        assert_eq!(
            connects_to("[values]\nserver = 'wss://media.example:7443/'\n"),
            own("wss://media.example:7443 https://media.example:7443")
        );
        assert_eq!(
            connects_to("[values]\nserver = 'ws://127.0.0.1:7880'\n"),
            own("ws://127.0.0.1:7880 http://127.0.0.1:7880")
        );
        // What is only proposed can be another.
        for open in ["", "[defaults]\nserver = 'wss://media.example'\n"] {
            assert_eq!(connects_to(open), own(ANY));
        }
    }

    #[test]
    fn nothing_else_of_the_policy_is_lost() {
        let mut policy = Some(Csp::Policy("default-src 'self'; base-uri 'none'".into()));
        limit(&mut policy, &Settings::default());
        let directives: HashMap<String, CspDirectiveSources> = policy.unwrap().into();
        assert_eq!(directives.len(), 3);
        let of = |name: &str| Vec::<String>::from(directives[name].clone()).join(" ");
        assert_eq!(of("base-uri"), "'none'");
        assert!(of(DIRECTIVE).starts_with(OWN));
    }

    #[test]
    fn the_policy_in_the_configuration_leaves_forms_frames_and_bases_no_way_out() {
        let file = include_str!("../../tauri.conf.json");
        let configuration: serde_json::Value = serde_json::from_str(file).unwrap();
        let security = &configuration["app"]["security"];
        assert_eq!(security["freezePrototype"], true);
        let policy = security["csp"].as_str().unwrap();
        for part in [
            "default-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        ] {
            assert!(policy.contains(part), "{part}");
        }
        // Which is decided when the app starts.
        assert!(!policy.contains(DIRECTIVE));
    }
}
