//! Whose app a call of Stream's is of, of which type it is, and who coordinates it: the only place that
//! decides between those who say so. `docs/decisions/which-stream-app.md` says why in this order.

use salon_base::address::{address, is_loopback};
use salon_base::{Code, Fault, is_stream_name};
use salon_profile::StreamApp;
use salon_settings::{Key, Settings};
use url::Url;

/// The type that every app of Stream's has.
const USUAL_TYPE: &str = "default";

/// What is known of a call before the backend is asked. A link has nothing in it but the type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamSettings<'a> {
    /// The app's API key, as the settings say.
    pub api_key: Option<&'a str>,
    /// The administrator has locked it: no answer may name another one.
    pub api_key_locked: bool,
    /// The type of calls, as the settings say.
    pub call_type: Option<&'a str>,
    /// The administrator has locked it: it is the type, whoever names another one.
    pub call_type_locked: bool,
    /// The type that the meeting's link names.
    pub linked_call_type: Option<&'a str>,
    /// The coordinator, as the settings say.
    pub url: Option<&'a Url>,
    /// A coordinator on this computer counts.
    pub dev: bool,
}

impl<'a> StreamSettings<'a> {
    /// As these settings say, and a link.
    pub fn of(settings: &'a Settings, linked_call_type: Option<&'a str>) -> Self {
        Self {
            api_key: settings.stream_api_key.as_deref(),
            api_key_locked: settings.is_locked(Key::StreamApiKey),
            call_type: settings.stream_call_type.as_deref(),
            call_type_locked: settings.is_locked(Key::StreamCallType),
            linked_call_type,
            url: settings.stream_url.as_ref(),
            dev: settings.dev,
        }
    }
}

/// What a backend says of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamAnswered<'a> {
    /// The app's API key.
    pub api_key: Option<&'a str>,
    /// The type of the call.
    pub call_type: Option<&'a str>,
}

/// How a call of Stream's is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The app's API key.
    pub api_key: String,
    /// The type of the call.
    pub call_type: String,
    /// It is made where there is none yet.
    pub create: bool,
    /// The coordinator; absent: Stream's own.
    pub base_url: Option<String>,
}

/// Decides. What the backend says counts more than a setting, a setting more than the profile, and
/// what is locked more than all.
///
/// # Errors
/// [`Code::StreamKeyMissing`] if nobody names the app, [`Code::ServerNotAllowed`] for another than the
/// locked one, [`Code::BackendError`] for a name that cannot be one, and what [`coordinator`] says.
pub fn settle(
    answered: StreamAnswered<'_>,
    stream: &StreamSettings<'_>,
    profile: Option<&StreamApp>,
) -> Result<Settled, Fault> {
    for (what, name) in [
        ("API key", answered.api_key),
        ("call type", answered.call_type),
    ] {
        if name.is_some_and(|name| !is_stream_name(name)) {
            let why = format!("the {what} of Stream's that it names cannot be one");
            return Err(Fault::new(Code::BackendError, why));
        }
    }
    let locked = stream.api_key.filter(|_| stream.api_key_locked);
    if let (Some(locked), Some(named)) = (locked, answered.api_key)
        && locked != named
    {
        let why = format!("the Stream app is {named}; locked is {locked}");
        return Err(Fault::new(Code::ServerNotAllowed, why));
    }
    let of_profile = profile.and_then(|profile| profile.api_key.as_deref());
    let api_key = locked
        .or(answered.api_key)
        .or(stream.api_key)
        .or(of_profile);
    Ok(Settled {
        api_key: api_key.ok_or(Code::StreamKeyMissing)?.to_owned(),
        call_type: call_type(answered.call_type, stream, profile).to_owned(),
        create: profile.is_none_or(|profile| profile.create),
        base_url: coordinator(stream, profile)?.map(address),
    })
}

/// The type of a call. A link's comes with its id, so it counts more than what is said of all calls.
pub fn call_type<'a>(
    answered: Option<&'a str>,
    stream: &StreamSettings<'a>,
    profile: Option<&'a StreamApp>,
) -> &'a str {
    let set = stream.call_type;
    set.filter(|_| stream.call_type_locked)
        .or(stream.linked_call_type)
        .or(answered)
        .or(set)
        .or_else(|| profile?.call_type.as_deref())
        .unwrap_or(USUAL_TYPE)
}

