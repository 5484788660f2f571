//! One's own account.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::account::{AccountPage, PasswordChange};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The page.
#[server(endpoint = "account/account", input = Json, output = Json)]
pub async fn account() -> Result<AccountPage> {
    let by = crate::context::actor()?;
    Ok(crate::context::backend()?.account(&by).await?)
}

/// Changes one's own password.
#[server(endpoint = "account/change-password", input = Json, output = Json)]
pub async fn change_password(change: PasswordChange) -> Result<()> {
    let by = crate::context::actor()?;
    let backend = crate::context::backend()?;
    Ok(backend.change_password(&by, change).await?)
}

/// Ends all one's sessions.
#[server(endpoint = "account/sign-out-everywhere", input = Json, output = Json)]
pub async fn sign_out_everywhere() -> Result<()> {
    let by = crate::context::actor()?;
    Ok(crate::context::backend()?.sign_out_everywhere(&by).await?)
}
