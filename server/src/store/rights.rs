//! Rights as they stand inside a transaction: a right that was granted when the request came may be gone by now.

use domain::audit::{Act, ActorRef};
use domain::member::MemberId;
use domain::permission::Permission;
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use super::claim::{self, Becomes, Settled};
use super::query::Query;
use super::sql::{self, values};
use super::{Writing, batch, number};

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

/// Holds what these people ordered and may not delete any more, in the transaction that takes the right from them:
/// everybody of whom `check` would now refuse [`Permission::DeleteLeads`]. How many are held.
pub async fn hold_withdrawn(writing: &Writing<'_>) -> Result<Settled> {
    let rest = Query::new(
        " WHERE o.state = 'waiting' AND o.confirmed_by IS NULL AND NOT EXISTS (\
         SELECT 1 FROM member m JOIN role_permission p ON p.role = m.role \
         WHERE m.id = r.member AND m.active = 1 AND p.permission = 'delete-leads')",
    );
    claim::claim(writing, Becomes::RIGHTS_WITHDRAWN, &rest, None).await?;
    claim::settle(writing, None).await
}

/// Deactivates a member: they are signed out, and what they ordered and still waits is held for a Layer Admin.
pub async fn deactivate(writing: Writing<'_>, member: MemberId, by: ActorRef) -> Result<()> {
    sql::execute(
        writing.tx(),
        "UPDATE member SET active = 0 WHERE id = $1",
        values![member.0],
    )
    .await?;
    sql::execute(
        writing.tx(),
        "DELETE FROM session WHERE member = $1",
        values![member.0],
    )
    .await?;
    let held = hold_withdrawn(&writing).await?;
    let mut facts = vec![number("member", member.0), number("active", 0)];
    facts.extend(batch::facts(&writing, held).await?);
    writing.commit(by, Act::MemberChanged, facts).await?;
    Ok(())
}
