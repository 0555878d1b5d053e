use std::fs;

use proptest::prelude::*;
use salon_base::{Code, Provider};

use super::*;

const GOOD: &str = r#"format = 1
name = "club"
title = "Club"
provider = "livekit"
backend = "https://club.example/api-root"
server = "wss://media.example"
[sign_in]
paste = true
browser = { client_id = "salon", scopes = ["meet"] }
[rest]
auth = { cookie = "sid" }
[rest.token]
path = "token?room={room}"
body = { id = "{room:after:club-:number}", list = ["{name}"] }
answer = { token = "/token" }
[rest.sessions]
list = "sessions"
poll_seconds = 20
end = "sessions/{session}/end"
"#;

const CONVEX: &str = r#"
[convex]
token = { function = "stream:token", args = { userId = "{user}" }, answer = { token = "" } }
active = { function = "meet/all:active" }
end = { function = "meet:end" }
"#;

#[test]
fn a_good_profile_is_read() {
    let profile = parse(GOOD, Format::Toml).unwrap();
    let rest = profile.rest.clone().unwrap();
    assert_eq!(rest.auth, Auth::Cookie("sid".into()));
    assert_eq!(
        (rest.token.method, profile.provider),
        (Method::Post, Provider::Livekit)
    );
    assert_eq!(rest.sessions.unwrap().fields, SessionFields::default());
    let bearer = GOOD.replace("{ cookie = \"sid\" }", "\"bearer\"");
    let bearer = parse(&bearer, Format::Toml).unwrap();
    assert_eq!(bearer.rest.unwrap().auth, Auth::Bearer);

    let json = r#"{ "format": 1, "name": "club", "title": "Club", "provider": "stream",
        "rest": { "auth": "none", "token": { "method": "GET", "path": "t",
            "answer": { "token": "/t" } } } }"#;
    assert_eq!(
        parse(json, Format::Json).unwrap().rest.unwrap().auth,
        Auth::None
    );

    let convex = format!("{}{CONVEX}", GOOD.split("[rest]").next().unwrap());
    assert!(parse(&convex, Format::Toml).unwrap().convex.is_some());
}

/// The mistake that a change of the good profile makes.
fn mistake(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    match parse(&GOOD.replacen(from, to, 1), Format::Toml) {
        Ok(_) => format!("none, with {to}"),
        Err(mistake) => mistake.to_string(),
    }
}

#[test]
fn mistakes_say_where_and_why() {
    for (from, to, line, column, why) in [
        (
            "format = 1",
            "format = 2",
            1,
            10,
            "format: this Salon reads format 1",
        ),
        ("\"club\"", "\"Club!\"", 2, 8, "a-z, 0-9"),
        ("\"Club\"", "\" \"", 3, 9, "a title has"),
        ("livekit", "zoom", 4, 12, "zoom"),
        ("https://", "http://", 5, 11, "begins with https"),
        ("https://", "https://ann:pw@", 5, 11, "no user name"),
        ("api-root", "?x", 5, 11, "no \"?\""),
        ("https://club", "club", 5, 11, "relative URL"),
        ("wss://", "ws://", 6, 10, "begins with wss"),
        ("\"salon\"", "\"\"", 9, 25, "sign_in.browser.client_id"),
        ("\"meet\"", "\"a\", \"b c\"", 9, 49, "scope"),
        ("\"sid\"", "\"s;d\"", 11, 19, "cookie"),
        ("token?room", "/token?room", 13, 8, "relative"),
        (
            "token?room",
            "https://evil.example/?room",
            13,
            8,
            "no scheme",
        ),
        ("token?room", "//evil.example/?room", 13, 8, "relative"),
        ("token?room", "a/../../b?room", 13, 8, "no \".\""),
        ("token?room", "a/%2e%2E/b?room", 13, 8, "no \".\""),
        ("token?room", "a\\\\b?room", 13, 8, "no blanks"),
        ("token?room", "a#b?room", 13, 8, "\"#\""),
        ("token?room", "a b?room", 13, 8, "no blanks"),
        ("={room}", "={rum}", 13, 8, "{rum} is not known"),
        ("={room}", "={room:number}", 13, 8, "is for bodies"),
        (
            "\"{room:after:club-:number}\"",
            "\"x{room:number}\"",
            14,
            15,
            "stands alone",
        ),
        (
            "{name}",
            "{name",
            14,
            52,
            "rest.token.body.list.0: \"{\" without",
        ),
        ("\"/token\"", "\"token\"", 15, 20, "JSON Pointer"),
        ("\"/token\"", "\"/a~2\"", 15, 20, "JSON Pointer"),
        (
            "token = \"/token\"",
            "room = \"/r\"",
            15,
            10,
            "missing field `token`",
        ),
        (
            "poll_seconds = 20",
            "poll_seconds = 1",
            18,
            16,
            "between 2 and 3600",
        ),
        (
            "list = \"sessions\"",
            "list = \"s/{room}\"",
            17,
            8,
            "{room} means nothing here",
        ),
        ("{session}/end", "end", 19, 7, "has to say which one"),
        ("end = \"s", "ende = \"s", 19, 1, "unknown field `ende`"),
        ("paste = true", "paste = 1", 8, 9, "invalid type"),
        ("title = ", "title == ", 3, 8, ""),
    ] {
        let mistake = mistake(from, to);
        let place = format!("line {line}, column {column}: ");
        assert!(mistake.starts_with(&place), "{to}: {mistake}");
        assert!(mistake.contains(why), "{to}: {mistake}");
    }
}

