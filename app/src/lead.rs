//! A lead.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::lead::{LeadId, LeadPage};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The panel beside the grid.
#[server(endpoint = "leads/lead", input = Json, output = Json)]
pub async fn lead(lead: LeadId) -> Result<LeadPage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.lead(by, lead).await?)
}
