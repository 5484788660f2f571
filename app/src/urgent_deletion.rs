//! The X: this lead is deleted now.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::reason::Reason;
use domain::urgent_deletion::{UrgentDeletion, UrgentlyDeleted};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// OK was pressed.
#[server(name = DeleteNowCall, endpoint = "urgent-deletions/delete-now", input = Json, output = Json)]
pub async fn delete_now(urgent: UrgentDeletion) -> Result<UrgentlyDeleted> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteNow>()?;
    Ok(backend.delete_now(by, urgent).await?)
}

/// The reasons to choose from for a lead that isn't queued.
#[server(endpoint = "urgent-deletions/reasons", input = Json, output = Json)]
pub async fn urgent_reasons() -> Result<Vec<Reason>> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteNow>()?;
    Ok(backend.urgent_reasons(by).await?)
}
