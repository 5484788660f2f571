//! The reasons.

use domain::reason::Reason;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The list.
#[server(endpoint = "settings/reasons", input = Json, output = Json)]
pub async fn reasons() -> Result<Vec<Reason>> {
    let (by, backend) = crate::context::granted::<domain::permission::EditSettings>()?;
    Ok(backend.reasons(by).await?)
}
