//! What a profile may not say though its types allow it.

use percent_encoding::percent_decode_str;
use salon_base::address::is_loopback;
use salon_base::{Provider, is_stream_name};
use serde_json::Value;
use url::Url;

use crate::profile::{
    Auth, Convex, ConvexFunction, Method, Profile, Rest, SessionFields, TokenAnswer, TokenEndpoint,
};
use crate::template::{Name, Template};

/// The version of the format that is read here.
const FORMAT: u32 = 1;
/// Characters of a name.
const LONGEST_NAME: usize = 40;
/// Characters of a title.
const LONGEST_TITLE: usize = 80;
/// Seconds between two looks at a list.
const POLL_SECONDS: std::ops::RangeInclusive<u32> = 2..=3600;
/// What a path may have only where a meeting session or room is asked about.
const ABOUT_A_MEETING: [Name; 3] = [Name::Room, Name::Session, Name::Name];

/// A mistake, and the keys that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Keys and indices.
    pub(super) path: Vec<String>,
    /// What is wrong.
    pub(super) why: String,
}

type Checked = Result<(), Wrong>;

/// Leads to what is looked at.
#[derive(Clone, Default)]
struct At(Vec<String>);

impl At {
    fn key(&self, key: &str) -> Self {
        let mut path = self.0.clone();
        path.push(key.to_owned());
        Self(path)
    }

    fn wrong(&self, why: impl Into<String>) -> Wrong {
        Wrong {
            path: self.0.clone(),
            why: why.into(),
        }
    }

    fn must(&self, holds: bool, why: &str) -> Checked {
        if holds { Ok(()) } else { Err(self.wrong(why)) }
    }
}

/// # Errors
/// The first mistake.
pub(super) fn check(profile: &Profile) -> Checked {
    let at = At::default();
    let (format, name, title) = (at.key("format"), at.key("name"), at.key("title"));
    format.must(profile.format == FORMAT, "this Salon reads format 1")?;
    name.must(
        is_name(&profile.name),
        "a name has 1 to 40 of the characters a-z, 0-9 and \"-\"",
    )?;
    title.must(
        !profile.title.trim().is_empty()
            && profile.title.chars().count() <= LONGEST_TITLE
            && !profile.title.contains(char::is_control),
        "a title has 1 to 80 characters",
    )?;
    if let Some(backend) = &profile.backend {
        address(&at.key("backend"), backend, "https", "http")?;
    }
    if let Some(site) = &profile.site {
        address(&at.key("site"), site, "https", "http")?;
    }
    if let Some(server) = &profile.server {
        address(&at.key("server"), server, "wss", "ws")?;
    }
    check_stream(&at, profile)?;
    if let Some(page) = &profile.sign_in.link_page {
        at.key("sign_in").key("link_page").must(
            !page.is_empty() && page.chars().all(|c| is_visible(c) && !"?#\\".contains(c)),
            "the path of a page has visible ASCII characters only, and no ? or #",
        )?;
    }
    if let Some(browser) = &profile.sign_in.browser {
        let at = at.key("sign_in").key("browser");
        at.key("client_id").must(
            !browser.client_id.is_empty() && browser.client_id.chars().all(is_visible),
            "a client id has visible ASCII characters only",
        )?;
        for (index, scope) in browser.scopes.iter().enumerate() {
            at.key("scopes").key(&index.to_string()).must(
                !scope.is_empty() && scope.chars().all(|c| is_visible(c) && !"\"\\".contains(c)),
                "that cannot be a scope (RFC 6749, section 3.3)",
            )?;
        }
        if let Some(issuer) = &browser.issuer {
            address(&at.key("issuer"), issuer, "https", "http")?;
        }
    }
    match (&profile.rest, &profile.convex) {
        (Some(rest), None) => check_rest(&at.key("rest"), rest),
        (None, Some(convex)) => check_convex(&at.key("convex"), convex),
        (None, None) => Err(at.wrong("either [rest] or [convex] has to be there")),
        (Some(_), Some(_)) => Err(at
            .key("convex")
            .wrong("there is [rest], too; it has to be one of them")),
    }
}

fn check_stream(at: &At, profile: &Profile) -> Checked {
    let call = profile.rest.as_ref().and_then(|rest| rest.call.as_ref());
    let of_stream = profile.provider == Provider::Stream;
    let why = "that is for the provider \"stream\"";
    at.key("rest")
        .key("call")
        .must(of_stream || call.is_none(), why)?;
    let at = at.key("stream");
    let Some(app) = &profile.stream else {
        return Ok(());
    };
    at.must(of_stream, why)?;
    for (key, name) in [("api_key", &app.api_key), ("call_type", &app.call_type)] {
        at.key(key).must(
            name.as_deref().is_none_or(is_stream_name),
            "it has 1 to 64 of the characters a-z, A-Z, 0-9, \"-\" and \"_\"",
        )?;
    }
    match &app.url {
        Some(url) => address(&at.key("url"), url, "https", "http"),
        None => Ok(()),
    }
}

