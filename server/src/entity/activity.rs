//! An activity of a lead: a note or a call.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    pub kind: String,
    pub at: i64,
    pub text: String,
    pub member: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
