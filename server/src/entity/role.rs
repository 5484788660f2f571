//! A role: a name for a set of permissions.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub name: String,
    pub position: i64,
    pub changed_act: Option<Vec<u8>>,
    #[sea_orm(has_many)]
    pub permissions: HasMany<super::role_permission::Entity>,
    #[sea_orm(has_many)]
    pub members: HasMany<super::member::Entity>,
    #[sea_orm(has_many)]
    pub sees: HasMany<super::work_stack_role::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
