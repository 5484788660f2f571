//! The run of the queue that goes on: one row, or none.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "queue_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub cause: String,
    pub started_at: i64,
    pub also_younger: i64,
    pub total: i64,
    pub done: i64,
}

impl ActiveModelBehavior for ActiveModel {}
