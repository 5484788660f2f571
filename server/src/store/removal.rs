//! Remove Deletions: open deletions off the queue, and back again.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact};
use domain::deletion_order::OrderId;
use domain::draft::{self, Confirmed, LeftOut, LeftOutCause};
use domain::member::MemberId;
use domain::permission::{Actor, Granted, Permission, QueueScope, RemoveDeletions};
use domain::ports::Removals;
use domain::reason::Reason;
use domain::removal::{Removal, RemovalGroup, RemovalId, RemovalPreview, Removed};
use domain::{Error, Result, text};
use uuid::Uuid;

use super::claim::{self, Becomes};
use super::confirmation::{NewOrder, insert_order_as};
use super::duplicate::kept_lead_lost;
use super::query::Query;
use super::sql::{self, values};
use super::{Store, Writing, audit, batch, fact, filter, number, rights};
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
            "SELECT r.reason, s.label, r.member, m.name, COUNT(*) AS count, r.must_be_carried_out \
             FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order JOIN reason s ON s.code = r.reason \
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
        rest.add(")");
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
        let times = self.times(writing.tx()).await?;
        let orders: Vec<(Vec<u8>, String, i64, i64, Option<i64>)> = sql::tuples(
            writing.tx(),
            "SELECT d.deletion_order, r.reason, r.must_be_carried_out, COUNT(*), r.work_stack FROM deletion d \
             JOIN deletion_order r ON r.id = d.deletion_order WHERE d.act = $1 AND d.state = 'removed' \
             GROUP BY d.deletion_order, r.reason, r.must_be_carried_out, r.work_stack ORDER BY d.deletion_order",
            values![act.clone()],
        )
        .await?;
        let (mut back, mut facts, mut first) = (0_u64, Vec::new(), None);
        let mut left_out: BTreeMap<LeftOutCause, u64> = BTreeMap::new();
        for (place, (order, reason, must, count, work_stack)) in orders.into_iter().enumerate() {
            // The act's own id is the first order's; the others have one each.
            let id = if place == 0 {
                writing.act
            } else {
                Uuid::now_v7()
            };
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
            let out = u64::try_from(count).unwrap_or(0).saturating_sub(flagged);
            *left_out.entry(LeftOutCause::Changed).or_default() += out;
            if flagged > 0 {
                back += flagged;
                first.get_or_insert(OrderId(id));
                facts.push(fact("order", Fact::Id(id)));
            }
        }
        let left_out: Vec<LeftOut> = left_out
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(cause, count)| LeftOut { cause, count })
            .collect();
        let message = draft::message(back, &left_out, &times.leaves_if_ordered_now());
        let Some(order) = first else {
            return Err(Error::Conflict(
                "Nothing of this removal can be put back: the leads changed or are gone.".into(),
            ));
        };
        writing.add_stat("waiting", back as i64).await?;
        facts.push(fact("removal", Fact::Id(removal.0)));
        facts.push(number("leads", back));
        writing
            .commit(ActorRef::Member(by.member()), Act::PutBack, facts)
            .await?;
        Ok(Confirmed {
            order,
            deleted: back,
            left_out,
            message,
        })
    }
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

/// A new order for what a removal took of an old one: leads that are there, without an open deletion and, unless the
/// reason must be carried out, unchanged and no copies that lost their kept lead.
async fn put_back(
    writing: &Writing<'_>,
    by: MemberId,
    id: Uuid,
    old: &PutBack<'_>,
    undo_millis: i64,
) -> Result<u64> {
    const TAKEN: &str = concat!(
        " FROM deletion d JOIN lead l ON l.id = d.lead JOIN deletion_order r ON r.id = d.deletion_order \
         WHERE d.act = $1 AND d.deletion_order = $2 AND d.state = 'removed' \
         AND (r.must_be_carried_out = 1 OR (l.revision = d.revision AND NOT ",
        kept_lead_lost!("d"),
        ")) AND NOT EXISTS (SELECT 1 FROM open_deletion o WHERE o.lead = d.lead)"
    );
    let count: i64 = sql::value(
        writing.tx(),
        &format!("SELECT COUNT(*){TAKEN}"),
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
             SELECT d.lead, $3, $4, d.revision, d.kept_lead, $5{TAKEN} ORDER BY d.lead"
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
