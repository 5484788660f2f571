//! Imports. The file itself comes by a route of its own.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::import::{ImportId, ImportPage, Mapping};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// An import as it stands.
#[server(endpoint = "imports/import", input = Json, output = Json)]
pub async fn import(import: ImportId) -> Result<ImportPage> {
    let (by, backend) = crate::context::granted::<domain::permission::ImportLeads>()?;
    Ok(backend.import(by, import).await?)
}

/// The same under another mapping.
#[server(endpoint = "imports/mapping", input = Json, output = Json)]
pub async fn import_mapping(import: ImportId, mapping: Mapping) -> Result<ImportPage> {
    let (by, backend) = crate::context::granted::<domain::permission::ImportLeads>()?;
    Ok(backend.import_mapping(by, import, mapping).await?)
}

/// Starts it, under the mapping and with as many valid rows as the page shows; it goes on in the background.
#[server(endpoint = "imports/start", input = Json, output = Json)]
pub async fn import_start(
    import: ImportId,
    #[server(default)] mapping: Mapping,
    #[server(default)] valid: u64,
) -> Result<ImportPage> {
    let (by, backend) = crate::context::granted::<domain::permission::ImportLeads>()?;
    Ok(backend.import_start(by, import, mapping, valid).await?)
}
