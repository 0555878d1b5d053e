use clap::Parser as _;
use proptest::prelude::*;

use super::*;
use crate::profile::{DEFAULT_PROFILE, Profiles};
use crate::settings::Arguments;

fn settings(arguments: &[&str]) -> Settings {
    let arguments = std::iter::once(&"salon").chain(arguments);
    Settings::from(Arguments::try_parse_from(arguments).unwrap())
}

/// As the app does it: with the profile that the settings choose.
fn resolve(input: &str, settings: &Settings) -> Result<Meeting, Fault> {
    let (profiles, _) = Profiles::load(&[]);
    let name = settings.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
    let profile = settings.backend.as_ref().and_then(|_| profiles.get(name));
    super::resolve(input, settings, profile)
}

fn code(input: &str, arguments: &[&str]) -> Code {
    resolve(input, &settings(arguments)).unwrap_err().code
}

const PRODUCT: [&str; 4] = [
    "--backend",
    "https://a.example",
    "--server",
    "wss://m.example",
];

#[test]
fn a_room_name_is_enough() {
    let meeting = resolve(" book club ", &settings(&["--dev"])).unwrap();
    assert_eq!(
        (meeting.room.as_str(), meeting.source),
        ("book club", Source::Dev)
    );
    assert_eq!(meeting.server_url, "ws://127.0.0.1:7880");
}

#[test]
fn links_name_room_and_title() {
    let meeting = resolve(
        "salon://join?room=r-1&title=Hello%20you",
        &settings(&PRODUCT),
    )
    .unwrap();
    assert_eq!(
        (meeting.room.as_str(), meeting.title.as_str()),
        ("r-1", "Hello you")
    );
    assert_eq!(meeting.source, Source::Backend);
    let meeting = resolve("https://anywhere.example/join/r%20b", &settings(&PRODUCT)).unwrap();
    assert_eq!(
        (meeting.room.as_str(), meeting.server_url.as_str()),
        ("r b", "wss://m.example")
    );
}

#[test]
fn a_link_cannot_choose_the_server() {
    let foreign = "salon://join?room=r&server=wss://evil.example";
    assert_eq!(code(foreign, &PRODUCT), Code::LinkServerNotAllowed);
    assert_eq!(code(foreign, &["--dev"]), Code::LinkServerNotAllowed);
    assert!(
        resolve(
            "salon://join?room=r&server=wss://m.example",
            &settings(&PRODUCT)
        )
        .is_ok()
    );
    assert!(
        resolve(
            "salon://join?room=r&server=ws://127.0.0.1:9",
            &settings(&["--dev"])
        )
        .is_ok()
    );
}

#[test]
fn unencrypted_servers_are_for_this_computer_only() {
    assert_eq!(
        code("r", &["--dev", "--server", "ws://m.example"]),
        Code::LinkServerNotAllowed
    );
}

#[test]
fn the_profile_says_whose_call_it_is_and_where() {
    let backend = ["--backend", "https://a.example", "--profile"];
    let of = |profile, more: &[&str]| {
        let arguments: Vec<_> = backend
            .iter()
            .chain(&[profile])
            .chain(more)
            .copied()
            .collect();
        resolve("r", &settings(&arguments)).unwrap()
    };
    // The backend names the server with the token.
    let meeting = of("salon", &[]);
    assert_eq!(
        (meeting.provider, meeting.server_url.as_str()),
        (Provider::Livekit, "")
    );
    let meeting = of("stream-rest", &["--server", "wss://m.example"]);
    assert_eq!(
        (meeting.provider, meeting.server_url.as_str()),
        (Provider::Stream, "")
    );
    assert_eq!(
        code("salon://join?room=r&server=wss://m.example", &backend[..2]),
        Code::LinkServerNotAllowed
    );
}

#[test]
fn wrong_input_has_its_own_codes() {
    for (input, expected) in [
        ("", Code::RoomNameInvalid),
        ("a/b", Code::RoomNameInvalid),
        ("salon://join", Code::LinkInvalid),
        ("salon://leave?room=r", Code::LinkInvalid),
        ("https://a.example/other/r", Code::LinkInvalid),
        ("ftp://a.example/join/r", Code::LinkInvalid),
        ("salon://join?room=%00", Code::RoomNameInvalid),
        ("://", Code::LinkInvalid),
    ] {
        assert_eq!(code(input, &["--dev"]), expected, "{input}");
    }
    assert_eq!(code("r", &[]), Code::DevModeOff);
    assert_eq!(
        code(
            &format!("salon://join?room={}", "x".repeat(3000)),
            &["--dev"]
        ),
        Code::LinkInvalid
    );
}

proptest! {
    #[test]
    fn any_input_is_survived(input: String, query in "[ -~]{0,60}") {
        let settings = settings(&["--dev"]);
        let _ = resolve(&input, &settings);
        let _ = resolve(&format!("salon://join?{query}"), &settings);
        let _ = resolve(&format!("https://h/join/{query}"), &settings);
    }
}
