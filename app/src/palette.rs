//! The command palette's search among the leads.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::palette::FoundLead;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Leads by name, reference, number or e-mail.
#[server(endpoint = "palette/find", input = Json, output = Json)]
pub async fn find_leads(typed: String) -> Result<Vec<FoundLead>> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeLeads>()?;
    Ok(backend.find_leads(by, typed).await?)
}
