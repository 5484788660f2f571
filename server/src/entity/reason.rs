//! A reason to delete.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reason")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub position: i64,
    pub label: String,
    pub details_demanded: i64,
    pub must_be_carried_out: i64,
    pub sentence: Option<String>,
    pub offered: i64,
    pub changed_act: Option<Vec<u8>>,
}

impl From<Model> for domain::reason::Reason {
    fn from(row: Model) -> Self {
        Self {
            code: row.code,
            label: row.label,
            details_demanded: row.details_demanded == 1,
            must_be_carried_out: row.must_be_carried_out == 1,
            sentence: row.sentence,
            offered: row.offered == 1,
        }
    }
}

impl ActiveModelBehavior for ActiveModel {}
