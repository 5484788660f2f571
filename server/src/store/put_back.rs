//! A removal is undone: what it took off the queue is ordered again, under new orders.

use domain::audit::{Act, ActorRef, Fact, PUTS_BACK, decode_facts};
use domain::deletion_order::OrderId;
use domain::draft::{self, Confirmed, Leaves, LeftOut, LeftOutCause};
use domain::member::MemberId;
use domain::permission::{Granted, Permission, RemoveDeletions};
use domain::reason::Reason;
use domain::removal::RemovalId;
use domain::time::Millis;
use domain::{Error, Result};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::confirmation::{NewOrder, insert_order_as};
use super::duplicate::kept_lead_lost;
use super::query::Query;
use super::sql::{self, values};
use super::times::Times;
use super::{Store, Writing, fact, lock, number, rights};
use crate::database::Priority;

/// Puts back, by the person who removed it, what of a removal still can be.
pub async fn undo(
    store: &Store,
    by: Granted<RemoveDeletions>,
    removal: RemovalId,
) -> Result<Confirmed> {
    let writing = store.begin(Priority::Person).await?;
    rights::check(writing.tx(), by.member(), Permission::RemoveDeletions).await?;
    // It orders deletions anew, in this person's name.
    rights::check(writing.tx(), by.member(), Permission::DeleteLeads).await?;
    let act = removal.0.as_bytes().to_vec();
    let own: Option<i64> = sql::value(
        writing.tx(),
        "SELECT COUNT(*) FROM audit_entry WHERE act = $1 AND kind = 'removed' AND actor_member = $2",
        values![act.clone(), by.member().0],
    )
    .await?;
    if own != Some(1) {
        return Err(Error::not_found("removal"));
    }
    let mut removed = Query::new("SELECT lead FROM deletion WHERE state = 'removed' AND act = ");
    removed
        .bind(act.clone())
        .add(" UNION ALL SELECT kept_lead FROM deletion WHERE kept_lead IS NOT NULL AND state = 'removed' AND act = ")
        .bind(act.clone());
    lock::leads(&writing, &removed).await?;
    let times = store.times(writing.tx()).await?;
    if let Some(undone) = undone(writing.tx(), &act).await? {
        return again(writing.tx(), &act, &undone, &times).await;
    }
    let orders: Vec<(Vec<u8>, String, i64, i64, Option<i64>)> = sql::tuples(
        writing.tx(),
        "SELECT d.deletion_order, r.reason, r.must_be_carried_out, COUNT(*), r.work_stack FROM deletion d \
         JOIN deletion_order r ON r.id = d.deletion_order WHERE d.act = $1 AND d.state = 'removed' \
         GROUP BY d.deletion_order, r.reason, r.must_be_carried_out, r.work_stack ORDER BY d.deletion_order",
        values![act.clone()],
    )
    .await?;
    let (mut back, mut out, mut facts, mut first) = (0_u64, 0_u64, Vec::new(), None);
    for (place, (order, reason, must, count, work_stack)) in orders.into_iter().enumerate() {
        // The act's own id is the first order's; the others have one each.
        let id = if place == 0 {
            writing.act
        } else {
            Uuid::now_v7()
        };
        let puts_back = fact(PUTS_BACK, Fact::Id(sql::uuid(order.clone())?));
        let old = PutBack {
            act: &act,
            order,
            removed: u64::try_from(count).unwrap_or(0),
            must: must == 1,
            work_stack,
            reason,
        };
        let flagged = put_back(&writing, by.member(), id, &old, times.undo_time.millis()).await?;
        out += old.removed.saturating_sub(flagged);
        if flagged > 0 {
            back += flagged;
            first.get_or_insert(OrderId(id));
            facts.extend([fact("order", Fact::Id(id)), puts_back]);
        }
    }
    let Some(order) = first else {
        return Err(Error::Conflict(
            "Nothing of this removal can be put back: its leads are in the queue again, changed, or are gone.".into(),
        ));
    };
    writing.add_stat("waiting", back as i64).await?;
    facts.push(fact("removal", Fact::Id(removal.0)));
    facts.push(number("leads", back));
    writing
        .commit(ActorRef::Member(by.member()), Act::PutBack, facts)
        .await?;
    Ok(confirmed(order, back, out, &times.leaves_if_ordered_now()))
}

/// So many rows of a removal are looked through for one that can be put back.
const LOOKED_AT: i64 = 1_000;

/// Whether nobody undid a removal that took so many, and something of it can be put back. Of one that took more nobody
/// looks them through: whoever undoes it is told if there is none.
pub async fn is_possible<C: ConnectionTrait>(on: &C, removal: &[u8], took: i64) -> Result<bool> {
    if undone(on, removal).await?.is_some() {
        return Ok(false);
    }
    if took > LOOKED_AT {
        return Ok(true);
    }
    let free: Option<i64> = sql::value(
        on,
        &format!("SELECT d.lead{TAKEN}{FREE} LIMIT 1"),
        values![removal.to_vec()],
    )
    .await?;
    Ok(free.is_some())
}

/// So many are back, so many of the removal's stay out.
fn confirmed(order: OrderId, back: u64, out: u64, leaves: &Leaves) -> Confirmed {
    let left_out: Vec<LeftOut> = (out > 0)
        .then_some(LeftOut {
            cause: LeftOutCause::Changed,
            count: out,
        })
        .into_iter()
        .collect();
    Confirmed {
        order,
        deleted: back,
        message: draft::message(back, &left_out, leaves),
        left_out,
    }
}

/// How a removal was undone.
struct Undone {
    act: Uuid,
    back: u64,
}

