//! A lead.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::lead::{LeadPage, LeadRequest};
use domain::lead_edit::LeadEdit;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The panel beside the grid.
#[server(endpoint = "leads/lead", input = Json, output = Json)]
pub async fn lead(request: LeadRequest) -> Result<LeadPage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.lead(by, request).await?)
}

/// Changes a lead; what to say then.
#[server(name = EditLeadCall, endpoint = "leads/edit", input = Json, output = Json)]
pub async fn edit_lead(edit: LeadEdit) -> Result<String> {
    let (by, backend) = crate::context::granted::<domain::permission::EditLeads>()?;
    Ok(backend.edit_lead(by, edit).await?)
}
