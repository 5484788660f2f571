//! Undo: whoever ordered a deletion takes off the queue what of it still waits.

use domain::audit::{Act, ActorRef, Fact};
use domain::deletion_order::{OrderId, Undone};
use domain::permission::{DeleteLeads, Granted, Permission};
use domain::{Error, Result};

use super::claim::{self, Becomes};
use super::query::Query;
use super::sql::{self, values};
use super::{Store, batch, fact, rights};
use crate::database::Priority;

/// Puts back what of the order waits; what is gone is counted.
pub async fn undo(store: &Store, by: Granted<DeleteLeads>, order: OrderId) -> Result<Undone> {
    let writing = store.begin(Priority::Person).await?;
    rights::check(writing.tx(), by.member(), Permission::DeleteLeads).await?;
    let key = order.0.as_bytes().to_vec();
    let found: Option<(i64, i64)> = sql::tuple(
        writing.tx(),
        "SELECT member, erased FROM deletion_order WHERE id = $1",
        values![key.clone()],
    )
    .await?;
    // Another person's order and none at all answer alike.
    let left = match found {
        Some((member, erased)) if member == by.member().0 => u64::try_from(erased).unwrap_or(0),
        _ => return Err(Error::not_found("deletion order")),
    };
    let mut rest = Query::new(" WHERE o.state = 'waiting' AND o.deletion_order = ");
    rest.bind(key);
    if claim::claim(&writing, Becomes::REMOVED, &rest, None).await? == 0 {
        return Ok(Undone::new(0, left));
    }
    let settled = claim::settle(&writing, Some(by.member())).await?;
    let mut facts = vec![fact("order", Fact::Id(order.0))];
    facts.extend(batch::facts(&writing, settled).await?);
    writing
        .commit(ActorRef::Member(by.member()), Act::Undone, facts)
        .await?;
    Ok(Undone::new(
        u64::try_from(settled.removed).unwrap_or(0),
        left,
    ))
}
