//! AuditLog: to come.

use async_trait::async_trait;
use domain::Error;
use domain::audit::{AuditPage, AuditRequest};
use domain::error::Result;
use domain::permission::{Granted, ReadAudit};
use domain::ports::AuditLog;

use super::Store;

#[async_trait]
impl AuditLog for Store {
    async fn audit_log(
        &self,
        _by: Granted<ReadAudit>,
        _request: AuditRequest,
    ) -> Result<AuditPage> {
        Err(Error::Internal("to come".into()))
    }
}
