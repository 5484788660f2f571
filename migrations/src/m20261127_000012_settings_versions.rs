//! Reasons, roles, members and business hours: which act changed one last.

use sea_orm_migration::prelude::*;

/// See `sql/settings_versions.sql`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite's steps run outside a transaction unless asked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("../sql/settings_versions.sql")).await
    }
}
