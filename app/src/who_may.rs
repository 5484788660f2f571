//! Whom to ask where one's own role may not.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::Permission;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Which roles may, and who the Layer Admins are.
#[server(endpoint = "who-may/permission", input = Json, output = Json)]
pub async fn who_may(permission: Permission) -> Result<String> {
    let by = crate::context::actor()?;
    Ok(crate::context::backend()?.who_may(&by, permission).await?)
}
