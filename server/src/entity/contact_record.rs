//! A contact record of a lead: its telephone number and its e-mail address.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    pub telephone: String,
    pub e164: String,
    pub telephone_valid: i64,
    pub metadata_version: String,
    pub email: String,
}

impl ActiveModelBehavior for ActiveModel {}
