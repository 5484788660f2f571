//! Leads: to come.

use async_trait::async_trait;
use domain::Error;
use domain::error::Result;
use domain::lead::{LeadId, LeadPage};
use domain::permission::{Granted, SeeLeads};
use domain::ports::Leads;

use super::Store;

#[async_trait]
impl Leads for Store {
    async fn lead(&self, _by: Granted<SeeLeads>, _lead: LeadId) -> Result<LeadPage> {
        Err(Error::Internal("to come".into()))
    }
}
