//! A try of a password that wasn't right, or isn't known to be yet.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_try")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub who: Vec<u8>,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
