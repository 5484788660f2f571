//! The ways around the refusals of [`super::m20261127_000009_append_only`]: PostgreSQL empties a table without asking what
//! each row may, and SQLite's `INSERT OR REPLACE` takes the row of the same key away without telling its triggers, unless
//! the connection asks for that, as Layer's do.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Triggers.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Never emptied.
const NEVER_EMPTIED: [&str; 5] = [
    "audit_entry",
    "audit_about",
    "audit_text",
    "audit_head",
    "deletion",
];

/// Table, and which new row would take an old one's place. Whatever program writes it: these get a row or two an act. A
/// batch closes thousands of `deletion`, and looking each up made writing them half as slow again; `audit_about` is all key.
const NEVER_REPLACED: [(&str, &str); 3] = [
    ("audit_entry", "sequence = NEW.sequence OR act = NEW.act"),
    ("audit_text", "act = NEW.act AND name = NEW.name"),
    // The head is written anew with each entry, and goes forward alone.
    ("audit_head", "sequence >= NEW.sequence"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite's steps run outside a transaction unless asked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in statements(connection.get_database_backend()) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

fn statements(backend: DbBackend) -> Vec<String> {
    if backend == DbBackend::Postgres {
        let never_emptied = |table: &str| {
            format!(
                "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
        };
        return NEVER_EMPTIED.map(never_emptied).into();
    }
    let never_replaced = |(table, same): (&str, &str)| {
        format!(
            "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} FOR EACH ROW \
             WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    };
    NEVER_REPLACED.map(never_replaced).into()
}
