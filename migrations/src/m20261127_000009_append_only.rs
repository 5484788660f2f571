//! The database itself refuses what Layer never does: changing or deleting what was written to the log, and erasing one lead
//! twice. Whoever owns the database can take that away again: then the log's own proof shows what was changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Triggers and an index.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Never changed and never deleted.
const APPEND_ONLY: [&str; 3] = ["audit_entry", "audit_about", "deletion"];

/// Free text is blacked out, once, by somebody, and not changed otherwise.
const BLACKS_OUT: &str = "OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL AND NEW.redacted_by IS NOT NULL \
    AND NEW.text IS NULL AND NEW.act = OLD.act AND NEW.name = OLD.name";

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

/// Table, what is refused, when.
fn refused() -> Vec<(&'static str, &'static str, String)> {
    let mut refused = Vec::new();
    for table in APPEND_ONLY {
        refused.push((table, "UPDATE", String::new()));
        refused.push((table, "DELETE", String::new()));
    }
    refused.push(("audit_text", "UPDATE", format!("NOT ({BLACKS_OUT})")));
    refused.push(("audit_text", "DELETE", String::new()));
    // The head goes forward alone.
    let back = "NEW.sequence <= OLD.sequence".to_owned();
    refused.push(("audit_head", "UPDATE", back));
    refused.push(("audit_head", "DELETE", String::new()));
    refused
}

fn statements(backend: DbBackend) -> Vec<String> {
    let mut statements = vec![
        "CREATE UNIQUE INDEX deletion_erased_once ON deletion (lead) WHERE state = 'erased'".into(),
    ];
    if backend == DbBackend::Postgres {
        statements.push(
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
                .into(),
        );
    }
    for (table, what, when) in refused() {
        let name = format!("{table}_no_{}", what.to_lowercase());
        let when = if when.is_empty() {
            String::new()
        } else {
            format!(" WHEN ({when})")
        };
        let then = match backend {
            DbBackend::Postgres => "EXECUTE FUNCTION append_only()".to_owned(),
            _ => format!("BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"),
        };
        statements.push(format!(
            "CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW{when} {then}"
        ));
    }
    statements
}