pub(super) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

fn is_visible(c: char) -> bool {
    c.is_ascii_graphic()
}

fn address(at: &At, url: &Url, secure: &str, on_loopback: &str) -> Checked {
    let allowed = url.scheme() == secure || (url.scheme() == on_loopback && is_loopback(url));
    at.must(
        allowed && url.has_host(),
        &format!("an address begins with {secure}:// (or {on_loopback}:// on this computer)"),
    )?;
    at.must(
        url.username().is_empty() && url.password().is_none(),
        "an address has no user name and no password",
    )?;
    at.must(
        url.query().is_none() && url.fragment().is_none(),
        "an address has no \"?\" and no \"#\"",
    )
}

fn check_rest(at: &At, rest: &Rest) -> Checked {
    if let Auth::Cookie(name) = &rest.auth {
        // RFC 6265, section 4.1.1, and RFC 9110, section 5.6.2.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        at.key("auth").key("cookie").must(
            !name.is_empty() && name.chars().all(allowed),
            "that cannot be the name of a cookie",
        )?;
    }
    endpoint(&at.key("token"), &rest.token)?;
    if let Some(call) = &rest.call {
        let at = at.key("call");
        path(&at.key("path"), &call.path, &[])?;
        let at = at.key("answer");
        for (key, text) in [
            ("api_key", &call.answer.api_key),
            ("call_type", &call.answer.call_type),
            ("call_id", &call.answer.call_id),
        ] {
            if let Some(text) = text {
                pointer(&at.key(key), text)?;
            }
        }
    }
    let Some(sessions) = &rest.sessions else {
        return Ok(());
    };
    let at = at.key("sessions");
    path(&at.key("list"), &sessions.list, &ABOUT_A_MEETING)?;
    pointer(&at.key("at"), &sessions.at)?;
    if let Some(events) = &sessions.events {
        let at = at.key("events");
        path(&at.key("path"), &events.path, &ABOUT_A_MEETING)?;
        at.key("event").must(
            !events.event.is_empty() && !events.event.contains(char::is_control),
            "an event has a name",
        )?;
        pointer(&at.key("ended"), &events.ended)?;
    }
    if let Some(seconds) = sessions.poll_seconds {
        at.key("poll_seconds").must(
            POLL_SECONDS.contains(&seconds),
            "seconds between 2 and 3600",
        )?;
    }
    let one = sessions.one.as_ref();
    if let Some(one) = one {
        pointer(&at.key("one").key("at"), &one.at)?;
    }
    for (at, text) in [
        (at.key("one").key("path"), one.map(|one| &one.path)),
        (at.key("end"), sessions.end.as_ref()),
        (at.key("cancel"), sessions.cancel.as_ref()),
    ] {
        if let Some(text) = text {
            let template = path(&at, text, &[Name::Room, Name::Name])?;
            at.must(
                template.has(Name::Session),
                "the path has to say which one, with {session}",
            )?;
        }
    }
    if let Some(token) = &sessions.token {
        endpoint(&at.key("token"), token)?;
    }
    fields(&at.key("fields"), &sessions.fields)
}

fn endpoint(at: &At, endpoint: &TokenEndpoint) -> Checked {
    path(&at.key("path"), &endpoint.path, &[])?;
    if let Some(value) = &endpoint.body {
        let at = at.key("body");
        at.must(endpoint.method != Method::Get, "a GET has no body")?;
        body(&at, value)?;
    }
    answer(&at.key("answer"), &endpoint.answer)
}

fn answer(at: &At, answer: &TokenAnswer) -> Checked {
    pointer(&at.key("token"), &answer.token)?;
    for (key, text) in [
        ("success", &answer.success),
        ("identity", &answer.identity),
        ("room", &answer.room),
        ("url", &answer.url),
        ("expires", &answer.expires),
    ] {
        if let Some(text) = text {
            pointer(&at.key(key), text)?;
        }
    }
    for (index, text) in answer.message.iter().enumerate() {
        pointer(&at.key("message").key(&index.to_string()), text)?;
    }
    Ok(())
}

