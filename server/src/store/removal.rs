//! Remove Deletions: open deletions off the queue, and who took them.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact, decode_facts};
use domain::deletion_order::{MOST_REMOVALS, OrderId, OrderRemoval};
use domain::draft::Confirmed;
use domain::member::MemberId;
use domain::permission::{Actor, Granted, Permission, QueueScope, RedactDetails, RemoveDeletions};
use domain::ports::Removals;
use domain::removal::{Removal, RemovalGroup, RemovalId, RemovalPreview, Removed};
use domain::time::Millis;
use domain::{Error, Result, text};
use sea_orm::ConnectionTrait;

use super::claim::{self, Becomes};
use super::query::Query;
use super::sql::{self, values};
use super::times::Times;
use super::{Store, audit, batch, deletion_order, fact, filter, order_text, put_back, rights};
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
        put_back::undo(self, by, removal).await
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
        let of = fact("order", Fact::Id(order.0));
        let note: [(&[u8], &str); 1] = [(removal.0.as_bytes(), "note")];
        audit::redact(self, writing, by.member(), of, &note).await?;
        Ok(())
    }
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
        // Undone, its leads are ordered deleted anew: that wants the right to delete too.
        let own = member == Some(reader.member.0)
            && reader.may(Permission::RemoveDeletions)
            && reader.may(Permission::DeleteLeads);
        let took = if own { taken(on, &act).await? } else { 0 };
        let may_undo = own && put_back::is_possible(on, &act, took).await?;
        removals.push(OrderRemoval {
            what: format!(
                "{}, {}, {}",
                text::number(u64::try_from(n).unwrap_or(0)),
                name.unwrap_or_default(),
                times.moment(at)
            ),
            may_undo,
            of_others: may_undo && took > n,
            may_redact: text.is_some() && reader.may(Permission::RedactDetails),
            note: text.unwrap_or_else(|| {
                order_text::redacted(redacted_by, redacted_at.unwrap_or(at), times)
            }),
            removal: RemovalId(sql::uuid(act)?),
        });
    }
    Ok(removals)
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
