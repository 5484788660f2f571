//! The Deletion Queue.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::deletion_queue::{LeadManagement, QueuePage, QueueRequest};
use domain::lead::LeadId;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Lead Management, less its rows.
#[server(name = LeadManagementCall, endpoint = "queue/lead-management", input = Json, output = Json)]
pub async fn lead_management() -> Result<LeadManagement> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeQueue>()?;
    Ok(backend.lead_management(by).await?)
}

/// A page of the queue.
#[server(endpoint = "queue/rows", input = Json, output = Json)]
pub async fn queue(request: QueueRequest) -> Result<QueuePage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeQueue>()?;
    Ok(backend.queue(by, request).await?)
}

/// Starts a run now; with `also_younger` also of what is younger than the undo time.
#[server(endpoint = "queue/run-now", input = Json, output = Json)]
pub async fn run_now(also_younger: bool) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.run_now(by, also_younger).await?)
}

/// Pauses the queue.
#[server(endpoint = "queue/pause", input = Json, output = Json)]
pub async fn pause() -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.pause(by).await?)
}

/// Resumes the queue.
#[server(endpoint = "queue/resume", input = Json, output = Json)]
pub async fn resume() -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.resume(by).await?)
}

/// A failed deletion waits again.
#[server(endpoint = "queue/retry", input = Json, output = Json)]
pub async fn retry(lead: LeadId) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.retry(by, lead).await?)
}

/// A held deletion waits again, on this person's word.
#[server(endpoint = "queue/confirm-held", input = Json, output = Json)]
pub async fn confirm_held(lead: LeadId) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.confirm_held(by, lead).await?)
}
