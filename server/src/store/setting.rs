//! Settings: one row each.

use domain::Result;
use domain::business_hours::BusinessHours;
use domain::undo_time::UndoTime;
use domain::version::Version;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sql::{self, internal, values};

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

/// The act that changed a setting last, where it is one of those that are changed by a form.
pub async fn version<C: ConnectionTrait>(on: &C, name: &str) -> Result<Version> {
    let changed: Option<Option<Vec<u8>>> = sql::value(
        on,
        "SELECT changed_act FROM setting WHERE name = $1",
        values![name],
    )
    .await?;
    super::version::of(changed.flatten())
}

/// This act changed it.
pub async fn changed_by<C: ConnectionTrait>(on: &C, name: &str, act: Uuid) -> Result<()> {
    sql::execute(
        on,
        "UPDATE setting SET changed_act = $2 WHERE name = $1",
        values![name, act.as_bytes().to_vec()],
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
    Ok(read(text)?.unwrap_or_default())
}

/// What a setting says. One that can't be read is a fault: in its place nothing may stand that lets leads go.
fn read<T: serde::de::DeserializeOwned>(text: Option<String>) -> Result<Option<T>> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| internal(sea_orm::DbErr::Json(error.to_string())))
}

/// The undo time.
pub async fn undo_time<C: ConnectionTrait>(on: &C) -> Result<UndoTime> {
    match read(get(on, "undo_minutes").await?)? {
        Some(minutes) => UndoTime::minutes(minutes),
        None => Ok(UndoTime::default()),
    }
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
    read(get(on, "queue_paused").await?)
}
