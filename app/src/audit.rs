//! The audit log.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::audit_log::{AuditChoices, AuditPage, AuditRequest, Verification};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// A page of what is looked for, newest first.
#[server(endpoint = "audit/log", input = Json, output = Json)]
pub async fn audit_log(request: AuditRequest) -> Result<AuditPage> {
    let (by, backend) = crate::context::granted::<domain::permission::ReadAudit>()?;
    Ok(backend.audit_log(by, request).await?)
}

/// What the search's lists offer.
#[server(name = AuditChoicesCall, endpoint = "audit/choices", input = Json, output = Json)]
pub async fn audit_choices() -> Result<AuditChoices> {
    let (by, backend) = crate::context::granted::<domain::permission::ReadAudit>()?;
    Ok(backend.audit_choices(by).await?)
}

/// How the verification stands, or how the last one ended.
#[server(name = VerificationCall, endpoint = "audit/verification", input = Json, output = Json)]
pub async fn verification() -> Result<Verification> {
    let (by, backend) = crate::context::granted::<domain::permission::ReadAudit>()?;
    Ok(backend.verification(by).await?)
}

/// Starts to verify the whole log, in the background.
#[server(endpoint = "audit/verify", input = Json, output = Json)]
pub async fn verify() -> Result<Verification> {
    let (by, backend) = crate::context::granted::<domain::permission::ReadAudit>()?;
    Ok(backend.verify(by).await?)
}
