//! DeletionQueue: to come.

use async_trait::async_trait;
use domain::Error;
use domain::deletion_queue::{LeadManagement, QueuePage, QueueRequest};
use domain::error::Result;
use domain::lead::LeadId;
use domain::permission::{Granted, RunQueue, SeeQueue};
use domain::ports::DeletionQueue;

use super::Store;

#[async_trait]
impl DeletionQueue for Store {
    async fn lead_management(&self, _by: Granted<SeeQueue>) -> Result<LeadManagement> {
        Err(Error::Internal("to come".into()))
    }
    async fn queue(&self, _by: Granted<SeeQueue>, _request: QueueRequest) -> Result<QueuePage> {
        Err(Error::Internal("to come".into()))
    }
    async fn run_now(&self, _by: Granted<RunQueue>, _also_younger: bool) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
    async fn pause(&self, _by: Granted<RunQueue>) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
    async fn resume(&self, _by: Granted<RunQueue>) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
    async fn retry(&self, _by: Granted<RunQueue>, _lead: LeadId) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
    async fn confirm_held(&self, _by: Granted<RunQueue>, _lead: LeadId) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
}
