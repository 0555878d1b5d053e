//! What a meeting's link says: `salon://join?room=ROOM[&server=WSS-URL][&title=TEXT][&call_type=TYPE]` or,
//! pasted from a browser, `https://HOST/join/ROOM`. It is the last layer of the settings, and may choose very little.

use salon_base::address::is_loopback;
use salon_base::plain::line;
use salon_base::{Code, Fault, is_stream_name};
use salon_product::SCHEME;
use url::{Host, Url};

/// Characters of a room's name.
const LONGEST_ROOM: usize = 64;
/// Characters of a title.
const LONGEST_TITLE: usize = 120;
/// Characters of a link.
const LONGEST_LINK: usize = 2048;

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The room's name.
    pub room: String,
    /// What to call the meeting.
    pub title: Option<String>,
    /// The media server that it asks for.
    pub server: Option<Url>,
    /// Type of a call of Stream's.
    pub call_type: Option<String>,
    /// Host of the web site that it is of, if it is of one.
    pub site: Option<Host>,
}

/// The server that a link chooses, if it chooses one and may.
///
/// # Errors
/// [`Code::LinkInvalid`], [`Code::RoomNameInvalid`], [`Code::LinkServerNotAllowed`].
pub(crate) fn server_of_link(
    input: &str,
    known: Option<&Url>,
    may_choose: bool,
) -> Result<Option<Url>, Fault> {
    match Link::read(input)?.server {
        Some(wanted) => linked(Some(wanted), known, may_choose),
        None => Ok(None),
    }
}

/// The server that a link names, if it may, or the one that is known. `may_choose`: it may name one on
/// this computer.
///
/// # Errors
/// [`Code::LinkServerNotAllowed`].
pub fn linked(
    wanted: Option<Url>,
    known: Option<&Url>,
    may_choose: bool,
) -> Result<Option<Url>, Fault> {
    let server = match (wanted, known) {
        (Some(wanted), Some(known)) if wanted.origin() == known.origin() => known.clone(),
        (Some(wanted), _) if may_choose && is_loopback(&wanted) => wanted,
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

/// What is said of a server that a link may not choose.
pub fn not_allowed(server: &Url) -> Fault {
    Fault::new(
        Code::LinkServerNotAllowed,
        server.host_str().unwrap_or_default(),
    )
}

impl Link {
    /// Reads a link, or the name of a room.
    ///
    /// # Errors
    /// [`Code::LinkInvalid`], [`Code::RoomNameInvalid`].
    pub fn read(input: &str) -> Result<Self, Fault> {
        parse(input.trim())
    }
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
        SCHEME if url.host_str() == Some("join") => parameters(&url),
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
            "call_type" if is_stream_name(&value) => link.call_type = Some(value.into_owned()),
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