#[test]
fn it_is_one_of_rest_and_convex() {
    let both = format!("{GOOD}{CONVEX}");
    let mistake = parse(&both, Format::Toml).unwrap_err().to_string();
    assert!(mistake.contains("one of them"), "{mistake}");
    let neither = GOOD.split("[rest]").next().unwrap();
    let mistake = parse(neither, Format::Toml).unwrap_err().to_string();
    assert!(mistake.starts_with("line 1, column 1: either"), "{mistake}");
}

#[test]
fn an_app_of_streams_is_read_and_checked() {
    let good = GOOD
        .replace("livekit", "stream")
        .replace("server = \"wss://media.example\"\n", "")
        .replace(
            "[sign_in]",
            "[stream]\napi_key = \"abc\"\nurl = \"https://v.example/v\"\n[sign_in]",
        )
        .replace(
            "[rest.sessions]",
            "[rest.call]\npath = \"call/{room}\"\nanswer = { api_key = \"/key\" }\n[rest.sessions]",
        );
    let profile = parse(&good, Format::Toml).unwrap();
    let app = profile.stream.unwrap();
    assert_eq!(
        (app.api_key.as_deref(), app.call_type, app.create),
        (Some("abc"), None, true)
    );
    assert!(profile.rest.unwrap().call.is_some());
    for (from, to, why) in [
        (
            "\"stream\"",
            "\"livekit\"",
            "rest.call: that is for the provider \"stream\"",
        ),
        ("\"abc\"", "\"a c\"", "stream.api_key: it has 1 to 64"),
        (
            "https://v",
            "http://v",
            "stream.url: an address begins with https",
        ),
        (
            "https://v",
            "https://ann:pw@v",
            "stream.url: an address has no user",
        ),
        (
            "api_key = \"abc\"",
            "api_secret = \"abc\"",
            "unknown field `api_secret`",
        ),
        (
            "call/{room}",
            "//evil.example/",
            "rest.call.path: a path is relative",
        ),
        (
            "\"/key\"",
            "\"key\"",
            "rest.call.answer.api_key: a JSON Pointer",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let mistake = parse(&good.replacen(from, to, 1), Format::Toml).unwrap_err();
        assert!(mistake.to_string().contains(why), "{to}: {mistake}");
    }
}

#[test]
fn a_get_has_no_body() {
    let mistake = mistake("[rest.token]", "[rest.token]\nmethod = \"GET\"");
    assert!(mistake.contains("a GET has no body"), "{mistake}");
}

#[test]
fn json_says_where_too() {
    let json = "{ \"format\": 1, \"name\": \"club\", \"title\": \"Ü\", \"provider\": \"stream\",\n\
        \"rest\": { \"token\": { \"path\": \"/t\", \"answer\": { \"token\": \"/t\" } } } }";
    let mistake = parse(json, Format::Json).unwrap_err().to_string();
    assert!(
        mistake.starts_with("line 2, column 30: rest.token.path"),
        "{mistake}"
    );
    let mistake = parse("{\n \"ü\" }", Format::Json).unwrap_err().to_string();
    assert!(mistake.starts_with("line 2, column "), "{mistake}");
    assert!(!mistake.contains(" at line"), "{mistake}");
}

#[test]
fn a_large_file_is_not_read() {
    let large = format!("{GOOD}#{}", "x".repeat(64 * 1024));
    let mistake = parse(&large, Format::Toml).unwrap_err();
    assert_eq!(mistake.why, "a profile has at most 64 KB");
}

#[test]
fn files_add_to_what_is_built_in() {
    let (policy, user) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |folder: &tempfile::TempDir, name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
    };
    let named = |name| GOOD.replace("\"club\"", &format!("\"{name}\""));
    write(
        &policy,
        "ours.toml",
        &named("salon").replace("Club", "Ours"),
    );
    write(&user, "club.toml", GOOD);
    write(&user, "copy.toml", GOOD);
    write(&user, "salon.toml", &named("salon"));
    write(&user, "stream-rest.toml", &named("stream-rest"));
    write(&user, "wrong.toml", &GOOD.replace("wss:", "ws:"));
    write(&user, "note.txt", "not a profile");
    fs::write(user.path().join("latin.json"), b"{\n\"\xfc\"}").unwrap();

    let missing = user.path().join("missing");
    let folders = [user.path().to_owned(), missing];
    let (profiles, faults) = Profiles::load_with_policy(&[policy.path().to_owned()], &folders);
    let names: Vec<_> = profiles
        .all()
        .map(|profile| profile.name.as_str())
        .collect();
    let expected = [
        "club",
        "convex",
        "convex-livekit",
        "livekit-meetings",
        "next-video-call",
        "salon",
        "stream-rest",
    ];
    assert_eq!(names, expected);
    assert_eq!(profiles.get("salon").unwrap().title, "Ours");
    assert_eq!(profiles.origin("salon"), Some(Origin::Policy));
    assert_eq!(profiles.origin("club"), Some(Origin::User));
    assert_eq!(
        profiles.get("stream-rest").unwrap().title,
        "Stream meetings"
    );
    assert_eq!(profiles.origin("stream-rest"), Some(Origin::BuiltIn));

    let expected = [
        ("copy.toml", "in another file"),
        ("latin.json", "line 2, column 2: it is not UTF-8"),
        ("salon.toml", "of the administrator's"),
        ("stream-rest.toml", "that is built in"),
        ("wrong.toml", "line 6, column 10: server: an address"),
    ];
    assert_eq!(faults.len(), expected.len(), "{faults:?}");
    for (fault, (file, why)) in faults.iter().zip(expected) {
        assert_eq!(fault.code, Code::ProfileInvalid);
        assert!(fault.detail.contains(file), "{fault}");
        assert!(fault.detail.contains(why), "{fault}");
    }
    let unknown = profiles.require("clubs").unwrap_err();
    assert_eq!(unknown.code, Code::ProfileUnknown);
    assert!(
        unknown.detail.contains("there are club, convex"),
        "{unknown}"
    );
}

proptest! {
    #[test]
    fn any_text_is_survived(text: String, line in "[ -~]{0,60}", at in 0..GOOD.len()) {
        let broken = format!("{}{line}{}", &GOOD[..at], &GOOD[at..]);
        for format in [Format::Toml, Format::Json] {
            let _ = parse(&text, format);
        }
        if let Err(mistake) = parse(&broken, Format::Toml) {
            prop_assert!(mistake.position.line <= broken.lines().count() + 1);
        }
    }
}
