//! Removals: to come.

use async_trait::async_trait;
use domain::Error;
use domain::draft::Confirmed;
use domain::error::Result;
use domain::permission::{Granted, RemoveDeletions};
use domain::ports::Removals;
use domain::removal::{Removal, RemovalId, RemovalPreview, Removed};

use super::Store;

#[async_trait]
impl Removals for Store {
    async fn removal_preview(
        &self,
        _by: Granted<RemoveDeletions>,
        _search: String,
    ) -> Result<RemovalPreview> {
        Err(Error::Internal("to come".into()))
    }
    async fn remove(&self, _by: Granted<RemoveDeletions>, _removal: Removal) -> Result<Removed> {
        Err(Error::Internal("to come".into()))
    }
    async fn undo_removal(
        &self,
        _by: Granted<RemoveDeletions>,
        _removal: RemovalId,
    ) -> Result<Confirmed> {
        Err(Error::Internal("to come".into()))
    }
}
