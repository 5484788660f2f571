//! An open deletion, keyed by its lead: at most one a lead.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_deletion")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead: i64,
    pub deletion_order: Vec<u8>,
    pub ordered_at: i64,
    pub revision: i64,
    pub kept_lead: Option<i64>,
    pub state: String,
    pub cause: String,
    pub tries: i64,
    pub due_at: i64,
    pub confirmed_by: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
