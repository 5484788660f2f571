//! A move of a number of Lead stats, on PostgreSQL until it is folded in.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_stat_delta")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub delta: i64,
}

impl ActiveModelBehavior for ActiveModel {}
