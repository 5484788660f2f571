//! SQL in one line: what every statement of the store goes through.
//!
//! Both databases take `$1`. What differs is kept out of the statements: yes and no are numbers, sums and constants are
//! `CAST(… AS BIGINT)`, and locks come from [`super::dialect`].

use domain::{Error, Result};
use sea_orm::error::ConnAcquireErr;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, RuntimeErr, Statement,
    TransactionTrait, TryGetableMany, Value,
};
use uuid::Uuid;

use crate::database::MOVED;
use crate::fault::{Side, point};

/// The values of a statement: `values![id, "word", 3_i64]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;

/// A fault of the database, for the log under a number. A person is told what they can act on: that it is busy, or takes no
/// changes; else the number alone.
pub fn internal(error: DbErr) -> Error {
    let number = Uuid::new_v4().simple().to_string()[..8].to_owned();
    // The database's words name tables and constraints, never values: statements bind them.
    tracing::error!(number, %error, "database");
    told(&error).unwrap_or(Error::Internal(number))
}

/// What a person can act on.
fn told(error: &DbErr) -> Option<Error> {
    let unavailable = |sentence: &str| Some(Error::Unavailable(sentence.into()));
    let error = match error {
        DbErr::Custom(words) if words == MOVED => return unavailable(MOVED),
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return unavailable(NO_ANSWER),
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => error.as_database_error()?,
        _ => return None,
    };
    let code = error.code()?;
    // PostgreSQL's have five characters. SQLite's are numbers; what is more special stands above their first eight bits.
    let sqlite = (code.len() < 5)
        .then(|| code.parse::<u32>().ok())
        .flatten()
        .map(|code| code & 0xff);
    match (&*code, sqlite) {
        // Serialization failure, deadlock; busy, locked.
        ("40001" | "40P01", _) | (_, Some(5 | 6)) => Some(Error::Busy),
        ("25006", _) | (_, Some(8)) => unavailable(READ_ONLY),
        _ => None,
    }
}

/// What people read where no connection to the database can be had.
const NO_ANSWER: &str = "The database doesn't answer. Nothing was changed. Try again in a minute; if it stays so, a Layer Admin must see \
    to the server.";

/// What people read where the file, or the node of PostgreSQL, is there for reading alone.
const READ_ONLY: &str = "The database takes no changes just now: it can only be read. Nothing was changed; a Layer Admin must see \
    to the server.";

fn statement<C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), sql, values)
}

/// Runs it; how many rows it touched, or the database's own error.
pub async fn try_execute<C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    point(Side::Before, sql).await?;
    let done = on.execute_raw(statement(on, sql, values)).await?;
    point(Side::After, sql).await?;
    Ok(done.rows_affected())
}

/// Runs it; how many rows it touched.
pub async fn execute<C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64> {
    try_execute(on, sql, values).await.map_err(internal)
}

/// All rows, by column name or index.
pub async fn rows<C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>> {
    let answered = async {
        point(Side::Before, sql).await?;
        let rows = on.query_all_raw(statement(on, sql, values)).await?;
        point(Side::After, sql).await?;
        Ok(rows)
    };
    answered.await.map_err(internal)
}

/// The first row.
pub async fn row<C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<QueryResult>> {
    let answered = async {
        point(Side::Before, sql).await?;
        let row = on.query_one_raw(statement(on, sql, values)).await?;
        point(Side::After, sql).await?;
        Ok(row)
    };
    answered.await.map_err(internal)
}

/// Begins a savepoint within a transaction: rolled back when dropped.
pub async fn savepoint(on: &DatabaseTransaction) -> Result<DatabaseTransaction> {
    let begun = async {
        point(Side::Before, "SAVEPOINT").await?;
        let savepoint = on.begin().await?;
        point(Side::After, "SAVEPOINT").await?;
        Ok(savepoint)
    };
    begun.await.map_err(internal)
}

/// Commits a transaction, or keeps what was done since a savepoint.
pub async fn commit(on: DatabaseTransaction) -> Result<()> {
    let committed = async {
        point(Side::Before, "COMMIT").await?;
        on.commit().await?;
        point(Side::After, "COMMIT").await
    };
    committed.await.map_err(internal)
}

/// Takes back a transaction, or what was done since a savepoint.
pub async fn rollback(on: DatabaseTransaction) -> Result<()> {
    let taken_back = async {
        point(Side::Before, "ROLLBACK").await?;
        on.rollback().await?;
        point(Side::After, "ROLLBACK").await
    };
    taken_back.await.map_err(internal)
}

/// All rows as tuples of two and more.
pub async fn tuples<T: TryGetableMany, C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    rows(on, sql, values)
        .await?
        .iter()
        .map(|row| row.try_get_many_by_index().map_err(internal))
        .collect()
}

/// The first row as a tuple of two and more.
pub async fn tuple<T: TryGetableMany, C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    row(on, sql, values)
        .await?
        .map(|row| row.try_get_many_by_index().map_err(internal))
        .transpose()
}

/// The first column of all rows.
pub async fn column<T: sea_orm::TryGetable, C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    rows(on, sql, values)
        .await?
        .iter()
        .map(|row| row.try_get_by_index(0).map_err(internal))
        .collect()
}

/// The first column of the first row.
pub async fn value<T: sea_orm::TryGetable, C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    row(on, sql, values)
        .await?
        .map(|row| row.try_get_by_index(0).map_err(internal))
        .transpose()
}

/// A value of a row by its column's name.
pub fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> Result<T> {
    row.try_get("", column).map_err(internal)
}

/// The UUID in a column of bytes.
pub fn uuid(bytes: Vec<u8>) -> Result<Uuid> {
    Uuid::from_slice(&bytes).map_err(|error| internal(DbErr::Type(error.to_string())))
}
