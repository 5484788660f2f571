//! Drafts: the leads of a deletion, frozen when the dialog opens, and their confirmation.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::draft::{Confirmation, Confirmed, Draft};
use domain::selection::Selection;
use domain::work_stack::WorkStackId;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Freezes ticked leads.
#[server(endpoint = "drafts/leads", input = Json, output = Json)]
pub async fn draft_leads(stack: WorkStackId, selection: Selection) -> Result<Draft> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.draft_leads(by, stack, selection).await?)
}

/// Freezes a whole view, less its exceptions.
#[server(endpoint = "drafts/matching", input = Json, output = Json)]
pub async fn draft_matching(selection: Selection) -> Result<Draft> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteAll>()?;
    Ok(backend.draft_matching(by, selection).await?)
}

/// Confirms a draft: one order, once, however often it is sent.
#[server(endpoint = "drafts/confirm", input = Json, output = Json)]
pub async fn confirm(confirmation: Confirmation) -> Result<Confirmed> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.confirm(by, confirmation).await?)
}
