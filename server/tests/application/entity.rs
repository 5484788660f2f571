//! The entities are what the live schema is: every table has one, with its columns, their types, their NULLs and its key.

use std::collections::BTreeSet;

use crate::test_app::TestApp;
use crate::test_database::{self, is_postgres};
use sea_orm::sea_query::StringLen;
use sea_orm::{
    ColumnTrait, ColumnType, DatabaseConnection, EntityTrait, IdenStatic, Iterable,
    PrimaryKeyToColumn, QuerySelect,
};
use server::entity::*;
use server::store::sql;

/// A column: name, type, whether it can be NULL, whether it is of the key.
type Columns = Vec<(String, String, bool, bool)>;

/// Reads rows of it, holds its columns against the table's, and answers the table's name.
async fn fits<E: EntityTrait>(on: &DatabaseConnection) -> String {
    let table = E::default().table_name().to_owned();
    let keys: BTreeSet<String> = E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str().to_owned())
        .collect();
    let entity: Columns = E::Column::iter()
        .map(|column| {
            let (name, def) = (column.as_str().to_owned(), column.def());
            let key = keys.contains(&name);
            let kind = match def.get_column_type() {
                ColumnType::BigInteger if is_postgres() => "bigint",
                ColumnType::BigInteger => "INTEGER",
                ColumnType::String(StringLen::None) | ColumnType::Text if is_postgres() => "text",
                ColumnType::String(StringLen::None) | ColumnType::Text => "TEXT",
                ColumnType::VarBinary(_) | ColumnType::Blob if is_postgres() => "bytea",
                ColumnType::VarBinary(_) | ColumnType::Blob => "BLOB",
                other => panic!("{table}.{name} is {other:?}"),
            };
            (name, kind.to_owned(), def.is_null(), key)
        })
        .collect();
    let rows: Vec<(String, String, i64, i64)> = sql::tuples(
        on,
        if is_postgres() {
            "SELECT CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT), \
             CAST(CASE WHEN c.is_nullable = 'NO' THEN 1 ELSE 0 END AS BIGINT), \
             (SELECT COUNT(*) FROM information_schema.table_constraints t \
              JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name \
              WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name AND k.column_name = c.column_name) \
             FROM information_schema.columns c WHERE c.table_name = $1 ORDER BY c.ordinal_position"
        } else {
            "SELECT name, type, \"notnull\", pk FROM pragma_table_info($1) ORDER BY cid"
        },
        [table.as_str().into()],
    )
    .await
    .unwrap();
    let live: Columns = rows
        .into_iter()
        .map(|(name, kind, not_null, key)| (name, kind, not_null == 0 && key == 0, key > 0))
        .collect();
    assert_eq!(entity, live, "{table}");
    let read = E::find().limit(20).all(on).await;
    assert!(read.is_ok(), "{table}: {read:?}");
    table
}

#[tokio::test]
async fn every_table_has_an_entity_that_fits() {
    let app = TestApp::demo(50).await;
    let on = app.store.reader();
    macro_rules! fit {
        ($($table:ident)*) => { BTreeSet::from([$(fits::<$table::Entity>(on).await),*]) };
    }
    let entities = fit![
        activity audit_about audit_entry audit_head audit_text contact_record deletion deletion_day deletion_order draft draft_lead
        former_work_stack import
        import_file import_refusal lead lead_key lead_stat lead_stat_delta member open_deletion queue_run reason role
        role_permission security_event session setting sign_in_try work_stack work_stack_role
    ];
    let schema = test_database::schema(on).await.into_iter();
    let mut tables: BTreeSet<String> = schema.map(|(table, _)| table).collect();
    tables.remove("seaql_migrations");
    assert_eq!(entities, tables);
}
