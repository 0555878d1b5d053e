//! Which meeting: from a link or a room's name.
//!
//! Links are `salon://join?room=ROOM[&server=WSS-URL][&title=TEXT]` or, pasted from a browser,
//! `https://HOST/join/ROOM`, where the host is that of the backend or of the profile's web site. A
//! link names a room, and for Stream the type of its call (`&call_type=TYPE`); it cannot choose the
//! backend, nor Stream's app or coordinator, and a server only where the user has none set and dev mode
//! is on, on this very computer.

pub mod feed;
pub mod held;
pub mod live;
pub mod parse;
pub mod ring;
pub(crate) mod server;
pub mod session;
pub mod stream;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::plain::line;
use crate::profile::Profile;
use crate::settings::{Key, Settings};
use crate::{Code, Fault};

/// Characters of a room's name.
const LONGEST_ROOM: usize = 64;
/// Characters of a title.
const LONGEST_TITLE: usize = 120;
/// Characters of a link.
const LONGEST_LINK: usize = 2048;

/// A meeting that can be joined with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Meeting {
    /// Whose call it is.
    pub provider: Provider,
    /// The room's name.
    pub room: String,
    /// What to call it.
    pub title: String,
    /// The media server; empty: the backend names it with the token, or the SDK knows it.
    pub server_url: String,
    /// Where its token comes from.
    pub source: Source,
    /// The backend's meeting session, if it is one.
    pub session: Option<String>,
    /// The type of a call of Stream's that its link names. The page need not know.
    #[serde(skip)]
    pub call_type: Option<String>,
}

/// Provider of a call.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, ts_rs::TS,
)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// LiveKit.
    Livekit,
    /// Stream (getstream.io).
    Stream,
}

/// Where tokens come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Signed here (contract P5).
    Dev,
    /// From the backend, as its profile says.
    Backend,
}

/// What a link says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Link {
    room: String,
    title: Option<String>,
    server: Option<Url>,
    /// Type of a call of Stream's.
    call_type: Option<String>,
    /// Host of the web site that it is of, if it is of one.
    site: Option<Host>,
}

/// Finds the meeting that a user's input means. `profile` is the one that is chosen, if one is; without
/// a backend it says whose calls those of dev mode are.
///
/// # Errors
/// [`Code::LinkInvalid`], [`Code::RoomNameInvalid`], [`Code::LinkServerNotAllowed`],
/// [`Code::LinkOtherSite`], [`Code::DevModeOff`] if there is neither a backend nor dev mode.
pub fn resolve(
    input: &str,
    settings: &Settings,
    profile: Option<&Profile>,
) -> Result<Meeting, Fault> {
    let link = parse(input.trim())?;
    let provider = profile.map_or(Provider::Livekit, |profile| profile.provider);
    let profile = profile.filter(|profile| settings.backend.is_some() || profile.backend.is_some());
    let source = match (profile, settings.dev) {
        (Some(_), _) => Source::Backend,
        (None, true) => Source::Dev,
        (None, false) => {
            return Err(Fault::new(Code::DevModeOff, "no backend is set"));
        }
    };
    if let Some(site) = &link.site {
        of_this_product(site, settings, profile)?;
    }
    let of_profile = profile.and_then(|profile| profile.server.as_ref());
    let known = server::known(settings, provider, of_profile);
    let server = match (provider, link.server) {
        // Which of Stream's servers it is on, nobody chooses.
        (Provider::Stream, Some(wanted)) => return Err(not_allowed(&wanted)),
        (Provider::Stream, None) => None,
        (Provider::Livekit, wanted) => linked(wanted, known, settings)?,
    };
    let server = match server {
        Some(server) => address(&server),
        None if source == Source::Backend || provider == Provider::Stream => String::new(),
        None => return Err(Fault::new(Code::LinkInvalid, "no server is set")),
    };
    Ok(Meeting {
        provider,
        call_type: link.call_type.filter(|_| provider == Provider::Stream),
        title: link.title.unwrap_or_else(|| link.room.clone()),
        room: link.room,
        server_url: server,
        source,
        session: None,
    })
}

/// The server that a link chooses, if it chooses one and may.
///
/// # Errors
/// [`Code::LinkInvalid`], [`Code::RoomNameInvalid`], [`Code::LinkServerNotAllowed`].
pub fn server_of_link(input: &str, settings: &Settings) -> Result<Option<Url>, Fault> {
    match parse(input.trim())?.server {
        Some(wanted) => linked(Some(wanted), settings.server.as_ref(), settings),
        None => Ok(None),
    }
}

/// A room of the same name at another product is another room, so a web site's link counts only
/// where it is the backend's or the profile's. Without a backend, it can only be this computer's.
fn of_this_product(
    site: &Host,
    settings: &Settings,
    profile: Option<&Profile>,
) -> Result<(), Fault> {
    let backend = settings.backend.as_ref();
    let backend = profile.and_then(|profile| backend.or(profile.backend.as_ref()));
    let web = profile.and_then(|profile| profile.site.as_ref());
    let host = |url: &Url| url.host().map(|host| host.to_owned());
    let own: Vec<Host> = [backend, web]
        .into_iter()
        .flatten()
        .filter_map(host)
        .collect();
    let ours = if profile.is_some() {
        own.contains(site)
    } else {
        is_loopback_host(site)
    };
    if ours {
        return Ok(());
    }
    let own: Vec<_> = own.iter().map(Host::to_string).collect();
    let why = match own.as_slice() {
        [] => format!("it is of {site}, and no backend is set"),
        own => format!("it is of {site}; this app is set up for {}", own.join(", ")),
    };
    Err(Fault::new(Code::LinkOtherSite, why))
}

