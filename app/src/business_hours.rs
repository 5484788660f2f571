//! Business hours, and what is set beside them.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::ports::HoursSetting;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Business hours, undo time and region.
#[server(endpoint = "settings/hours", input = Json, output = Json)]
pub async fn hours() -> Result<HoursSetting> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.hours(by).await?)
}

/// Saves them.
#[server(endpoint = "settings/save-hours", input = Json, output = Json)]
pub async fn save_hours(setting: HoursSetting) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.save_hours(by, setting).await?)
}
