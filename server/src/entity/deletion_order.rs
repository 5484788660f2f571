//! A deletion order: one confirmed draft, and the act that made it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deletion_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    pub act: Vec<u8>,
    pub at: i64,
    pub member: i64,
    pub asked_by: Option<i64>,
    pub reason: String,
    pub must_be_carried_out: i64,
    pub work_stack: Option<i64>,
    pub urgent: i64,
    pub puts_back: Option<Vec<u8>>,
    pub left_out: String,
    pub undo_until: i64,
    pub confirmed: i64,
    pub waiting: i64,
    pub held: i64,
    pub failed: i64,
    pub erased: i64,
    pub skipped: i64,
    pub removed: i64,
    pub former_work_stack: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
