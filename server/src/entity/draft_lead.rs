//! A lead of a draft, at the revision it was drafted with.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_lead")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub draft: Vec<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead: i64,
    pub revision: i64,
    pub kept_lead: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
