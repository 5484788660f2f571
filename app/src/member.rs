//! Members and roles.

use domain::member::MembersPage;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Members and roles.
#[server(endpoint = "settings/members", input = Json, output = Json)]
pub async fn members() -> Result<MembersPage> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.members(by).await?)
}
