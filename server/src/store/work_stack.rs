//! WorkStacks: to come.

use async_trait::async_trait;
use domain::Error;
use domain::error::Result;
use domain::permission::{Granted, SeeLeads};
use domain::ports::WorkStacks;
use domain::work_stack::{ErasedRow, GridPage, GridRequest, WorkStackId};

use super::Store;

#[async_trait]
impl WorkStacks for Store {
    async fn grid(&self, _by: Granted<SeeLeads>, _request: GridRequest) -> Result<GridPage> {
        Err(Error::Internal("to come".into()))
    }
    async fn erased_from(
        &self,
        _by: Granted<SeeLeads>,
        _stack: WorkStackId,
    ) -> Result<Vec<ErasedRow>> {
        Err(Error::Internal("to come".into()))
    }
}
