//! A lead.

use domain::lead::{LeadId, LeadPage};
use domain::permission::SeeLeads;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::context::{actor, backend};
use crate::error::Result;

/// The panel beside the grid.
#[server(endpoint = "leads/lead", input = Json, output = Json)]
pub async fn lead(lead: LeadId) -> Result<LeadPage> {
    let by = actor()?.granted::<SeeLeads>()?;
    Ok(backend()?.lead(by, lead).await?)
}
