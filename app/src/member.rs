//! Members.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::member::{MemberEdit, MemberForm, MemberId, MembersPage, PasswordGiven};
use domain::password::Password;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Members, with the roles to give.
#[server(endpoint = "settings/members", input = Json, output = Json)]
pub async fn members() -> Result<MembersPage> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.members(by).await?)
}

/// Adds one.
#[server(endpoint = "settings/new-member", input = Json, output = Json)]
pub async fn new_member(form: MemberForm) -> Result<PasswordGiven> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.new_member(by, form).await?)
}

/// Changes a name or a role.
#[server(endpoint = "settings/edit-member", input = Json, output = Json)]
pub async fn edit_member(edit: MemberEdit) -> Result<String> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.edit_member(by, edit).await?)
}

/// Deactivates one, or lets them in again.
#[server(endpoint = "settings/set-active", input = Json, output = Json)]
pub async fn set_active(member: MemberId, active: bool) -> Result<String> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.set_active(by, member, active).await?)
}

/// Gives one a password.
#[server(endpoint = "settings/reset-password", input = Json, output = Json)]
pub async fn reset_password(member: MemberId, password: Password) -> Result<PasswordGiven> {
    let (by, backend) = crate::context::granted::<domain::permission::EditMembers>()?;
    Ok(backend.reset_password(by, member, password).await?)
}
