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
fn a_title_of_a_link_turns_nothing_around_and_is_one_line() {
    let title = |title: &str| {
        let link = format!("salon://join?room=r-1&title={title}");
        resolve(&link, &settings(&["--dev"])).unwrap().title
    };
    assert_eq!(title("%E2%80%AElive"), "live");
    assert_eq!(title("a%0Ab%E2%81%A6%20%20c"), "a b c");
    assert_eq!(title(&"x".repeat(1_000)).chars().count(), LONGEST_TITLE);
    // Nothing of it is left: then it is the room's name.
    assert_eq!(title("%E2%80%AE%20%00"), "r-1");
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
    let meeting = resolve("https://a.example/join/r%20b", &settings(&PRODUCT)).unwrap();
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
fn a_web_link_is_of_the_backend_or_of_the_web_site() {
    let product = settings(&PRODUCT);
    let mut profile = Profiles::load(&[]).0.get(DEFAULT_PROFILE).unwrap().clone();
    for (link, ours) in [
        ("https://a.example/join/r", true),
        ("https://A.EXAMPLE:8443/join/r", true),
        ("https://a.example@evil.example/join/r", false),
        ("https://a.example.evil.example/join/r", false),
        ("https://sub.a.example/join/r", false),
        ("http://127.0.0.1/join/r", false),
    ] {
        assert_eq!(resolve(link, &product).is_ok(), ours, "{link}");
    }
    let link = "https://club.example/join/r";
    let fault = super::resolve(link, &product, Some(&profile)).unwrap_err();
    assert_eq!(fault.code, Code::LinkOtherSite);
    assert_eq!(
        fault.detail,
        "it is of club.example; this app is set up for a.example"
    );
    profile.site = Some(Url::parse("https://club.example").unwrap());
    assert!(super::resolve(link, &product, Some(&profile)).is_ok());
    // The settings win over the profile's address, whose links are of another product then.
    profile.site = None;
    profile.backend = Some(Url::parse("https://club.example").unwrap());
    assert!(super::resolve(link, &product, Some(&profile)).is_err());
    // Without a backend, links are for trying things out on this computer.
    assert_eq!(code(link, &["--dev"]), Code::LinkOtherSite);
    let here = resolve("http://localhost:1420/join/r", &settings(&["--dev"]));
    assert_eq!(here.unwrap().room, "r");
    // A link of the app names no site.
    assert!(resolve("salon://join?room=r", &product).is_ok());
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
        ("https://a.example/join/r", Code::LinkOtherSite),
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

    #[test]
    fn a_web_link_opens_a_room_of_its_own_site_only(
        host in "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}|a\\.example|[0-9]{1,3}(\\.[0-9]{1,3}){3}",
        userinfo in "(a\\.example@)?",
        port in "(:[1-9][0-9]{0,3})?",
        own in "a\\.example|api\\.a\\.example|[a-z]{1,8}",
    ) {
        let settings = settings(&["--backend", &format!("https://{own}")]);
        let link = format!("https://{userinfo}{host}{port}/join/r");
        let same = Url::parse(&link).is_ok_and(|url| url.host_str() == Some(own.as_str()));
        prop_assert_eq!(resolve(&link, &settings).is_ok(), same);
    }
}
