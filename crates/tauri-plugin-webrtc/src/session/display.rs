//! `getDisplayMedia` (W3C screen-capture, section 5.1).
//!
//! Where the desktop's portal shares screens, its own dialog asks the user. Elsewhere the page asks, out of
//! what is offered here: under ids that are random and count once, only while the user is there
//! ([`Gestures`](crate::Gestures)), and nothing else can be captured.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use parking_lot::Mutex;
use rtc_host::media::{CursorMode, DisplayOffer, ScreenOptions};
use rtc_host::portal::{Portal, PortalError};
use rtc_host::{LocalTrack, Source};

use super::Session;
use super::reply::value;
use super::tracks::{opened, surface, video_constraints};
use crate::random;
use crate::wire::{DisplayAnswer, DisplaySource, TrackConstraints, WireError};

/// What is offered to the page, if anything is.
#[derive(Default)]
pub(super) struct Display(Mutex<Option<Offered>>);

struct Offered {
    offer: DisplayOffer,
    options: ScreenOptions,
    /// In the order of the offer.
    ids: Vec<String>,
    since: Instant,
}

impl Display {
    pub(super) fn close(&self) {
        let offered = self.0.lock().take();
        drop(offered);
    }
}

fn not_allowed(why: &str) -> WireError {
    WireError::new("NotAllowedError", why)
}

fn options(wanted: &TrackConstraints) -> ScreenOptions {
    let never = |wanted: &crate::wire::StringConstraint| {
        let mut all = wanted.exact.iter().chain(&wanted.ideal);
        all.next().is_some_and(|cursor| cursor == "never")
    };
    ScreenOptions {
        constraints: video_constraints(wanted),
        cursor: match wanted.cursor.as_ref().is_some_and(never) {
            true => CursorMode::Never,
            false => CursorMode::Always,
        },
    }
}

impl Session {
    /// Has the user asked what to share, by the desktop or by the page, and replies.
    pub(super) fn get_display_media(self: &Arc<Self>, request: u32, wanted: TrackConstraints) {
        if !self.gestures.recent() {
            let refused = not_allowed("nobody has just asked for it");
            return self.outbox.reply(request, Err(refused));
        }
        let session = self.clone();
        let asking = async move {
            let outcome = session.ask(options(&wanted)).await;
            session.outbox.reply(request, outcome.and_then(value));
        };
        self.host.runtime().spawn(asking);
    }

    async fn ask(self: &Arc<Self>, options: ScreenOptions) -> Result<DisplayAnswer, WireError> {
        match Portal::find().await {
            Some(portal) => {
                let screen = portal.choose(options).await.map_err(refused)?;
                let tracks = self.hold(move || Ok(Source::Screen(screen))).await?;
                Ok(DisplayAnswer::Chosen { tracks })
            }
            None if rtc_host::portal::is_needed() => Err(WireError::new(
                "NotSupportedError",
                "the desktop shares screens through its portal only (xdg-desktop-portal), which does not answer",
            )),
            None => self.offer(options).await,
        }
    }

    async fn offer(self: &Arc<Self>, options: ScreenOptions) -> Result<DisplayAnswer, WireError> {
        // What was offered before is offered no more.
        self.display.close();
        let looked = tokio::task::spawn_blocking(DisplayOffer::look).await;
        let gone = |_| WireError::new("AbortError", "the host is gone");
        let offer = looked.map_err(gone)??;
        let none = |_| WireError::new("OperationError", "the system gives no random numbers");
        let mut ids = Vec::new();
        let mut sources = Vec::new();
        for source in offer.sources() {
            let id = random::hex::<16>().map_err(none)?;
            ids.push(id.clone());
            sources.push(DisplaySource {
                id,
                surface: surface(source.surface).into(),
                title: source.title.clone(),
                application: source.application.clone(),
                thumbnail: source.thumbnail.as_deref().map(data_url),
            });
        }
        *self.display.0.lock() = Some(Offered {
            offer,
            options,
            ids,
            since: Instant::now(),
        });
        Ok(DisplayAnswer::Choose { sources })
    }

    /// Opens what the user chose, and replies. Whatever comes of it, nothing is offered any more.
    pub(super) fn choose_display_source(self: &Arc<Self>, request: u32, source: Option<&str>) {
        let offered = self.display.0.lock().take();
        let chosen = chosen(offered, source, |since| self.gestures.after(since));
        let session = self.clone();
        tokio::spawn(async move {
            let outcome = match chosen {
                Ok((offered, index)) => {
                    let open = move || offered.offer.open(index, &offered.options);
                    session
                        .hold(move || open().map(Source::Screen).map_err(WireError::from))
                        .await
                }
                Err(refused) => Err(refused),
            };
            session.outbox.reply(request, outcome.and_then(value));
        });
    }

    /// A track of what is opened.
    async fn hold(
        self: &Arc<Self>,
        open: impl FnOnce() -> Result<Source, WireError> + Send + 'static,
    ) -> Result<Vec<crate::wire::LocalTrack>, WireError> {
        let opening = self.host.capture_screen(open);
        let track: Option<Arc<LocalTrack>> = opened(Some(opening)).await?;
        let named = track.into_iter();
        Ok(named
            .map(|track| self.add_track(self.numbers.next(), track))
            .collect())
    }
}

/// The place of what the user chose in what was offered.
fn chosen(
    offered: Option<Offered>,
    source: Option<&str>,
    user_was_there_since: impl FnOnce(Instant) -> bool,
) -> Result<(Offered, usize), WireError> {
    let source = source.ok_or_else(|| not_allowed("nothing was chosen"))?;
    let offered = offered.ok_or_else(|| not_allowed("nothing is offered"))?;
    let index = offered.ids.iter().position(|id| id == source);
    let index = index.ok_or_else(|| not_allowed("that is not offered"))?;
    if !user_was_there_since(offered.since) {
        return Err(not_allowed("the user chose nothing"));
    }
    Ok((offered, index))
}

fn refused(error: PortalError) -> WireError {
    match error {
        PortalError::Cancelled => not_allowed("nothing was chosen"),
        PortalError::Missing(what) => WireError::new("NotSupportedError", what),
        PortalError::Failed(why) => WireError::new("NotReadableError", why),
        PortalError::Media(error) => error.into(),
    }
}

fn data_url(jpeg: &[u8]) -> String {
    let data = base64::engine::general_purpose::STANDARD.encode(jpeg);
    format!("data:image/jpeg;base64,{data}")
}
