//! Which meeting a user's input means.

use salon_base::address::{address, is_loopback_host};
use salon_base::{Code, Fault, Provider};
use salon_profile::Profile;
use salon_settings::Settings;
use salon_settings::link::{Link, linked, not_allowed};
use url::{Host, Url};

use crate::meeting::{Meeting, Source};
use crate::server;

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
    let link = Link::read(input)?;
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
        (Provider::Livekit, wanted) => linked(wanted, known, settings.lets_links_choose())?,
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

#[cfg(test)]
mod tests;
