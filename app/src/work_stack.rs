//! Work stacks and their Grid View.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::work_stack::{ErasedRow, GridPage, GridRequest, WorkStackId};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// A page of the Grid View.
#[server(endpoint = "work-stacks/grid", input = Json, output = Json)]
pub async fn grid(request: GridRequest) -> Result<GridPage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.grid(by, request).await?)
}

/// "Deleted from this stack".
#[server(endpoint = "work-stacks/erased-from", input = Json, output = Json)]
pub async fn erased_from(stack: WorkStackId) -> Result<Vec<ErasedRow>> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.erased_from(by, stack).await?)
}
