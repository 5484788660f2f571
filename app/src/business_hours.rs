//! Business hours, and what is set beside them.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::hours_setting::{HoursForm, HoursPage};
use domain::version::Version;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Business hours, undo time and region.
#[server(endpoint = "settings/hours", input = Json, output = Json)]
pub async fn hours() -> Result<HoursPage> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.hours(by).await?)
}

/// When a deletion ordered now would leave if they were saved.
#[server(endpoint = "settings/preview-hours", input = Json, output = Json)]
pub async fn preview_hours(form: HoursForm) -> Result<String> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.preview_hours(by, form).await?)
}

/// Saves them over what the form showed.
#[server(endpoint = "settings/save-hours", input = Json, output = Json)]
pub async fn save_hours(form: HoursForm, seen: Version) -> Result<Version> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.save_hours(by, form, seen).await?)
}
