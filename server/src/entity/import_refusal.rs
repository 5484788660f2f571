//! A row of a file that was refused, and why; not what it held.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_refusal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub import: Vec<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: i64,
    pub cause: String,
}

impl ActiveModelBehavior for ActiveModel {}
