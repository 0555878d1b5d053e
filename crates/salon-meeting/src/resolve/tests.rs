use clap::Parser as _;
use proptest::prelude::*;
use salon_profile::{Profiles, default_profile};
use salon_settings::Arguments;

use super::*;

fn settings(arguments: &[&str]) -> Settings {
    let arguments = std::iter::once(&"salon").chain(arguments);
    Settings::from(Arguments::try_parse_from(arguments).unwrap())
}

/// As the app does it: with the profile that the settings choose.
fn resolve(input: &str, settings: &Settings) -> Result<Meeting, Fault> {
    let (profiles, _) = Profiles::load(&[]);
    let name = settings.profile.as_deref().unwrap_or(default_profile());
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
    assert_eq!(title(&"x".repeat(1_000)).chars().count(), 120);
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
    let mut profile = Profiles::load(&[])
        .0
        .get(default_profile())
        .unwrap()
        .clone();
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

/// As the app does it in dev mode, where a profile without a backend says whose calls they are.
fn of_stream(link: &str, arguments: &[&str]) -> (Result<Meeting, Code>, Settings) {
    let (profiles, _) = Profiles::load(&[]);
    let settings = settings(arguments);
    let meeting = super::resolve(link, &settings, profiles.get("stream-rest"));
    (meeting.map_err(|fault| fault.code), settings)
}

#[test]
fn in_dev_mode_the_profile_says_whose_calls_they_are() {
    let (meeting, _) = of_stream("tea", &["--dev", "--profile", "stream-rest"]);
    let meeting = meeting.unwrap();
    assert_eq!(
        (meeting.provider, meeting.source),
        (Provider::Stream, Source::Dev)
    );
    assert_eq!(
        (meeting.room.as_str(), meeting.server_url.as_str()),
        ("tea", "")
    );
    let (refused, _) = of_stream("tea", &["--profile", "stream-rest"]);
    assert_eq!(refused, Err(Code::DevModeOff));
    // A web site's link is of this computer then, as without a profile.
    let (here, _) = of_stream("http://localhost:1420/join/r", &["--dev"]);
    assert!(here.is_ok());
    let (elsewhere, _) = of_stream("https://a.example/join/r", &["--dev"]);
    assert_eq!(elsewhere, Err(Code::LinkOtherSite));
}

#[test]
fn a_link_may_name_the_type_of_a_call_of_streams() {
    for arguments in [&["--dev"][..], &["--backend", "https://a.example"]] {
        let of = |link: &str| {
            of_stream(link, arguments)
                .0
                .map(|meeting| meeting.call_type)
        };
        let typed = of("salon://join?room=r&call_type=livestream");
        assert_eq!(typed, Ok(Some("livestream".into())));
        assert_eq!(of("salon://join?room=r"), Ok(None));
        for wrong in ["", "a/b", "..", "a%20b", "%E2%80%AEx"] {
            let link = format!("salon://join?room=r&call_type={wrong}");
            assert_eq!(of(&link), Err(Code::LinkInvalid), "{link}");
        }
    }
    // LiveKit has none.
    let link = "salon://join?room=r&call_type=livestream";
    assert_eq!(
        resolve(link, &settings(&["--dev"])).unwrap().call_type,
        None
    );
}

/// A token goes to the coordinator and is of the app: whoever sends links chooses neither.
#[test]
fn a_link_that_names_app_or_coordinator_changes_nothing() {
    let evil = "https%3A%2F%2Fevil.example";
    let crafted = format!(
        "salon://join?room=r&api_key=evil&apiKey=evil&stream_api_key=evil&key=evil&base_url={evil}\
         &baseUrl={evil}&stream_url={evil}&url={evil}&create=false"
    );
    for arguments in [
        &["--dev"][..],
        &[
            "--dev",
            "--stream-api-key",
            "own",
            "--stream-url",
            "http://127.0.0.1:9/video",
        ],
        &["--backend", "https://a.example", "--stream-api-key", "own"],
    ] {
        let (plain, settings) = of_stream("salon://join?room=r", arguments);
        let (meeting, _) = of_stream(&crafted, arguments);
        let meeting = meeting.unwrap();
        assert_eq!(meeting, plain.unwrap());
        let settled = |meeting: &Meeting| {
            let stream = crate::stream::StreamSettings::of(&settings, meeting.call_type.as_deref());
            let answered = crate::stream::StreamAnswered::default();
            crate::stream::settle(answered, &stream, None).map_err(|fault| fault.code)
        };
        match settings.stream_api_key.as_deref() {
            Some(own) => {
                let settled = settled(&meeting).unwrap();
                assert_eq!(settled.api_key, own);
                let set = settings.stream_url.as_ref().map(address);
                assert_eq!((settled.base_url, settled.create), (set, true));
            }
            None => assert_eq!(settled(&meeting), Err(Code::StreamKeyMissing)),
        }
    }
    // Nor does one by LiveKit's word for a server, on this computer or off it.
    for server in ["ws://127.0.0.1:9", "wss://evil.example"] {
        let (refused, _) = of_stream(&format!("salon://join?room=r&server={server}"), &["--dev"]);
        assert_eq!(refused, Err(Code::LinkServerNotAllowed));
    }
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

#[test]
fn a_link_does_not_touch_a_locked_server() {
    let policy = "[values]\nserver = 'wss://m.example'\n";
    let settings = Settings::of_texts(policy, "dev = true\n");
    let link = "salon://join?room=r&server=ws://127.0.0.1:9";
    let refused = super::resolve(link, &settings, None).unwrap_err();
    assert_eq!(refused.code, Code::LinkServerNotAllowed);
}
