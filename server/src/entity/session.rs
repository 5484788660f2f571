//! A session. Its id is the SHA-256 of what the cookie holds.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    pub member: Option<i64>,
    pub data: String,
    pub expires_at: i64,
    #[sea_orm(belongs_to, from = "member", to = "id")]
    pub of_member: BelongsTo<Option<super::member::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
