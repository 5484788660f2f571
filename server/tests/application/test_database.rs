//! A test's own database: SQLite in a folder of its own or, where `LAYER_TEST_POSTGRES` names a server, a PostgreSQL
//! database made from a template that was migrated once. Either goes when the test ends.
//!
//! The server is meant to be thrown away: the template stays on it.

use std::future::Future;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;
use std::thread;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult};
use server::database::Database;
use server::store::sql;
use uuid::Uuid;

/// The server's URL without a database: `postgres://postgres@127.0.0.1:5432`.
static POSTGRES: LazyLock<Option<String>> = LazyLock::new(|| {
    let url = std::env::var("LAYER_TEST_POSTGRES").ok()?;
    Some(url.trim_end_matches('/').to_owned())
});

/// Migrated once by this program; no connection to it stays open, or it couldn't be copied.
static TEMPLATE: LazyLock<String> = LazyLock::new(|| {
    let name = format!("layer_template_{}", std::process::id());
    aside(async {
        on_server(&format!("CREATE DATABASE {name}")).await;
        let database = Database::open(&of_server(&name)).await.unwrap();
        database.migrate().await.unwrap();
        database.close().await;
    });
    name
});

/// One test's database.
pub struct TestDatabase {
    url: String,
    folder: tempfile::TempDir,
    name: Option<String>,
}

impl TestDatabase {
    /// With the schema, or on SQLite a file that isn't there yet: opening it makes both.
    pub fn new() -> Self {
        Self::made(|name| format!("CREATE DATABASE {name} TEMPLATE {}", *TEMPLATE))
    }

    /// Without anything: SQLite's file isn't there yet.
    pub fn bare() -> Self {
        Self::made(|name| format!("CREATE DATABASE {name}"))
    }

    fn made(statement: impl FnOnce(&str) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if !is_postgres() {
            let url = format!("sqlite://{}", folder.path().join("layer.db").display());
            return Self {
                url,
                folder,
                name: None,
            };
        }
        let name = format!("layer_test_{}", Uuid::now_v7().simple());
        let create = statement(&name);
        aside(async { on_server(&create).await });
        Self {
            url: of_server(&name),
            folder,
            name: Some(name),
        }
    }

    /// As `--database` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A folder of the test's own; SQLite's file is in it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// As a process opens it: each call is another one.
    pub async fn open(&self) -> Database {
        let database = Database::open(&self.url).await.unwrap();
        database.migrate().await.unwrap();
        database
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            // Whoever still asks it is sent away.
            aside(async { on_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await });
        }
    }
}

/// Whether tests run on PostgreSQL.
pub fn is_postgres() -> bool {
    POSTGRES.is_some()
}

/// Whether a test of SQLite itself is to be left out, which it says.
pub fn skips_on_postgres(why: &str) -> bool {
    skips(is_postgres(), "PostgreSQL", why)
}

/// Whether a test of several nodes is to be left out, which it says.
pub fn skips_on_sqlite(why: &str) -> bool {
    skips(!is_postgres(), "SQLite", why)
}

fn skips(it_does: bool, on: &str, why: &str) -> bool {
    if it_does {
        let test = thread::current().name().unwrap_or_default().to_owned();
        // Not `println!`, which nobody sees of a test that passes.
        _ = writeln!(std::io::stderr(), "{test} is left out on {on}: {why}");
    }
    it_does
}

/// Every table with its columns; not what the database keeps for itself.
pub async fn schema(on: &DatabaseConnection) -> Vec<(String, String)> {
    let statement = match on.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY ordinal_position"
        }
        _ => {
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY c.cid"
        }
    };
    let mut schema: Vec<(String, String)> = sql::tuples(on, statement, []).await.unwrap();
    schema.sort_by(|a, b| a.0.cmp(&b.0));
    schema
}

/// Every row of a table, each as one text of these of its columns.
pub async fn rows(on: &DatabaseConnection, table: &str, columns: &[String]) -> Vec<String> {
    let row = match on.get_database_backend() {
        DbBackend::Postgres => {
            let quoted: Vec<String> = columns.iter().map(|c| format!("t.\"{c}\"")).collect();
            format!("CAST(ROW({}) AS TEXT)", quoted.join(", "))
        }
        _ => {
            let quoted: Vec<String> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
            quoted.join("||'|'||")
        }
    };
    let statement = format!("SELECT {row} FROM \"{table}\" t ORDER BY 1");
    sql::column(on, &statement, []).await.unwrap()
}

/// Every value of a column as its bytes: of a number its digits. Not NULLs.
pub async fn values(on: &DatabaseConnection, table: &str, column: &str) -> Vec<Vec<u8>> {
    let statement = format!("SELECT \"{column}\" FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
    let rows = sql::rows(on, &statement, []).await.unwrap();
    let value = |row: &QueryResult| {
        let number = row.try_get_by_index(0).map(|n: i64| n.to_string());
        let text = number.or_else(|_| row.try_get_by_index(0));
        text.map_or_else(
            |_| row.try_get_by_index(0).unwrap(),
            |text: String| text.into_bytes(),
        )
    };
    rows.iter().map(value).collect()
}

/// How many values of a column have this in them.
pub async fn holding(on: &DatabaseConnection, table: &str, column: &str, part: &str) -> usize {
    let holds = |value: &Vec<u8>| value.windows(part.len()).any(|w| w == part.as_bytes());
    values(on, table, column)
        .await
        .iter()
        .filter(|value| holds(value))
        .count()
}

/// The statement of a number of Lead stats as it is kept, with what isn't folded into it yet.
pub fn kept_stat(name: &str) -> String {
    format!(
        "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM (SELECT value FROM lead_stat WHERE name = '{name}' \
         UNION ALL SELECT delta FROM lead_stat_delta WHERE name = '{name}') s"
    )
}

/// A test's statement, written in SQLite's words, in this database's.
pub fn in_its_words(statement: &str) -> String {
    if !is_postgres() {
        return statement.to_owned();
    }
    let statement = statement
        .replace("zeroblob(16)", "decode(repeat('00', 16), 'hex')")
        .replace("zeroblob(32)", "decode(repeat('00', 32), 'hex')")
        .replace("randomblob(16)", "uuid_send(gen_random_uuid())");
    let mut parts = statement.split(" x'");
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        words.push_str(" BYTEA '\\x");
        words.push_str(part);
    }
    words.replace("(x'", "(BYTEA '\\x")
}

/// The statement after which a table goes on with the number after `last`.
pub fn numbers_go_on_after(table: &str, last: i64) -> String {
    if is_postgres() {
        format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")
    } else {
        format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {last})")
    }
}

/// The statement after which a table goes on with the number after its highest, where rows were given theirs; SQLite does
/// so by itself.
pub fn numbers_go_on(table: &str) -> Option<String> {
    let highest = format!("(SELECT MAX(id) FROM {table})");
    is_postgres()
        .then(|| format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})"))
}

fn of_server(database: &str) -> String {
    format!("{}/{database}", POSTGRES.as_deref().unwrap())
}

async fn on_server(statement: &str) {
    let server = sea_orm::Database::connect(of_server("postgres"))
        .await
        .unwrap();
    server.execute_unprepared(statement).await.unwrap();
    server.close().await.unwrap();
}

/// Runs it to its end on a thread of its own, whatever this one runs.
fn aside(work: impl Future<Output = ()> + Send) {
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(work);
        });
    });
}
