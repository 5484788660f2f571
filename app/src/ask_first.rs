//! Ask first: drafts handed to the Layer Admins, and their answers.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::ask_first::{AskedLeads, AskedPage, Asking, Dismissal};
use domain::draft::{Confirmation, Confirmed, Draft, DraftId};
use domain::lead::LeadId;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Hands one's draft to the Layer Admins; the message that says so.
#[server(endpoint = "ask-first/ask", input = Json, output = Json)]
pub async fn ask_first(asking: Asking) -> Result<String> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.ask_first(by, asking).await?)
}

/// One has looked at the answers.
#[server(endpoint = "ask-first/seen", input = Json, output = Json)]
pub async fn answers_seen() -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.answers_seen(by).await?)
}

/// The page of an asked draft.
#[server(endpoint = "ask-first/draft", input = Json, output = Json)]
pub async fn asked(draft: DraftId) -> Result<AskedPage> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.asked(by, draft).await?)
}

/// A further page of its leads.
#[server(name = AskedLeadsCall, endpoint = "ask-first/leads", input = Json, output = Json)]
pub async fn asked_leads(draft: DraftId, after: LeadId) -> Result<AskedLeads> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.asked_leads(by, draft, after).await?)
}

/// The dialog on an asked draft.
#[server(endpoint = "ask-first/open", input = Json, output = Json)]
pub async fn open_asked(draft: DraftId) -> Result<Draft> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.open_asked(by, draft).await?)
}

/// Deletes the leads of an asked draft.
#[server(endpoint = "ask-first/confirm", input = Json, output = Json)]
pub async fn confirm_asked(confirmation: Confirmation) -> Result<Confirmed> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.confirm_asked(by, confirmation).await?)
}

/// Sends an asked draft back.
#[server(endpoint = "ask-first/dismiss", input = Json, output = Json)]
pub async fn dismiss(dismissal: Dismissal) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RunQueue>()?;
    Ok(backend.dismiss(by, dismissal).await?)
}

/// Blacks out what was asked and answered.
#[server(endpoint = "ask-first/redact", input = Json, output = Json)]
pub async fn redact_asked(draft: DraftId) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RedactDetails>()?;
    Ok(backend.redact_asked(by, draft).await?)
}
