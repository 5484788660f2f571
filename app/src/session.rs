//! Being signed in. Signing in and out are plain forms that the server answers itself.

use domain::session::{Shell, SignInOptions};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::context::{actor, backend};
use crate::error::Result;

/// The frame around every page.
#[server(endpoint = "session/shell", input = Json, output = Json)]
pub async fn shell() -> Result<Shell> {
    let by = actor()?;
    Ok(backend()?.shell(&by).await?)
}

/// What the sign-in page shows to anybody.
#[server(endpoint = "session/sign-in-options", input = Json, output = Json)]
pub async fn sign_in_options() -> Result<SignInOptions> {
    Ok(backend()?.sign_in_options().await?)
}
