//! What is pasted or set is wrong, before anybody is asked.

use std::io::Write as _;

use salon_base::Code::*;
use salon_base::{Code, Fault};
use salon_meeting::resolve;
use salon_profile::{Profiles, read};
use salon_settings::Settings;

use super::{Row, row};

pub(super) fn rows() -> Vec<Row> {
    let link = |fault, text: &'static str, code: Code| {
        row("Links and settings", (fault, text), code, "", move || {
            let fault = resolved(text.trim_matches('`'));
            async move { fault }
        })
    };
    let profile = |words, code, detail, provoke: fn() -> Fault| {
        row("Links and settings", words, code, detail, move || {
            let fault = provoke();
            async move { fault }
        })
    };
    vec![
        link(
            "a link that is none",
            "`ftp://a.example/join/r`",
            LinkInvalid,
        ),
        link("a link without a room", "`salon://join`", LinkInvalid),
        link("a room that cannot be", "`a/b`", RoomNameInvalid),
        link(
            "a link of another web site",
            "`https://other.example/join/r`",
            LinkOtherSite,
        ),
        link(
            "a link to another server",
            "`salon://join?room=r&server=wss://evil.example`",
            LinkServerNotAllowed,
        ),
        profile(
            ("neither a backend nor dev mode", "a room's name alone"),
            DevModeOff,
            "",
            || resolve("r", &Settings::default(), None).unwrap_err(),
        ),
        profile(
            ("no such profile", "`--profile clubs`"),
            ProfileUnknown,
            "livekit-meetings",
            || Profiles::load(&[]).0.require("clubs").unwrap_err(),
        ),
        profile(
            ("a mistake in a profile", "a path with `..`"),
            ProfileInvalid,
            "club.toml, line 6, column 18: rest.token.path",
            || {
                written(
                    "format = 1\nname = \"club\"\ntitle = \"Club\"\nprovider = \"livekit\"\n[rest]\n\
                     token = { path = \"../t\", answer = { token = \"/t\" } }\n",
                )
            },
        ),
        profile(
            ("a profile that is no TOML", "a line without a value"),
            ProfileInvalid,
            "club.toml, line 1, column ",
            || written("format =\n"),
        ),
    ]
}

fn resolved(input: &str) -> Fault {
    let (profiles, _) = Profiles::load(&[]);
    let settings = Settings::of_texts("", "backend = 'https://backend.example'\n");
    resolve(input, &settings, profiles.get("salon")).unwrap_err()
}

fn written(text: &str) -> Fault {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("club.toml");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    read(&path).unwrap_err()
}
