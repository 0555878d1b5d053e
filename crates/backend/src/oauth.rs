//! OAuth 2 for native apps: the authorisation code flow with PKCE (RFC 6749, 7636, 8252, 8414).

mod authorise;
mod client;
mod metadata;
mod revoke;
mod token;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(authorise::routes())
        .merge(token::routes())
        .merge(revoke::routes())
        .merge(metadata::routes())
}
