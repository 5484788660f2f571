//! Drafts: to come.

use async_trait::async_trait;
use domain::Error;
use domain::draft::{Confirmation, Confirmed, Draft};
use domain::error::Result;
use domain::permission::{DeleteAll, DeleteLeads, Granted};
use domain::ports::Drafts;
use domain::selection::Selection;
use domain::work_stack::WorkStackId;

use super::Store;

#[async_trait]
impl Drafts for Store {
    async fn draft_leads(
        &self,
        _by: Granted<DeleteLeads>,
        _stack: WorkStackId,
        _selection: Selection,
    ) -> Result<Draft> {
        Err(Error::Internal("to come".into()))
    }
    async fn draft_matching(
        &self,
        _by: Granted<DeleteAll>,
        _selection: Selection,
    ) -> Result<Draft> {
        Err(Error::Internal("to come".into()))
    }
    async fn confirm(
        &self,
        _by: Granted<DeleteLeads>,
        _confirmation: Confirmation,
    ) -> Result<Confirmed> {
        Err(Error::Internal("to come".into()))
    }
}
