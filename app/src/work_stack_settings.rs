//! Settings > Work stacks.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::version::Version;
use domain::work_stack::{Filter, WorkStackId};
use domain::work_stack_settings::{WorkStackEditor, WorkStackForm, WorkStackSetting};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The stacks, in their order.
#[server(endpoint = "work-stacks/settings", input = Json, output = Json)]
pub async fn work_stack_settings() -> Result<Vec<WorkStackSetting>> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.work_stack_settings(by).await?)
}

/// The form of a stack, or of a new one.
#[server(endpoint = "work-stacks/editor", input = Json, output = Json)]
pub async fn edit_work_stack(stack: Option<WorkStackId>) -> Result<WorkStackEditor> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.work_stack_editor(by, stack).await?)
}

/// How many leads a filter takes that isn't saved.
#[server(endpoint = "work-stacks/count", input = Json, output = Json)]
pub async fn count_filter(filter: Filter) -> Result<u64> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.count_filter(by, filter).await?)
}

/// Saves a stack, or makes one.
#[server(endpoint = "work-stacks/save", input = Json, output = Json)]
pub async fn save_work_stack(form: WorkStackForm) -> Result<WorkStackId> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.save_work_stack(by, form).await?)
}

/// Where everybody starts on this stack.
#[server(endpoint = "work-stacks/set-hides-deletions", input = Json, output = Json)]
pub async fn set_hides_deletions(stack: WorkStackId, hides: bool) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.set_hides_deletions(by, stack, hides).await?)
}

/// Moves a stack one place up or down.
#[server(endpoint = "work-stacks/move", input = Json, output = Json)]
pub async fn move_work_stack(stack: WorkStackId, up: bool) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.move_work_stack(by, stack, up).await?)
}

/// Deletes a stack; no lead.
#[server(endpoint = "work-stacks/delete", input = Json, output = Json)]
pub async fn delete_work_stack(stack: WorkStackId, version: Version) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.delete_work_stack(by, stack, version).await?)
}
