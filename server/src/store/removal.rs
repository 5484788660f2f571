//! Remove Deletions: open deletions off the queue, and back again.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact, PUTS_BACK, decode_facts};
use domain::deletion_order::{MOST_REMOVALS, OrderId, OrderRemoval};
use domain::draft::{self, Confirmed, Leaves, LeftOut, LeftOutCause};
use domain::member::MemberId;
use domain::permission::{Actor, Granted, Permission, QueueScope, RedactDetails, RemoveDeletions};
use domain::ports::Removals;
use domain::reason::Reason;
use domain::removal::{Removal, RemovalGroup, RemovalId, RemovalPreview, Removed};
use domain::time::Millis;
use domain::{Error, Result, text};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::claim::{self, Becomes};
use super::confirmation::{NewOrder, insert_order_as};
use super::duplicate::kept_lead_lost;
use super::query::Query;
use super::sql::{self, values};
use super::times::Times;
use super::{
    Store, Writing, audit, batch, deletion_order, fact, filter, lock, number, order_text, rights,
};
use crate::database::Priority;

/// More groups of a reason and a person than a dialog ever shows.
const MOST_GROUPS: usize = 2_000;

#[async_trait]
impl Removals for Store {
    async fn removal_preview(
        &self,
        by: Granted<RemoveDeletions>,
        search: String,
    ) -> Result<RemovalPreview> {
        let mut query = Query::new(
            "SELECT r.reason, s.label, r.member, m.name, COUNT(*) AS count, MAX(o.ordered_at) AS newest, \
             r.must_be_carried_out FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order JOIN reason s ON s.code = r.reason \
             JOIN member m ON m.id = r.member JOIN lead l ON l.id = o.lead WHERE 1 = 1",
        );
        filter::search(&mut query, &search);
        shown(&mut query, by.actor())?;
        query.add(
            " GROUP BY r.reason, s.label, r.member, m.name, r.must_be_carried_out ORDER BY count DESC, s.label, m.name",
        );
        let groups = query.rows(self.reader()).await?;
        let group = |row: &sea_orm::QueryResult| -> Result<RemovalGroup> {
            Ok(RemovalGroup {
                reason: sql::get(row, "reason")?,
                label: sql::get(row, "label")?,
                member: MemberId(sql::get(row, "member")?),
                by: sql::get(row, "name")?,
                count: u64::try_from(sql::get::<i64>(row, "count")?).unwrap_or(0),
                newest: Millis(sql::get(row, "newest")?),
                must_be_carried_out: sql::get::<i64>(row, "must_be_carried_out")? == 1,
            })
        };
        Ok(RemovalPreview {
            groups: groups.iter().map(group).collect::<Result<_>>()?,
        })
    }

    async fn remove(&self, by: Granted<RemoveDeletions>, removal: Removal) -> Result<Removed> {
        let note = removal.check()?;
        if removal.groups.len() > MOST_GROUPS {
            return Err(Error::field(
                "Selection",
                "These are too many groups. Reload the page and try again.",
            ));
        }
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RemoveDeletions).await?;
        let mut rest = Query::new(" WHERE (r.reason, r.member, r.must_be_carried_out) IN (VALUES ");
        for (place, group) in removal.groups.iter().enumerate() {
            rest.add(if place == 0 { "(" } else { ", (" })
                .bind(group.reason.as_str())
                .add(", ")
                .bind(group.member.0)
                .add(", ")
                .bind(i64::from(group.must_be_carried_out))
                .add(")");
        }
        rest.add(") AND o.ordered_at <= ").bind(removal.newest().0);
        filter::search(&mut rest, &removal.search);
        shown(&mut rest, by.actor())?;
        let id = RemovalId(writing.act);
        let claimed = claim::claim(&writing, Becomes::REMOVED, &rest, None).await?;
        if claimed == 0 {
            return Ok(Removed::new(id, 0));
        }
        if claimed > removal.shown() {
            return Err(Error::Conflict(format!(
                "The queue has grown since you looked: {} would be removed now. Close this and look again; nothing was removed.",
                text::count(claimed, "deletion", "deletions")
            )));
        }
        let settled = claim::settle(&writing, Some(by.member())).await?;
        let mut facts = batch::facts(&writing, settled).await?;
        facts.push(audit::keep_text(writing.tx(), writing.act, "note", &note).await?);
        writing
            .commit(ActorRef::Member(by.member()), Act::Removed, facts)
            .await?;
        Ok(Removed::new(
            id,
            u64::try_from(settled.removed).unwrap_or(0),
        ))
    }

    async fn undo_removal(
        &self,
        by: Granted<RemoveDeletions>,
        removal: RemovalId,
    ) -> Result<Confirmed> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RemoveDeletions).await?;
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
        let mut removed =
            Query::new("SELECT lead FROM deletion WHERE state = 'removed' AND act = ");
        removed
            .bind(act.clone())
            .add(" UNION ALL SELECT kept_lead FROM deletion WHERE kept_lead IS NOT NULL AND state = 'removed' AND act = ")
            .bind(act.clone());
        lock::leads(&writing, &removed).await?;
        let times = self.times(writing.tx()).await?;
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
            let flagged =
                put_back(&writing, by.member(), id, &old, times.undo_time.millis()).await?;
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

    async fn redact_removal(
        &self,
        by: Granted<RedactDetails>,
        order: OrderId,
        removal: RemovalId,
    ) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        rights::check(tx, by.member(), Permission::RedactDetails).await?;
        let (member, asker) = deletion_order::whose(tx, order).await?;
        let took: Option<i64> = sql::value(
            tx,
            "SELECT id FROM deletion WHERE act = $1 AND deletion_order = $2 AND state = 'removed' LIMIT 1",
            values![
                removal.0.as_bytes().to_vec(),
                order.0.as_bytes().to_vec()
            ],
        )
        .await?;
        if took.is_none() || !deletion_order::sees(by.actor(), member, asker) {
            return Err(Error::not_found("removal"));
        }
        let redacted =
            audit::black_out(&writing, by.member(), &[(removal.0.as_bytes(), "note")]).await?;
        if redacted.is_empty() {
            return Ok(());
        }
        let mut facts = vec![fact("order", Fact::Id(order.0))];
        facts.extend(redacted);
        writing
            .commit(ActorRef::Member(by.member()), Act::DetailsRedacted, facts)
            .await?;
        self.scrub_soon();
        Ok(())
    }
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