/// Who coordinates calls, if it is not Stream itself: a setting says, or the profile; no answer and no
/// link does, as each token goes there.
///
/// # Errors
/// [`Code::ServerNeedsDevMode`] for one on this computer without dev mode.
pub fn coordinator<'a>(
    stream: &StreamSettings<'a>,
    profile: Option<&'a StreamApp>,
) -> Result<Option<&'a Url>, Fault> {
    let of_profile = || profile.and_then(|profile| profile.url.as_ref());
    let (url, place) = match stream.url {
        Some(url) => (url, "stream_url in the settings"),
        None => match of_profile() {
            Some(url) => (url, "url in [stream] of the profile"),
            None => return Ok(None),
        },
    };
    if is_loopback(url) && !stream.dev {
        let why = format!("{place}: {}", address(url));
        return Err(Fault::new(Code::ServerNeedsDevMode, why));
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use salon_settings::Settings;

    fn named(api_key: &str, call_type: &str) -> StreamApp {
        let given = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        StreamApp {
            api_key: given(api_key),
            call_type: given(call_type),
            ..StreamApp::default()
        }
    }

    fn of(policy: &str, user: &str) -> Settings {
        let settings = Settings::of_texts(policy, user);
        assert_eq!(settings.problems, []);
        settings
    }

    /// Key and type, or the code.
    fn chosen(
        settings: &Settings,
        answered: (&'static str, &'static str),
        profile: Option<&StreamApp>,
        link: Option<&str>,
    ) -> Result<(String, String), Code> {
        let given = |name: &'static str| Some(name).filter(|name| !name.is_empty());
        let answered = StreamAnswered {
            api_key: given(answered.0),
            call_type: given(answered.1),
        };
        settle(answered, &StreamSettings::of(settings, link), profile)
            .map(|settled| (settled.api_key, settled.call_type))
            .map_err(|fault| fault.code)
    }

    #[test]
    fn the_answer_comes_before_a_setting_and_a_setting_before_the_profile() {
        let user = "stream_api_key = 'mine'\nstream_call_type = 'audio_room'\n";
        let policy = "[values]\nstream_api_key = 'theirs'\nstream_call_type = 'meeting'\n";
        let (none, set, locked) = (of("", ""), of("", user), of(policy, user));
        let club = named("club", "livestream");
        let pair = |key: &str, of_type: &str| Ok((key.to_owned(), of_type.to_owned()));
        for (settings, answered, profile, link, expected) in [
            (&none, ("", ""), None, None, Err(Code::StreamKeyMissing)),
            (&none, ("a", ""), None, None, pair("a", "default")),
            (
                &none,
                ("", ""),
                Some(&club),
                None,
                pair("club", "livestream"),
            ),
            (
                &set,
                ("", ""),
                Some(&club),
                None,
                pair("mine", "audio_room"),
            ),
            (&set, ("a", "t"), Some(&club), None, pair("a", "t")),
            (&set, ("a", "t"), Some(&club), Some("l"), pair("a", "l")),
            (
                &locked,
                ("", "t"),
                Some(&club),
                Some("l"),
                pair("theirs", "meeting"),
            ),
            (
                &locked,
                ("theirs", ""),
                None,
                None,
                pair("theirs", "meeting"),
            ),
            (&locked, ("a", ""), None, None, Err(Code::ServerNotAllowed)),
            (&set, ("a b", ""), None, None, Err(Code::BackendError)),
            (&set, ("a", "t/../t"), None, None, Err(Code::BackendError)),
        ] {
            let chosen = chosen(settings, answered, profile, link);
            assert_eq!(chosen, expected, "{answered:?} {link:?}");
        }
    }

    #[test]
    fn a_coordinator_on_this_computer_is_for_dev_mode() {
        let here = StreamApp {
            url: Some("http://127.0.0.1:9/video".parse().unwrap()),
            ..named("club", "")
        };
        let base = |settings: &Settings, profile: Option<&StreamApp>| {
            let stream = StreamSettings::of(settings, None);
            let url = coordinator(&stream, profile).map_err(|fault| fault.code)?;
            Ok(url.map(address))
        };
        let (plain, dev) = (of("", ""), of("", "dev = true\n"));
        assert_eq!(base(&plain, None), Ok(None));
        assert_eq!(base(&plain, Some(&here)), Err(Code::ServerNeedsDevMode));
        let found = Ok(Some("http://127.0.0.1:9/video".to_owned()));
        assert_eq!(base(&dev, Some(&here)), found);
        let set = of("", "stream_url = 'https://localhost:8443'\n");
        assert_eq!(base(&set, None), Err(Code::ServerNeedsDevMode));
        // Where to look, and nothing of it being left out: no call is made.
        let told = coordinator(&StreamSettings::of(&set, None), None).unwrap_err();
        assert_eq!(
            told.detail,
            "stream_url in the settings: https://localhost:8443"
        );
        let sentence = &told.code.words().unwrap().sentence;
        assert!(sentence.contains("dev mode only"), "{sentence}");
        let set = of("", "stream_url = 'https://video.example/v/'\n");
        let found = Ok(Some("https://video.example/v".to_owned()));
        assert_eq!(base(&set, Some(&here)), found);
    }
}