/// The meeting that a session is about.
fn meeting_of(
    session: &session::MeetingSession,
    backend: &dyn live::LiveBackend,
    settings: &Settings,
) -> Meeting {
    let server = server::known(settings, backend.provider(), backend.server());
    let title = [&session.title, &session.other_party, &session.call_id]
        .into_iter()
        .find(|text| !text.is_empty());
    Meeting {
        provider: backend.provider(),
        room: session.call_id.clone(),
        title: title.cloned().unwrap_or_default(),
        server_url: server.map(address).unwrap_or_default(),
        source: Source::Backend,
        session: Some(session.id.clone()),
        call_type: None,
    }
}

/// A media server's address as the SDKs take it.
pub(crate) fn address(server: &Url) -> String {
    server.as_str().trim_end_matches('/').to_owned()
}

/// Whether a server's address is on this computer.
pub fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host))
}

fn is_loopback_host<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.as_ref() == "localhost",
    }
}

/// The server that a link names, if it may, or the one that is known.
fn linked(
    wanted: Option<Url>,
    known: Option<&Url>,
    settings: &Settings,
) -> Result<Option<Url>, Fault> {
    let server = match (wanted, known) {
        (Some(wanted), Some(known)) if wanted.origin() == known.origin() => known.clone(),
        (Some(wanted), _)
            if settings.dev && is_loopback(&wanted) && !settings.is_locked(Key::Server) =>
        {
            wanted
        }
        (Some(wanted), _) => {
            return Err(not_allowed(&wanted));
        }
        (None, Some(known)) => known.clone(),
        (None, None) => return Ok(None),
    };
    match server.scheme() {
        "wss" => Ok(Some(server)),
        "ws" if is_loopback(&server) => Ok(Some(server)),
        _ => Err(Fault::new(
            Code::LinkServerNotAllowed,
            "the server must be a wss address",
        )),
    }
}

fn not_allowed(server: &Url) -> Fault {
    Fault::new(
        Code::LinkServerNotAllowed,
        server.host_str().unwrap_or_default(),
    )
}

fn parse(input: &str) -> Result<Link, Fault> {
    if input.len() > LONGEST_LINK {
        return Err(Fault::new(Code::LinkInvalid, "it is too long"));
    }
    if !input.contains("://") {
        return Ok(Link {
            room: room_name(input)?,
            ..Link::default()
        });
    }
    let url =
        Url::parse(input).map_err(|error| Fault::new(Code::LinkInvalid, error.to_string()))?;
    match url.scheme() {
        "salon" if url.host_str() == Some("join") => parameters(&url),
        "https" => web_link(&url),
        "http" if is_loopback(&url) => web_link(&url),
        scheme => Err(Fault::new(
            Code::LinkInvalid,
            format!("{scheme} links are not known"),
        )),
    }
}

fn parameters(url: &Url) -> Result<Link, Fault> {
    let mut link = Link::default();
    for (name, value) in url.query_pairs() {
        match &*name {
            "room" => link.room = room_name(&value)?,
            "title" => {
                let title = line(&value, LONGEST_TITLE);
                link.title = Some(title).filter(|title| !title.is_empty());
            }
            "server" => {
                let server = Url::parse(&value)
                    .map_err(|error| Fault::new(Code::LinkInvalid, error.to_string()))?;
                link.server = Some(server);
            }
            "call_type" if stream::is_name(&value) => link.call_type = Some(value.into_owned()),
            "call_type" => {
                let why = "Stream has no type of calls of that name";
                return Err(Fault::new(Code::LinkInvalid, why));
            }
            // Of a later version of the app, perhaps.
            _ => {}
        }
    }
    if link.room.is_empty() {
        return Err(Fault::new(Code::LinkInvalid, "it names no room"));
    }
    Ok(link)
}

fn web_link(url: &Url) -> Result<Link, Fault> {
    let mut segments = url.path_segments().into_iter().flatten();
    match (segments.next(), segments.next(), segments.next()) {
        (Some("join"), Some(room), None | Some("")) => {
            // Percent-encoding is the only encoding a path has; a query parser knows it.
            let decoded =
                url::form_urlencoded::parse(format!("r={}", room.replace('+', "%2B")).as_bytes())
                    .next()
                    .map(|(_, room)| room.into_owned());
            Ok(Link {
                room: room_name(&decoded.unwrap_or_default())?,
                site: url.host().map(|host| host.to_owned()),
                ..Link::default()
            })
        }
        _ => Err(Fault::new(Code::LinkInvalid, "it is no meeting link")),
    }
}

fn room_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
    if name.is_empty() || name.chars().count() > LONGEST_ROOM || !name.chars().all(allowed) {
        return Err(Code::RoomNameInvalid.into());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
pub(crate) mod test_backend;
#[cfg(test)]
mod tests;
