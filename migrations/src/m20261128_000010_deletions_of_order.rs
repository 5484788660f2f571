//! The index of an order's deletions.

use sea_orm_migration::prelude::*;

/// See `sql/deletions_of_order.sql`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite's steps run outside a transaction unless asked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("../sql/deletions_of_order.sql")).await
    }
}
