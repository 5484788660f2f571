//! Members and roles.

use domain::member::MembersPage;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::error::Result;

/// Members and roles.
#[server(endpoint = "settings/members", input = Json, output = Json)]
pub async fn members() -> Result<MembersPage> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.members(by).await?)
}
