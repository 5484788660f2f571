//! Rights as they stand inside a transaction: a right that was granted when the request came may be gone by now.

use std::collections::BTreeSet;

use domain::member::MemberId;
use domain::permission::Permission;
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use super::Writing;
use super::claim::{self, Becomes, Settled};
use super::query::Query;
use super::sql::{self, values};

/// Of the open deletion `o` and its order `r`: who ordered it may not delete leads any more, and no Layer Admin confirmed it.
macro_rules! right_withdrawn {
    () => {
        "o.confirmed_by IS NULL AND NOT EXISTS (\
           SELECT 1 FROM member m JOIN role_permission p ON p.role = m.role \
           WHERE m.id = r.member AND m.active = 1 AND p.permission = 'delete-leads')"
    };
}

pub(crate) use right_withdrawn;

/// Refuses where this person may not (any more).
pub async fn check<C: ConnectionTrait>(
    on: &C,
    member: MemberId,
    permission: Permission,
) -> Result<()> {
    let found: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM member m JOIN role_permission p ON p.role = m.role \
         WHERE m.id = $1 AND m.active = 1 AND p.permission = $2",
        values![member.0, permission.code()],
    )
    .await?;
    if found.unwrap_or(0) > 0 {
        Ok(())
    } else {
        Err(Error::Forbidden(permission))
    }
}

/// What this person may; nothing where they may not sign in.
pub async fn of<C: ConnectionTrait>(on: &C, member: MemberId) -> Result<BTreeSet<Permission>> {
    let codes: Vec<String> = sql::column(
        on,
        "SELECT p.permission FROM member m JOIN role_permission p ON p.role = m.role WHERE m.id = $1 AND m.active = 1",
        values![member.0],
    )
    .await?;
    Ok(known(&codes))
}

/// What this role may.
pub async fn of_role<C: ConnectionTrait>(on: &C, role: i64) -> Result<BTreeSet<Permission>> {
    let codes: Vec<String> = sql::column(
        on,
        "SELECT permission FROM role_permission WHERE role = $1",
        values![role],
    )
    .await?;
    Ok(known(&codes))
}

fn known(codes: &[String]) -> BTreeSet<Permission> {
    codes
        .iter()
        .filter_map(|code| Permission::from_code(code))
        .collect()
}

/// Holds what these people ordered and may not delete any more, in the transaction that takes the right from them:
/// everybody of whom `check` would now refuse [`Permission::DeleteLeads`]. How many are held.
pub async fn hold_withdrawn(writing: &Writing<'_>) -> Result<Settled> {
    let rest = Query::new(concat!(
        " WHERE o.state = 'waiting' AND ",
        right_withdrawn!()
    ));
    claim::claim(writing, Becomes::RIGHTS_WITHDRAWN, &rest, None).await?;
    claim::settle(writing, None).await
}
