//! The log isn't emptied or written over either, which no trigger on each deleted row sees: TRUNCATE of PostgreSQL, and INSERT
//! OR REPLACE of SQLite.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Triggers.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The tables that only grow, and which rows an INSERT OR REPLACE would take the place of.
const GROWS: [(&str, &str); 5] = [
    ("audit_entry", "sequence = NEW.sequence OR act = NEW.act"),
    (
        "audit_about",
        "subject = NEW.subject AND sequence = NEW.sequence",
    ),
    ("audit_text", "act = NEW.act AND name = NEW.name"),
    ("audit_head", "sequence >= NEW.sequence"),
    (
        "deletion",
        "id = NEW.id OR (lead = NEW.lead AND state = 'erased' AND NEW.state = 'erased')",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite's steps run outside a transaction unless asked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (table, replaced) in GROWS {
            let trigger = match connection.get_database_backend() {
                DbBackend::Postgres => format!(
                    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION append_only()"
                ),
                _ => format!(
                    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} \
                     WHEN EXISTS (SELECT 1 FROM {table} WHERE {replaced}) \
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                ),
            };
            connection.execute_unprepared(&trigger).await?;
        }
        Ok(())
    }
}
