//! Remove Deletions.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::deletion_order::OrderId;
use domain::draft::Confirmed;
use domain::removal::{Removal, RemovalId, RemovalPreview, Removed};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// What it would take off: all, or what the search shows.
#[server(name = RemovalPreviewCall, endpoint = "removals/preview", input = Json, output = Json)]
pub async fn removal_preview(search: String) -> Result<RemovalPreview> {
    let (by, backend) = crate::context::granted::<domain::permission::RemoveDeletions>()?;
    Ok(backend.removal_preview(by, search).await?)
}

/// Takes open deletions off the queue.
#[server(endpoint = "removals/remove", input = Json, output = Json)]
pub async fn remove(removal: Removal) -> Result<Removed> {
    let (by, backend) = crate::context::granted::<domain::permission::RemoveDeletions>()?;
    Ok(backend.remove(by, removal).await?)
}

/// Undoes a removal by new orders.
#[server(endpoint = "removals/undo", input = Json, output = Json)]
pub async fn undo_removal(removal: RemovalId) -> Result<Confirmed> {
    let (by, backend) = crate::context::granted::<domain::permission::RemoveDeletions>()?;
    Ok(backend.undo_removal(by, removal).await?)
}

/// Blacks out what was typed for a removal.
#[server(endpoint = "removals/redact", input = Json, output = Json)]
pub async fn redact_removal(order: OrderId, removal: RemovalId) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RedactDetails>()?;
    Ok(backend.redact_removal(by, order, removal).await?)
}
