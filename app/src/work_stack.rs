//! Work stacks and their Grid View.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::lead::LeadId;
use domain::work_stack::{
    Changes, ErasedRow, GridPage, GridRows, GridView, RangeRequest, RereadRequest, RowsRequest,
    WorkStackId,
};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The Grid View, refreshed, with its first rows.
#[server(endpoint = "work-stacks/grid", input = Json, output = Json)]
pub async fn grid(view: GridView) -> Result<GridPage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.grid(by, view).await?)
}

/// Further rows of a view that stands.
#[server(endpoint = "work-stacks/rows", input = Json, output = Json)]
pub async fn rows(request: RowsRequest) -> Result<GridRows> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.rows(by, request).await?)
}

/// What has changed in a view that stands.
#[server(endpoint = "work-stacks/reread", input = Json, output = Json)]
pub async fn reread(request: RereadRequest) -> Result<Changes> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.reread(by, request).await?)
}

/// The leads between two rows, for a range whose rows aren't all loaded.
#[server(endpoint = "work-stacks/between", input = Json, output = Json)]
pub async fn between(request: RangeRequest) -> Result<Vec<LeadId>> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.between(by, request).await?)
}

/// "Deleted from this stack", with numbers below `before`.
#[server(endpoint = "work-stacks/erased-from", input = Json, output = Json)]
pub async fn erased_from(stack: WorkStackId, before: Option<i64>) -> Result<Vec<ErasedRow>> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.erased_from(by, stack, before).await?)
}
