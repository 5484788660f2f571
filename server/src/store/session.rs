//! Sessions: to come.

use async_trait::async_trait;
use domain::Error;
use domain::error::Result;
use domain::permission::Actor;
use domain::ports::Sessions;
use domain::session::{Shell, SignInOptions};

use super::Store;

#[async_trait]
impl Sessions for Store {
    async fn sign_in_options(&self) -> Result<SignInOptions> {
        Err(Error::Internal("to come".into()))
    }
    async fn shell(&self, _actor: &Actor) -> Result<Shell> {
        Err(Error::Internal("to come".into()))
    }
}
