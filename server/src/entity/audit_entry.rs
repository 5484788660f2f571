//! An entry of the audit log: one act. Only ever added, by [`crate::store::audit`].

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub at: i64,
    #[sea_orm(unique)]
    pub act: Vec<u8>,
    pub actor_kind: i64,
    pub actor_member: i64,
    pub kind: String,
    pub facts: Vec<u8>,
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
