//! Free text beside the chain, with the salt of its digest. Blacked out, the text is NULL.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_text")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub act: Vec<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub text: Option<String>,
    pub salt: Vec<u8>,
    pub redacted_by: Option<i64>,
    pub redacted_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
