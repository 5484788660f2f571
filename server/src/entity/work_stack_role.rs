//! A role that sees a work stack.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_stack_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub work_stack: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: i64,
    #[sea_orm(belongs_to, from = "role", to = "id")]
    pub seen_by: BelongsTo<super::role::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
