//! A draft: the leads of a dialog, frozen when it opened.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    pub member: i64,
    pub work_stack: Option<i64>,
    pub whole: i64,
    pub leads: i64,
    pub shown: i64,
    pub shown_if_must: i64,
    pub created_at: i64,
    pub expires_at: i64,
    pub body_digest: Option<Vec<u8>>,
    pub answer: Option<String>,
    pub asked_at: Option<i64>,
    pub dismissed_at: Option<i64>,
    pub dismissed_by: Option<i64>,
    pub ordered_as: Option<Vec<u8>>,
    pub dismissed_act: Option<Vec<u8>>,
    pub answer_seen_at: Option<i64>,
    pub asked_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
