//! A work stack: a filter with a name.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_stack")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub name: String,
    pub position: i64,
    pub filter: String,
    pub sort: String,
    pub descending: i64,
    pub columns: Option<String>,
    pub hides_deletions: i64,
    pub is_all: i64,
    pub counted: Option<i64>,
    pub counted_at_sequence: Option<i64>,
    pub changed_act: Option<Vec<u8>>,
    pub recounts: i64,
}

impl ActiveModelBehavior for ActiveModel {}
