//! What `layer backup` and `layer restore` ask of a SQLite database.

use std::path::Path;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::{Store, sql};

impl Store {
    /// Writes all of it, as it stands at one instant and without what was erased, into this empty file.
    pub async fn copy_into(&self, file: &Path) -> Result<(), DbErr> {
        self.on_file("VACUUM INTO $1", file).await
    }

    /// What SQLite's own check finds broken; `None` where it is whole.
    pub async fn broken_page(&self) -> domain::Result<Option<String>> {
        let found: Option<String> =
            sql::value(self.reader(), "PRAGMA integrity_check(1)", []).await?;
        Ok(found.filter(|found| found != "ok"))
    }

    /// How many leads there are, by counting them.
    pub async fn count_leads(&self) -> domain::Result<u64> {
        let leads: Option<i64> = sql::value(self.reader(), "SELECT COUNT(*) FROM lead", []).await?;
        Ok(leads.unwrap_or(0).unsigned_abs())
    }

    /// How many of its leads another database, in this file, has erased.
    pub async fn erased_elsewhere(&self, other: &Path) -> anyhow::Result<u64> {
        self.on_file("ATTACH DATABASE $1 AS other", other).await?;
        let back: Option<i64> = sql::value(
            self.database().writer(),
            "SELECT COUNT(*) FROM main.lead WHERE id IN (SELECT lead FROM other.deletion WHERE state = 'erased')",
            [],
        )
        .await?;
        Ok(back.unwrap_or(0).unsigned_abs())
    }

    async fn on_file(&self, statement: &str, file: &Path) -> Result<(), DbErr> {
        let file = file.display().to_string();
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, statement, [file.into()]);
        self.database().writer().execute_raw(statement).await?;
        Ok(())
    }
}
