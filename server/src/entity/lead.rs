//! A lead.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub uid: Vec<u8>,
    pub name: String,
    pub name_folded: String,
    pub source: String,
    pub status: i64,
    pub owner: String,
    pub country: String,
    pub added_at: i64,
    pub last_activity_at: i64,
    pub contact_count: i64,
    pub valid_telephone_count: i64,
    pub activity_count: i64,
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
