//! Being signed in. Signing in and out are plain forms that the server answers itself.

use domain::session;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The frame around every page.
#[server(endpoint = "session/shell", input = Json, output = Json)]
pub async fn shell() -> Result<session::Shell> {
    let by = crate::context::actor()?;
    Ok(crate::context::backend()?.shell(&by).await?)
}

/// What the sign-in page shows to anybody.
#[server(endpoint = "session/sign-in-options", input = Json, output = Json)]
pub async fn sign_in_options() -> Result<session::SignInOptions> {
    Ok(crate::context::backend()?.sign_in_options().await?)
}
