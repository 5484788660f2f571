//! A sign-in or a refused call, outside the chain.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "security_event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: i64,
    pub member: Option<i64>,
    pub endpoint: String,
    pub code: String,
    pub times: i64,
}

impl ActiveModelBehavior for ActiveModel {}
