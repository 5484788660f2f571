//! SQL in one line: what every statement of the store goes through.
//!
//! Both databases take `$1`. What differs is kept out of the statements: yes and no are numbers, sums and constants are
//! `CAST(… AS BIGINT)`, and locks come from [`super::dialect`].

use domain::{Error, Result};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, TryGetableMany, Value};
use uuid::Uuid;

/// The values of a statement: `values![id, "word", 3_i64]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;

/// A fault of the database, for the log under a number; a person is told the number alone.
pub fn internal(error: DbErr) -> Error {
    let number = Uuid::new_v4().simple().to_string()[..8].to_owned();
    // The database's words name tables and constraints, never values: statements bind them.
    tracing::error!(number, %error, "database");
    Error::Internal(number)
}

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
    Ok(on
        .execute_raw(statement(on, sql, values))
        .await?
        .rows_affected())
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
    on.query_all_raw(statement(on, sql, values))
        .await
        .map_err(internal)
}

/// The first row.
pub async fn row<C: ConnectionTrait>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<QueryResult>> {
    on.query_one_raw(statement(on, sql, values))
        .await
        .map_err(internal)
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
