//! The schema's history. Each step is SQL for both databases, in a file of its own under `sql/`.
//!
//! A step is written once, in SQLite's words with a few of ours in capitals that [`dialect`] turns into the database's.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub mod dialect;
mod m20261124_000001_first;
mod m20261125_000003_ask_first;
mod m20261126_000005_work_stack_settings;
mod m20261126_000008_audit;
mod m20261127_000009_append_only;
mod m20261127_000012_settings_versions;
mod m20261127_000013_import_findings;
mod m20261128_000010_deletions_of_order;
mod m20261128_000014_sign_in_tries;
mod m20261128_000015_append_only_whole;
mod m20261128_000016_asked_reason;

/// All steps, in their order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_first::Migration),
            Box::new(m20261125_000003_ask_first::Migration),
            Box::new(m20261126_000005_work_stack_settings::Migration),
            Box::new(m20261126_000008_audit::Migration),
            Box::new(m20261127_000009_append_only::Migration),
            Box::new(m20261127_000012_settings_versions::Migration),
            Box::new(m20261127_000013_import_findings::Migration),
            Box::new(m20261128_000010_deletions_of_order::Migration),
            Box::new(m20261128_000014_sign_in_tries::Migration),
            Box::new(m20261128_000015_append_only_whole::Migration),
            Box::new(m20261128_000016_asked_reason::Migration),
        ]
    }
}

/// Runs a step's statements one after the other.
async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend: DbBackend = connection.get_database_backend();
    for statement in dialect::statements(backend, sql) {
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}
