//! Roles.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::role::{RoleForm, RoleId, RolesPage};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The list.
#[server(endpoint = "settings/roles", input = Json, output = Json)]
pub async fn roles() -> Result<RolesPage> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.roles(by).await?)
}

/// Adds or changes one.
#[server(endpoint = "settings/save-role", input = Json, output = Json)]
pub async fn save_role(form: RoleForm) -> Result<String> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.save_role(by, form).await?)
}

/// Deletes one that nobody has.
#[server(endpoint = "settings/delete-role", input = Json, output = Json)]
pub async fn delete_role(role: RoleId) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.delete_role(by, role).await?)
}