/// Who took deletions of this order off the queue, each with what was typed for the log. Undo asks for no words.
pub async fn of_order<C: ConnectionTrait>(
    on: &C,
    reader: &Actor,
    order: Vec<u8>,
    times: &Times,
) -> Result<Vec<OrderRemoval>> {
    type Row = (
        Vec<u8>,
        i64,
        i64,
        Option<i64>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<i64>,
    );
    let found: Vec<Row> = sql::tuples(
        on,
        "SELECT f.act, f.n, f.at, f.member, m.name, t.text, b.name, t.redacted_at FROM \
           (SELECT act, member, COUNT(*) AS n, MIN(at) AS at FROM deletion \
            WHERE deletion_order = $1 AND state = 'removed' GROUP BY act, member) f \
         JOIN audit_text t ON t.act = f.act AND t.name = 'note' \
         LEFT JOIN member m ON m.id = f.member LEFT JOIN member b ON b.id = t.redacted_by \
         ORDER BY f.at LIMIT $2",
        values![order, i64::from(MOST_REMOVALS)],
    )
    .await?;
    let mut removals = Vec::new();
    for (act, n, at, member, name, text, redacted_by, redacted_at) in found {
        let own = member == Some(reader.member.0) && reader.may(Permission::RemoveDeletions);
        let may_undo = own && can_be_undone(on, &act).await?;
        removals.push(OrderRemoval {
            what: format!(
                "{}, {}, {}",
                text::number(u64::try_from(n).unwrap_or(0)),
                name.unwrap_or_default(),
                times.moment(at)
            ),
            may_undo,
            of_others: may_undo && taken(on, &act).await? > n,
            may_redact: text.is_some() && reader.may(Permission::RedactDetails),
            note: text.unwrap_or_else(|| {
                order_text::redacted(redacted_by, redacted_at.unwrap_or(at), times)
            }),
            removal: RemovalId(sql::uuid(act)?),
        });
    }
    Ok(removals)
}

/// Whether nobody undid it, and something of it can be put back.
async fn can_be_undone<C: ConnectionTrait>(on: &C, removal: &[u8]) -> Result<bool> {
    if undone(on, removal).await?.is_some() {
        return Ok(false);
    }
    let free: Option<i64> = sql::value(
        on,
        &format!("SELECT d.lead{TAKEN} LIMIT 1"),
        values![removal.to_vec()],
    )
    .await?;
    Ok(free.is_some())
}

/// How many deletions it took, of whatever orders: as its entry says, because its rows may be a million.
async fn taken<C: ConnectionTrait>(on: &C, removal: &[u8]) -> Result<i64> {
    let facts: Option<Vec<u8>> = sql::value(
        on,
        "SELECT facts FROM audit_entry WHERE act = $1",
        values![removal.to_vec()],
    )
    .await?;
    let facts = facts
        .and_then(|facts| decode_facts(&facts))
        .unwrap_or_default();
    let taken = facts.iter().find_map(|(name, fact)| match fact {
        Fact::Number(taken) if name == "removed" => Some(*taken),
        _ => None,
    });
    Ok(taken.unwrap_or(0))
}

/// What this person's queue shows, as ` AND …`.
fn shown(query: &mut Query, actor: &Actor) -> Result<()> {
    match actor.queue_scope() {
        Some(QueueScope::Everything) => {}
        Some(QueueScope::OwnOrders) => {
            query.add(" AND r.member = ").bind(actor.member.0);
        }
        Some(QueueScope::References) | None => return Err(Error::Forbidden(Permission::SeeQueue)),
    }
    Ok(())
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

/// What of the removal `$1` can be put back: leads that are there, without an open deletion and, unless the reason must be
/// carried out, unchanged and no copies that lost their kept lead.
const TAKEN: &str = concat!(
    " FROM deletion d JOIN lead l ON l.id = d.lead JOIN deletion_order r ON r.id = d.deletion_order \
     WHERE d.act = $1 AND d.state = 'removed' \
     AND (r.must_be_carried_out = 1 OR (l.revision = d.revision AND NOT ",
    kept_lead_lost!("d"),
    ")) AND NOT EXISTS (SELECT 1 FROM open_deletion o WHERE o.lead = d.lead)"
);

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
        &format!("SELECT COUNT(*){TAKEN} AND d.deletion_order = $2"),
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
             SELECT d.lead, $3, $4, d.revision, d.kept_lead, $5{TAKEN} AND d.deletion_order = $2 ORDER BY d.lead"
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
