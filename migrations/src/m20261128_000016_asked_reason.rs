//! Whoever decides about an asked draft sees the reason that was chosen.

use sea_orm_migration::prelude::*;

/// See `sql/asked_reason.sql`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite's steps run outside a transaction unless asked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("../sql/asked_reason.sql")).await
    }
}
