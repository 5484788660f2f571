//! UrgentDeletions: to come.

use async_trait::async_trait;
use domain::Error;
use domain::error::Result;
use domain::permission::{DeleteNow, Granted};
use domain::ports::UrgentDeletions;
use domain::reason::Reason;
use domain::urgent_deletion::{UrgentDeletion, UrgentlyDeleted};

use super::Store;

#[async_trait]
impl UrgentDeletions for Store {
    async fn delete_now(
        &self,
        _by: Granted<DeleteNow>,
        _urgent: UrgentDeletion,
    ) -> Result<UrgentlyDeleted> {
        Err(Error::Internal("to come".into()))
    }
    async fn urgent_reasons(&self, _by: Granted<DeleteNow>) -> Result<Vec<Reason>> {
        Err(Error::Internal("to come".into()))
    }
}
