//! A closed deletion: never changed again. Its lead is a bare number, which outlives the lead.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deletion")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead: i64,
    pub deletion_order: Vec<u8>,
    pub state: String,
    pub cause: String,
    pub act: Vec<u8>,
    pub at: i64,
    pub member: Option<i64>,
    pub contact_records: i64,
    pub activities: i64,
    pub revision: i64,
    pub kept_lead: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
