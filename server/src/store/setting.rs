//! Settings: one row each.

use domain::Result;
use domain::business_hours::BusinessHours;
use domain::undo_time::UndoTime;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Set};

use super::sql::internal;
use crate::entity::setting::{ActiveModel, Column, Entity};

/// A setting's text, or `None` where it was never set.
pub async fn get<C: ConnectionTrait>(on: &C, name: &str) -> Result<Option<String>> {
    let row = Entity::find_by_id(name).one(on).await.map_err(internal)?;
    Ok(row.map(|row| row.value))
}

/// Sets a setting.
pub async fn set<C: ConnectionTrait>(on: &C, name: &str, value: &str) -> Result<()> {
    let row = ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.to_owned()),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Name)
                .update_column(Column::Value)
                .to_owned(),
        )
        .exec_without_returning(on)
        .await
        .map_err(internal)?;
    Ok(())
}

/// Removes a setting.
pub async fn clear<C: ConnectionTrait>(on: &C, name: &str) -> Result<()> {
    Entity::delete_by_id(name)
        .exec(on)
        .await
        .map_err(internal)?;
    Ok(())
}

/// Business hours.
pub async fn business_hours<C: ConnectionTrait>(on: &C) -> Result<BusinessHours> {
    let text = get(on, "business_hours").await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// The undo time.
pub async fn undo_time<C: ConnectionTrait>(on: &C) -> Result<UndoTime> {
    let minutes = get(on, "undo_minutes")
        .await?
        .and_then(|text| text.parse().ok());
    Ok(minutes
        .and_then(|minutes| UndoTime::minutes(minutes).ok())
        .unwrap_or_default())
}

/// The region in which a telephone number without `+` and without a country is read: an ISO code, `GB` at first.
pub async fn region<C: ConnectionTrait>(on: &C) -> Result<String> {
    Ok(get(on, "region").await?.unwrap_or_else(|| "GB".into()))
}

/// Who paused the queue, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Paused {
    /// The member.
    pub member: domain::member::MemberId,
    /// The instant.
    pub at: domain::time::Millis,
}

/// Whether the queue is paused.
pub async fn paused<C: ConnectionTrait>(on: &C) -> Result<Option<Paused>> {
    Ok(get(on, "queue_paused")
        .await?
        .and_then(|text| serde_json::from_str(&text).ok()))
}
