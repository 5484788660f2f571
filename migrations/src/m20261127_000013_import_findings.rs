//! What an uploaded file holds is told before anything of it is imported, and kept with the upload.

use sea_orm_migration::prelude::*;

/// See `sql/import_findings.sql`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite's steps run outside a transaction unless asked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("../sql/import_findings.sql")).await
    }
}