fn fields(at: &At, fields: &SessionFields) -> Checked {
    for (key, text) in [
        ("id", &fields.id),
        ("offer_id", &fields.offer_id),
        ("request_id", &fields.request_id),
        ("requester_id", &fields.requester_id),
        ("offerer_id", &fields.offerer_id),
        ("call_id", &fields.call_id),
        ("status", &fields.status),
        ("created_at", &fields.created_at),
        ("ended_at", &fields.ended_at),
        ("title", &fields.title),
        ("other_party", &fields.other_party),
        ("role", &fields.role),
        ("answered", &fields.answered),
    ] {
        pointer(&at.key(key), text)?;
    }
    Ok(())
}

/// RFC 6901, section 3.
fn pointer(at: &At, text: &str) -> Checked {
    let starts = text.is_empty() || text.starts_with('/');
    let escapes = text.split('~').skip(1);
    let escaped = escapes
        .into_iter()
        .all(|after| after.starts_with(['0', '1']));
    at.must(
        starts && escaped,
        "a JSON Pointer is empty or begins with \"/\", and \"~\" is written \"~0\" (RFC 6901)",
    )
}

/// A path below the backend's address, from which nothing leads away from it.
fn path(at: &At, text: &str, without: &[Name]) -> Result<Template, Wrong> {
    let template = Template::parse(text).map_err(|why| at.wrong(why))?;
    if let Some(name) = without.iter().find(|name| template.has(**name)) {
        let name = format!("{name:?}").to_lowercase();
        return Err(at.wrong(format!("{{{name}}} means nothing here")));
    }
    if template.placeholders().any(|has| has.is_number()) {
        return Err(at.wrong("\":number\" is for bodies"));
    }
    let plain = template.with_stand_in("x");
    let (steps, query) = plain.split_once('?').unwrap_or((&plain, ""));
    let visible = |c: char| c.is_ascii_graphic() && !"\\#".contains(c);
    at.must(
        plain.chars().all(visible),
        "a path has no blanks, no \"\\\", no \"#\" and only ASCII characters",
    )?;
    at.must(
        !query.contains('?') && !steps.is_empty() && !steps.starts_with('/'),
        "a path is relative to the backend's address: it does not begin with \"/\"",
    )?;
    let mut segments = steps.split('/');
    at.must(
        !segments.next().is_some_and(|first| first.contains(':')),
        "a path has no scheme and no host: it stays at the backend's address",
    )?;
    at.must(
        steps.split('/').all(|segment| !is_dots(segment)),
        "a path has no \".\" and no \"..\"",
    )?;
    Ok(template)
}

/// Whether a segment of a path leads elsewhere (also `%2e%2e`, as URLs are read today).
pub fn is_dots(segment: &str) -> bool {
    let decoded = percent_decode_str(segment).collect::<Vec<u8>>();
    matches!(&decoded[..], b"." | b"..")
}

fn body(at: &At, value: &Value) -> Checked {
    match value {
        Value::String(text) => {
            let template = Template::parse(text).map_err(|why| at.wrong(why))?;
            let numbers = template.placeholders().any(|has| has.is_number());
            let alone =
                template.with_stand_in("").is_empty() && template.placeholders().count() == 1;
            at.must(
                !numbers || alone,
                "a number cannot be a part of a text: \":number\" stands alone",
            )
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| body(&at.key(&index.to_string()), value)),
        Value::Object(map) => map
            .iter()
            .try_for_each(|(key, value)| body(&at.key(key), value)),
        _ => Ok(()),
    }
}

fn check_convex(at: &At, convex: &Convex) -> Checked {
    let token = at.key("token");
    function_name(&token.key("function"), &convex.token.function)?;
    arguments(&token, &convex.token.args)?;
    answer(&token.key("answer"), &convex.token.answer)?;
    let function = |key: &str, function: &ConvexFunction| {
        let at = at.key(key);
        function_name(&at.key("function"), &function.function)?;
        arguments(&at, &function.args)
    };
    function("active", &convex.active)?;
    function("end", &convex.end)?;
    for (key, optional) in [("one", &convex.one), ("cancel", &convex.cancel)] {
        if let Some(optional) = optional {
            function(key, optional)?;
        }
    }
    fields(&at.key("fields"), &convex.fields)
}

fn arguments(at: &At, args: &serde_json::Map<String, Value>) -> Checked {
    let at = at.key("args");
    args.iter()
        .try_for_each(|(key, value)| body(&at.key(key), value))
}

fn function_name(at: &At, name: &str) -> Checked {
    let allowed = |part: &str, more: &str| {
        let sign = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        !part.is_empty() && part.chars().all(sign)
    };
    let good = name
        .split_once(':')
        .is_some_and(|(module, function)| allowed(module, "_/") && allowed(function, "_"));
    at.must(good, "a function is named \"module:function\"")
}
