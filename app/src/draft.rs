//! Drafts: the leads of a deletion, frozen when the dialog opens, and their confirmation.

use domain::draft::{Confirmation, Confirmed, Draft};
use domain::permission::{DeleteAll, DeleteLeads};
use domain::selection::Selection;
use domain::work_stack::WorkStackId;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::context::{actor, backend};
use crate::error::Result;

/// Freezes ticked leads.
#[server(endpoint = "drafts/leads", input = Json, output = Json)]
pub async fn draft_leads(stack: WorkStackId, selection: Selection) -> Result<Draft> {
    let by = actor()?.granted::<DeleteLeads>()?;
    Ok(backend()?.draft_leads(by, stack, selection).await?)
}

/// Freezes a whole view, less its exceptions.
#[server(endpoint = "drafts/matching", input = Json, output = Json)]
pub async fn draft_matching(selection: Selection) -> Result<Draft> {
    let by = actor()?.granted::<DeleteAll>()?;
    Ok(backend()?.draft_matching(by, selection).await?)
}

/// Confirms a draft: one order, once, however often it is sent.
#[server(endpoint = "drafts/confirm", input = Json, output = Json)]
pub async fn confirm(confirmation: Confirmation) -> Result<Confirmed> {
    let by = actor()?.granted::<DeleteLeads>()?;
    Ok(backend()?.confirm(by, confirmation).await?)
}
