//! A member: who may sign in.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub email: String,
    pub name: String,
    pub role: i64,
    pub password_hash: Option<String>,
    pub active: i64,
    pub demo: i64,
    pub created_at: i64,
    pub changed_act: Option<Vec<u8>>,
    #[sea_orm(belongs_to, from = "role", to = "id")]
    pub has_role: BelongsTo<super::role::Entity>,
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::session::Entity>,
}

impl Model {
    /// Whether they may sign in, where `demo` lets the demo's people in.
    pub fn may_sign_in(&self, demo: bool) -> bool {
        self.active == 1 && (demo || self.demo == 0)
    }
}

impl ActiveModelBehavior for ActiveModel {}
