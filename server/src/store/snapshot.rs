//! One picture of the database for several statements: rows and their number are of the same instant.

use domain::Result;
use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, TransactionOptions,
    TransactionTrait,
};

use super::Store;
use super::sql::internal;

impl Store {
    /// Begins to read. SQLite's transactions see one instant by themselves.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction> {
        let options = match self.database().backend() {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions::default(),
        };
        self.reader()
            .begin_with_options(options)
            .await
            .map_err(internal)
    }
}
