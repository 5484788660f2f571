//! An import of a file.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    pub member: Option<i64>,
    pub file: String,
    pub at: i64,
    pub state: String,
    pub mapping: String,
    pub total: i64,
    pub imported: i64,
    pub unchanged: i64,
    pub changed: i64,
    pub refused: i64,
    pub trouble: Option<String>,
    pub findings: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
