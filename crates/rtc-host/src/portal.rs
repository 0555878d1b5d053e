//! Screens that the desktop itself shares: its portal (`org.freedesktop.portal.ScreenCast`) asks the user
//! and gives a PipeWire stream of what they chose. On Wayland there is no other way.

use std::time::Duration;

use ashpd::desktop::Session;
use ashpd::desktop::screencast::{
    CursorMode as PortalCursor, Screencast, SelectSourcesOptions, SourceType,
};
use ashpd::desktop::{PersistMode, ResponseError};
use futures_util::StreamExt as _;
use rtc_media::{CursorMode, DisplaySurface, MediaError, PipeWireScreen, Screen, ScreenOptions};
use tokio::sync::oneshot;

/// A portal that does not say what it can in this time is none: some desktops have one that never answers
/// (docs/decisions/start-without-the-portal.md).
const LIMIT: Duration = Duration::from_secs(3);

/// Why nothing came of asking the portal.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The user chose nothing.
    #[error("nothing was chosen")]
    Cancelled,
    /// Something has to be installed first.
    #[error("{0}")]
    Missing(String),
    /// The portal or the stream failed.
    #[error("the desktop's portal failed: {0}")]
    Failed(String),
    /// The stream cannot be shown as asked for.
    #[error(transparent)]
    Media(#[from] MediaError),
}

impl From<ashpd::Error> for PortalError {
    fn from(error: ashpd::Error) -> Self {
        match error {
            ashpd::Error::Response(ResponseError::Cancelled) => Self::Cancelled,
            other => Self::Failed(other.to_string()),
        }
    }
}

/// Whether windows cannot be captured without the portal.
pub fn is_needed() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
}

/// A portal that shares screens.
#[derive(Debug)]
pub struct Portal(Screencast);

impl Portal {
    /// The one of this session's bus, if it shares screens.
    pub async fn find() -> Option<Self> {
        let asking = async {
            // A connection of its own: what it leaves open ends with it.
            let connection = zbus::Connection::session().await.ok()?;
            Self::on(connection).await
        };
        tokio::time::timeout(LIMIT, asking).await.ok().flatten()
    }

    async fn on(bus: zbus::Connection) -> Option<Self> {
        let portal = Screencast::with_connection(bus).await.ok()?;
        let sources = portal.available_source_types().await.ok()?;
        (!sources.is_empty()).then_some(Self(portal))
    }

    /// Has the user asked; what they chose.
    ///
    /// # Errors
    /// If they chose nothing, or nothing comes of it.
    pub async fn choose(self, options: ScreenOptions) -> Result<Screen, PortalError> {
        // Before the user is asked in vain.
        PipeWireScreen::prepare().map_err(PortalError::Missing)?;
        // A portal that breaks its protocol makes the binding panic, which ends this task alone.
        let asked = tokio::spawn(choose(self.0, options)).await;
        asked.map_err(|error| PortalError::Failed(error.to_string()))?
    }
}

async fn choose(portal: Screencast, options: ScreenOptions) -> Result<Screen, PortalError> {
    let session = portal.create_session(Default::default()).await?;
    let outcome = open(&portal, &session, options).await;
    let (screen, dropped) = match outcome {
        Ok(opened) => opened,
        Err(error) => {
            close(&session).await;
            return Err(error);
        }
    };
    let gone = screen.ending();
    tokio::spawn(async move {
        let closed = async {
            match session.receive_closed().await {
                Ok(mut closed) => drop(closed.next().await),
                Err(error) => tracing::debug!(%error, "the portal does not say when it ends"),
            }
        };
        tokio::select! {
            () = closed => gone.end(),
            // The sender is dropped with the screen, and never used.
            _ = dropped => close(&session).await,
        }
    });
    Ok(screen)
}

async fn open(
    portal: &Screencast,
    session: &Session<Screencast>,
    options: ScreenOptions,
) -> Result<(Screen, oneshot::Receiver<()>), PortalError> {
    let cursor = match options.cursor {
        CursorMode::Always => PortalCursor::Embedded,
        CursorMode::Never => PortalCursor::Hidden,
    };
    let wanted = SelectSourcesOptions::default()
        .set_cursor_mode(cursor)
        .set_sources(SourceType::Monitor | SourceType::Window)
        .set_multiple(false)
        .set_persist_mode(PersistMode::DoNot);
    portal.select_sources(session, wanted).await?.response()?;
    let started = portal.start(session, None, Default::default()).await?;
    let streams = started.response()?;
    let stream = streams.streams().first().ok_or(PortalError::Cancelled)?;
    let surface = match stream.source_type() {
        Some(SourceType::Window) => DisplaySurface::Window,
        _ => DisplaySurface::Monitor,
    };
    let remote = portal
        .open_pipe_wire_remote(session, Default::default())
        .await?;
    let node = stream.pipe_wire_node_id();
    let (held, dropped) = oneshot::channel();
    let stream = PipeWireScreen {
        remote,
        node,
        surface,
        held: Box::new(held),
    };
    // It waits for the stream.
    let opened = tokio::task::spawn_blocking(move || stream.open(&options)).await;
    let screen = opened.map_err(|error| PortalError::Failed(error.to_string()))??;
    Ok((screen, dropped))
}

async fn close(session: &Session<Screencast>) {
    if let Err(error) = session.close().await {
        tracing::debug!(%error, "the portal had closed already");
    }
}

#[cfg(test)]
mod tests;
