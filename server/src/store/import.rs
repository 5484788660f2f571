//! Imports: to come.

use async_trait::async_trait;
use domain::Error;
use domain::error::Result;
use domain::import::{ImportId, ImportPage, Mapping};
use domain::permission::{Granted, ImportLeads};
use domain::ports::Imports;

use super::Store;

#[async_trait]
impl Imports for Store {
    async fn import(&self, _by: Granted<ImportLeads>, _import: ImportId) -> Result<ImportPage> {
        Err(Error::Internal("to come".into()))
    }
    async fn import_mapping(
        &self,
        _by: Granted<ImportLeads>,
        _import: ImportId,
        _mapping: Mapping,
    ) -> Result<ImportPage> {
        Err(Error::Internal("to come".into()))
    }
    async fn import_start(
        &self,
        _by: Granted<ImportLeads>,
        _import: ImportId,
    ) -> Result<ImportPage> {
        Err(Error::Internal("to come".into()))
    }
}
