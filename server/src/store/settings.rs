//! Settings: to come.

use async_trait::async_trait;
use domain::Error;
use domain::error::Result;
use domain::member::MembersPage;
use domain::permission::{EditMembers, EditSettings, Granted};
use domain::ports::HoursSetting;
use domain::ports::Settings;
use domain::reason::Reason;
use domain::work_stack::{WorkStackId, WorkStackSetting};

use super::Store;

#[async_trait]
impl Settings for Store {
    async fn hours(&self, _by: Granted<EditSettings>) -> Result<HoursSetting> {
        Err(Error::Internal("to come".into()))
    }
    async fn save_hours(&self, _by: Granted<EditSettings>, _setting: HoursSetting) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
    async fn work_stack_settings(
        &self,
        _by: Granted<EditSettings>,
    ) -> Result<Vec<WorkStackSetting>> {
        Err(Error::Internal("to come".into()))
    }
    async fn set_hides_deletions(
        &self,
        _by: Granted<EditSettings>,
        _stack: WorkStackId,
        _hides: bool,
    ) -> Result<()> {
        Err(Error::Internal("to come".into()))
    }
    async fn reasons(&self, _by: Granted<EditSettings>) -> Result<Vec<Reason>> {
        Err(Error::Internal("to come".into()))
    }
    async fn members(&self, _by: Granted<EditMembers>) -> Result<MembersPage> {
        Err(Error::Internal("to come".into()))
    }
}
