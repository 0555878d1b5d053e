//! What the page may connect to. `docs/decisions/what-the-page-may-reach.md` says why.

use std::collections::HashMap;

use salon_base::Provider;
use salon_base::address::is_loopback;
use salon_meeting::stream::{StreamSettings, coordinator};
use salon_profile::Profile;
use salon_settings::{Key, Settings};
use tauri::utils::config::{Csp, CspDirectiveSources};
use url::Url;

/// Other parts of the policy do not depend on anything: they are in `tauri.conf.json`.
const DIRECTIVE: &str = "connect-src";
/// Commands, and on Linux the WebRTC plugin, which listens at a port of its own each time.
const OWN: &str = "'self' ipc: http://ipc.localhost ws://127.0.0.1:*";
/// A backend may name any media server, so the address is not known when the page is opened; without
/// encryption it is one on this computer.
const ANY: &str = "wss: https: ws://localhost:* http://127.0.0.1:* http://localhost:*";

/// Stream's coordinator and media servers, and who says which of them is near.
const STREAM: &str = "https://video.stream-io-api.com wss://video.stream-io-api.com \
     https://*.stream-io-video.com wss://*.stream-io-video.com";
/// A coordinator on this computer leads to media servers at other ports of it.
const HERE: &str = "http://127.0.0.1:* http://localhost:* ws://localhost:*";

/// Completes the page's policy with what these settings, and the profile that they choose, let it connect
/// to.
pub(crate) fn limit(policy: &mut Option<Csp>, settings: &Settings, profile: Option<&Profile>) {
    let mut directives: HashMap<String, CspDirectiveSources> =
        policy.take().map(Into::into).unwrap_or_default();
    let sources = CspDirectiveSources::Inline(sources(settings, profile));
    directives.insert(DIRECTIVE.into(), sources);
    *policy = Some(Csp::DirectiveMap(directives));
}

fn sources(settings: &Settings, profile: Option<&Profile>) -> String {
    if let Some(profile) = profile.filter(|profile| profile.provider == Provider::Stream) {
        return format!("{OWN} {}", of_stream(settings, profile));
    }
    let locked = settings
        .server
        .as_ref()
        .filter(|_| settings.is_locked(Key::Server));
    match locked.and_then(of_server) {
        Some(of_server) => format!("{OWN} {of_server}"),
        None => format!("{OWN} {ANY}"),
    }
}

/// Stream's own, and another coordinator that settings or profile name. One that does not count is told of
/// when a meeting is joined.
fn of_stream(settings: &Settings, profile: &Profile) -> String {
    let stream = StreamSettings::of(settings, None);
    match coordinator(&stream, profile.stream.as_ref()) {
        Ok(Some(url)) if is_loopback(url) => HERE.into(),
        Ok(Some(url)) => match of_server(url) {
            Some(of_server) => format!("{STREAM} {of_server}"),
            None => STREAM.into(),
        },
        Ok(None) | Err(_) => STREAM.into(),
    }
}

/// The server itself, by the two schemes that the SDKs use.
fn of_server(server: &Url) -> Option<String> {
    let (socket, request) = match server.scheme() {
        "wss" | "https" => ("wss", "https"),
        "ws" | "http" => ("ws", "http"),
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
    use salon_profile::Profiles;

    fn connects_to(policy: &str) -> String {
        connects_by(None, policy, "")
    }

    /// With this profile and user's file.
    fn connects_by(profile: Option<&str>, policy: &str, user: &str) -> String {
        let (profiles, _) = Profiles::load(&[]);
        let profile = profile.map(|name| profiles.require(name).unwrap());
        sources(&Settings::of_texts(policy, user), profile)
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
    fn streams_hosts_are_for_a_profile_of_streams_and_then_no_others_are() {
        let own = |others: &str| format!("{OWN} {others}");
        let locked = "[values]\nserver = 'wss://media.example'\n";
        for policy in ["", locked] {
            let of_stream = connects_by(Some("convex"), policy, "");
            assert_eq!(of_stream, own(STREAM));
            let sources: Vec<_> = of_stream.split(' ').collect();
            assert!(!sources.contains(&"https:") && !sources.contains(&"wss:"));
        }
        assert!(!connects_by(Some("salon"), locked, "").contains("stream-io"));
        // What a settings file names as coordinator, too.
        let user = "stream_url = 'https://video.example:8443/v'\n";
        let with = format!("{STREAM} wss://video.example:8443 https://video.example:8443");
        assert_eq!(connects_by(Some("convex"), "", user), own(&with));
        assert!(!connects_by(Some("salon"), locked, user).contains("video.example"));
    }

    #[test]
    fn a_coordinator_on_this_computer_is_reached_in_dev_mode_only() {
        let user = "stream_url = 'http://127.0.0.1:9/video'\n";
        let plain = connects_by(Some("convex"), "", user);
        assert_eq!(plain, format!("{OWN} {STREAM}"));
        let dev = connects_by(Some("convex"), "", &format!("{user}dev = true\n"));
        assert_eq!(dev, format!("{OWN} {HERE}"));
    }

    #[test]
    fn nothing_else_of_the_policy_is_lost() {
        let mut policy = Some(Csp::Policy("default-src 'self'; base-uri 'none'".into()));
        limit(&mut policy, &Settings::default(), None);
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
