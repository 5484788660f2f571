//! The reasons.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::reason::{ReasonForm, ReasonSetting};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The list.
#[server(endpoint = "settings/reasons", input = Json, output = Json)]
pub async fn reasons() -> Result<Vec<ReasonSetting>> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.reasons(by).await?)
}

/// Adds or changes one.
#[server(endpoint = "settings/save-reason", input = Json, output = Json)]
pub async fn save_reason(form: ReasonForm) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.save_reason(by, form).await?)
}

/// Moves one by a place.
#[server(endpoint = "settings/move-reason", input = Json, output = Json)]
pub async fn move_reason(code: String, up: bool) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.move_reason(by, code, up).await?)
}

/// Deletes one that no order has.
#[server(endpoint = "settings/delete-reason", input = Json, output = Json)]
pub async fn delete_reason(code: String) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.delete_reason(by, code).await?)
}