/// The act that undid this removal, if one did. People undo few removals, and only entries after it are looked at.
async fn undone<C: ConnectionTrait>(on: &C, removal: &[u8]) -> Result<Option<Undone>> {
    let acts: Vec<(Vec<u8>, Vec<u8>)> = sql::tuples(
        on,
        "SELECT act, facts FROM audit_entry WHERE kind = $2 \
         AND sequence > (SELECT sequence FROM audit_entry WHERE act = $1) ORDER BY sequence",
        values![removal.to_vec(), Act::PutBack.code()],
    )
    .await?;
    let removal = sql::uuid(removal.to_vec())?;
    for (act, facts) in acts {
        let facts = decode_facts(&facts).unwrap_or_default();
        let is = |(name, fact): &(String, Fact)| name == "removal" && *fact == Fact::Id(removal);
        if !facts.iter().any(is) {
            continue;
        }
        let back = facts.iter().find_map(|(name, fact)| match fact {
            Fact::Number(leads) if name == "leads" => u64::try_from(*leads).ok(),
            _ => None,
        });
        return Ok(Some(Undone {
            act: sql::uuid(act)?,
            back: back.unwrap_or(0),
        }));
    }
    Ok(None)
}

/// The answer that undoing it gave.
async fn again<C: ConnectionTrait>(
    on: &C,
    removal: &[u8],
    undone: &Undone,
    times: &Times,
) -> Result<Confirmed> {
    let first: Option<(Vec<u8>, i64)> = sql::tuple(
        on,
        "SELECT id, undo_until FROM deletion_order WHERE act = $1 ORDER BY puts_back LIMIT 1",
        values![undone.act.as_bytes().to_vec()],
    )
    .await?;
    let (order, due) = first.ok_or_else(|| Error::not_found("removal"))?;
    let removed: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM deletion WHERE act = $1 AND state = 'removed'",
        values![removal.to_vec()],
    )
    .await?;
    let removed = u64::try_from(removed.unwrap_or(0)).unwrap_or(0);
    Ok(confirmed(
        OrderId(sql::uuid(order)?),
        undone.back,
        removed.saturating_sub(undone.back),
        &times.leaves(Millis(due)),
    ))
}

/// What a removal took of one order.
struct PutBack<'a> {
    act: &'a [u8],
    order: Vec<u8>,
    removed: u64,
    reason: String,
    must: bool,
    work_stack: Option<i64>,
}

/// What of the removal `$1` may be put back: leads that are there and, unless the reason must be carried out, unchanged and
/// no copies that lost their kept lead.
const TAKEN: &str = concat!(
    " FROM deletion d JOIN lead l ON l.id = d.lead JOIN deletion_order r ON r.id = d.deletion_order \
     WHERE d.act = $1 AND d.state = 'removed' \
     AND (r.must_be_carried_out = 1 OR (l.revision = d.revision AND NOT ",
    kept_lead_lost!("d"),
    "))"
);

/// And has no open deletion.
const FREE: &str = " AND NOT EXISTS (SELECT 1 FROM open_deletion o WHERE o.lead = d.lead)";

/// A new order for what of a removal's part can be put back.
async fn put_back(
    writing: &Writing<'_>,
    by: MemberId,
    id: Uuid,
    old: &PutBack<'_>,
    undo_millis: i64,
) -> Result<u64> {
    let count: i64 = sql::value(
        writing.tx(),
        &format!("SELECT COUNT(*){TAKEN}{FREE} AND d.deletion_order = $2"),
        values![old.act.to_vec(), old.order.clone()],
    )
    .await?
    .unwrap_or(0);
    if count == 0 {
        return Ok(0);
    }
    let flagged = u64::try_from(count).unwrap_or(0);
    let left_out: Vec<LeftOut> = old
        .removed
        .checked_sub(flagged)
        .filter(|out| *out > 0)
        .map(|count| LeftOut {
            cause: LeftOutCause::Changed,
            count,
        })
        .into_iter()
        .collect();
    // The same reason, also where the list no longer offers it.
    let reason = Reason {
        code: old.reason.clone(),
        label: String::new(),
        details_demanded: false,
        must_be_carried_out: old.must,
        sentence: None,
        offered: true,
    };
    let order = NewOrder {
        by: by.0,
        asked_by: None,
        reason: &reason,
        work_stack: old.work_stack,
        urgent: false,
        puts_back: Some(old.order.clone()),
        left_out: serde_json::to_string(&left_out).unwrap_or_default(),
        undo_until: writing.now.plus(undo_millis).0,
        confirmed: flagged,
    };
    insert_order_as(writing, id, &order).await?;
    // From a stack that is deleted: it keeps that one's name too.
    sql::execute(
        writing.tx(),
        "UPDATE deletion_order SET former_work_stack = (SELECT o.former_work_stack FROM deletion_order o WHERE o.id = $2) \
         WHERE id = $1",
        values![id.as_bytes().to_vec(), old.order.clone()],
    )
    .await?;
    sql::execute(
        writing.tx(),
        &format!(
            "INSERT INTO open_deletion (lead, deletion_order, ordered_at, revision, kept_lead, due_at) \
             SELECT d.lead, $3, $4, d.revision, d.kept_lead, $5{TAKEN} AND d.deletion_order = $2 \
             ORDER BY d.lead ON CONFLICT (lead) DO NOTHING"
        ),
        values![
            old.act.to_vec(),
            old.order.clone(),
            id.as_bytes().to_vec(),
            writing.now.0,
            writing.now.plus(undo_millis).0
        ],
    )
    .await
}
