//! One permission of a role.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_permission")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub permission: String,
    #[sea_orm(belongs_to, from = "role", to = "id")]
    pub of_role: BelongsTo<super::role::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
