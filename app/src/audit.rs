//! The audit log.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::audit::{AuditPage, AuditRequest};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// A page of it, newest first.
#[server(endpoint = "audit/log", input = Json, output = Json)]
pub async fn audit_log(request: AuditRequest) -> Result<AuditPage> {
    let (by, backend) = crate::context::granted::<domain::permission::ReadAudit>()?;
    Ok(backend.audit_log(by, request).await?)
}
