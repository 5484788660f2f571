//! Settings: one row each.

use domain::Result;
use domain::business_hours::BusinessHours;
use domain::undo_time::UndoTime;
use sea_orm::ConnectionTrait;

use super::sql::{self, values};

/// A setting's text, or `None` where it was never set.
pub async fn get<C: ConnectionTrait>(on: &C, name: &str) -> Result<Option<String>> {
    sql::value(
        on,
        "SELECT value FROM setting WHERE name = $1",
        values![name],
    )
    .await
}

/// Sets a setting.
pub async fn set<C: ConnectionTrait>(on: &C, name: &str, value: &str) -> Result<()> {
    sql::execute(
        on,
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        values![name, value],
    )
    .await?;
    Ok(())
}

/// Removes a setting.
pub async fn clear<C: ConnectionTrait>(on: &C, name: &str) -> Result<()> {
    sql::execute(on, "DELETE FROM setting WHERE name = $1", values![name]).await?;
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
