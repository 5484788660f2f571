//! Deletion orders: their pages, and Undo.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact, decode_facts};
use domain::deletion::{ClosedState, OpenState};
use domain::deletion_order::{
    Alike, ORDER_ROWS, ORDERS, OrderId, OrderNumbers, OrderPage, OrderPart, OrderRow, OrderRows,
    OrderSummary, OrdersPage, Undone, sentences,
};
use domain::draft::LeftOut;
use domain::lead::LeadId;
use domain::permission::{
    Actor, DeleteLeads, Granted, Permission, QueueScope, RedactDetails, SeeQueue,
};
use domain::ports::DeletionOrders;
use domain::time::Millis;
use domain::{Error, Result};
use sea_orm::{ConnectionTrait, QueryResult};

use super::claim::{self, Becomes};
use super::query::Query;
use super::sql::{self, internal, values};
use super::times::Times;
use super::{Store, ask_first, batch, fact, rights, scope};
use crate::database::Priority;

/// What [`summaries`] reads, of `deletion_order r`.
const COLUMNS: &str = "r.id, r.at, r.member, m.name AS by_name, s.label, r.left_out, r.undo_until, \
     r.waiting, r.held, r.failed, r.erased, r.skipped, r.removed \
     FROM deletion_order r JOIN member m ON m.id = r.member JOIN reason s ON s.code = r.reason";

/// The entry of the act that made the order.
const SEQUENCE: &str = "(SELECT e.sequence FROM audit_entry e WHERE e.act = r.act)";

#[async_trait]
impl DeletionOrders for Store {
    async fn order(
        &self,
        by: Granted<SeeQueue>,
        order: OrderId,
        part: Option<OrderPart>,
    ) -> Result<OrderPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let key = order.0.as_bytes().to_vec();
        let found = sql::row(
            &on,
            &format!(
                "SELECT COALESCE(w.name, fw.name) AS work_stack, r.urgent, r.puts_back, a.name AS asked_by, r.asked_by AS asker, {SEQUENCE} AS sequence, {COLUMNS} \
                 LEFT JOIN work_stack w ON w.id = r.work_stack \
                 LEFT JOIN former_work_stack fw ON fw.id = r.former_work_stack LEFT JOIN member a ON a.id = r.asked_by WHERE r.id = $1"
            ),
            values![key.clone()],
        )
        .await?
        .ok_or_else(|| Error::not_found("deletion order"))?;
        let whose = (sql::get(&found, "member")?, sql::get(&found, "asker")?);
        let names = names(by.actor(), whose)?;
        let found = std::slice::from_ref(&found);
        let summary = summaries(&on, found, by.actor(), &times)
            .await?
            .pop()
            .ok_or_else(|| Error::not_found("deletion order"))?;
        let part = part.unwrap_or_else(|| OrderPart::first(&summary.numbers));
        let rows = rows(&on, &key, by.actor(), names, part, 0, &times).await?;
        let typed = typed(&on, order, &times).await?;
        let found = &found[0];
        let page = OrderPage {
            details: typed.details,
            work_stack: sql::get(found, "work_stack")?,
            urgent: sql::get::<i64>(found, "urgent")? == 1,
            puts_back: id(sql::get(found, "puts_back")?)?,
            put_back_by: id(sql::value(
                &on,
                "SELECT id FROM deletion_order WHERE puts_back = $1 ORDER BY id DESC LIMIT 1",
                values![key],
            )
            .await?)?,
            asked_by: sql::get(found, "asked_by")?,
            asked_words: typed.words,
            redacted: typed.redacted,
            may_redact: typed.is_left && by.actor().may(Permission::RedactDetails),
            rows,
            audit_sequence: sql::get::<Option<i64>>(found, "sequence")?.unwrap_or(0),
            summary,
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn order_rows(
        &self,
        by: Granted<SeeQueue>,
        order: OrderId,
        part: OrderPart,
        after: i64,
    ) -> Result<OrderRows> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let names = names(by.actor(), whose(&on, order).await?)?;
        let key = order.0.as_bytes().to_vec();
        let rows = rows(&on, &key, by.actor(), names, part, after, &times).await?;
        on.commit().await.map_err(internal)?;
        Ok(rows)
    }

    async fn my_orders(
        &self,
        by: Granted<DeleteLeads>,
        after: Option<OrderId>,
    ) -> Result<OrdersPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let mut query = Query::new("SELECT ");
        query
            .add(COLUMNS)
            .add(" WHERE r.member = ")
            .bind(by.member().0);
        if let Some(after) = after {
            query
                .add(" AND (r.at, r.id) < (SELECT x.at, x.id FROM deletion_order x WHERE x.id = ")
                .bind(after.0.as_bytes().to_vec())
                .add(")");
        }
        query
            .add(" ORDER BY r.at DESC, r.id DESC LIMIT ")
            .bind(i64::from(ORDERS) + 1);
        let mut found = query.rows(&on).await?;
        let more = found.len() > ORDERS as usize;
        found.truncate(ORDERS as usize);
        let orders = summaries(&on, &found, by.actor(), &times).await?;
        let page = OrdersPage {
            next: orders.last().filter(|_| more).map(|order| order.id),
            orders,
            asked: match after {
                None => ask_first::of_member(&on, by.actor(), &times).await?,
                Some(_) => Vec::new(),
            },
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn undo(&self, by: Granted<DeleteLeads>, order: OrderId) -> Result<Undone> {
        let writing = self.begin(Priority::Person).await?;
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

    async fn redact_details(&self, by: Granted<RedactDetails>, order: OrderId) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RedactDetails).await?;
        names(by.actor(), whose(writing.tx(), order).await?)?;
        let (first, draft) = typed_under(writing.tx(), order).await?;
        let redacted = sql::execute(
            writing.tx(),
            // Without its salt: who kept the digest can't try out what the text may have been.
            "UPDATE audit_text SET text = NULL, salt = $5, redacted_by = $3, redacted_at = $4 WHERE redacted_at IS NULL \
             AND (act = $1 AND name = 'details' OR act = $2 AND name = 'words')",
            values![
                first.clone(),
                draft,
                by.member().0,
                writing.now.0,
                vec![0_u8; 16]
            ],
        )
        .await?;
        if redacted == 0 {
            let times = self.times(writing.tx()).await?;
            return match typed(writing.tx(), order, &times).await?.redacted {
                Some(_) => Ok(()),
                None => Err(Error::Conflict(
                    "There is nothing to redact: no extra details were written.".into(),
                )),
            };
        }
        // The digest of the confirmation covers the details too. An empty one answers no repeat, and lets nothing through.
        sql::execute(
            writing.tx(),
            "UPDATE draft SET body_digest = $2 WHERE ordered_as = $1",
            values![first, Vec::<u8>::new()],
        )
        .await?;
        let facts = vec![fact("order", Fact::Id(order.0))];
        writing
            .commit(ActorRef::Member(by.member()), Act::DetailsRedacted, facts)
            .await?;
        self.scrub_soon();
        Ok(())
    }
}

/// Whether this person sees the names of an order's leads; 404 where they don't see the order. An order is its member's,
/// and theirs who asked first: they picked its leads.
fn names(actor: &Actor, (member, asker): (i64, Option<i64>)) -> Result<bool> {
    let own = member == actor.member.0 || asker == Some(actor.member.0);
    match actor.queue_scope() {
        Some(QueueScope::Everything) => Ok(true),
        Some(QueueScope::References) => Ok(own),
        Some(QueueScope::OwnOrders) if own => Ok(true),
        // Another person's order and none at all answer alike.
        _ => Err(Error::not_found("deletion order")),
    }
}

/// Whether this person sees an order of that member, which that other one asked about first.
pub fn sees(actor: &Actor, member: i64, asker: Option<i64>) -> bool {
    names(actor, (member, asker)).is_ok()
}

/// Who ordered it, and who asked first.
async fn whose<C: ConnectionTrait>(on: &C, order: OrderId) -> Result<(i64, Option<i64>)> {
    sql::tuple(
        on,
        "SELECT member, asked_by FROM deletion_order WHERE id = $1",
        values![order.0.as_bytes().to_vec()],
    )
    .await?
    .ok_or_else(|| Error::not_found("deletion order"))
}

/// Orders as a list shows them, from rows with [`COLUMNS`].
async fn summaries<C: ConnectionTrait>(
    on: &C,
    found: &[QueryResult],
    reader: &Actor,
    times: &Times,
) -> Result<Vec<OrderSummary>> {
    let alike = alike(on, found).await?;
    let summary = |row: &QueryResult| -> Result<OrderSummary> {
        let key: Vec<u8> = sql::get(row, "id")?;
        let numbers = numbers(row)?;
        let waits = numbers.waiting > 0;
        let due = Millis(sql::get(row, "undo_until")?);
        let own = sql::get::<i64>(row, "member")? == reader.member.0;
        let left_out: Vec<LeftOut> =
            serde_json::from_str(&sql::get::<String>(row, "left_out")?).unwrap_or_default();
        let alike: Vec<Alike> = alike
            .iter()
            .filter(|(order, _)| *order == key)
            .map(|(_, alike)| alike.clone())
            .collect();
        Ok(OrderSummary {
            id: OrderId(sql::uuid(key)?),
            by: sql::get(row, "by_name")?,
            at: times.moment(sql::get(row, "at")?),
            reason: sql::get(row, "label")?,
            numbers,
            // Of a lead that is tried again its row says more.
            leaves: waits.then(|| format!("Leaves {}", times.leaves(due).words())),
            sentences: sentences(&left_out, &alike),
            may_undo: own && waits && reader.may(Permission::DeleteLeads),
        })
    };
    found.iter().map(summary).collect()
}

fn numbers(row: &QueryResult) -> Result<OrderNumbers> {
    let number = |column: &str| -> Result<u64> {
        Ok(u64::try_from(sql::get::<i64>(row, column)?).unwrap_or(0))
    };
    Ok(OrderNumbers {
        waiting: number("waiting")?,
        held: number("held")?,
        failed: number("failed")?,
        erased: number("erased")?,
        skipped: number("skipped")?,
        removed: number("removed")?,
    })
}

/// What of these orders isn't on its way and isn't gone, and why. Orders that went as they should aren't looked at.
async fn alike<C: ConnectionTrait>(on: &C, found: &[QueryResult]) -> Result<Vec<(Vec<u8>, Alike)>> {
    let (mut stuck, mut kept) = (Vec::new(), Vec::new());
    for row in found {
        let (key, numbers) = (sql::get::<Vec<u8>>(row, "id")?, numbers(row)?);
        if numbers.held + numbers.failed > 0 {
            stuck.push(key.clone());
        }
        if numbers.skipped + numbers.removed > 0 {
            kept.push(key);
        }
    }
    let mut all = Vec::new();
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    if !stuck.is_empty() {
        let mut query = Query::new(
            "SELECT o.deletion_order, o.state, o.cause, COUNT(*) AS n FROM open_deletion o WHERE o.state <> 'waiting' \
             AND o.deletion_order IN (",
        );
        query
            .bind_all(stuck)
            .add(") GROUP BY o.deletion_order, o.state, o.cause ORDER BY n DESC, o.cause");
        for row in query.rows(on).await? {
            let (key, state, cause, n): (Vec<u8>, String, String, i64) =
                row.try_get_many_by_index().map_err(internal)?;
            let state = OpenState::from_codes(&state, &cause);
            all.push((key, Alike::Open(state, count(n))));
        }
    }
    if !kept.is_empty() {
        let mut query = Query::new(
            "SELECT f.deletion_order, f.state, f.cause, f.who, COUNT(*) AS n FROM (\
               SELECT d.deletion_order, d.state, d.cause, CASE WHEN d.state = 'removed' THEN m.name END AS who \
               FROM deletion d LEFT JOIN member m ON m.id = d.member WHERE d.state <> 'erased' AND d.deletion_order IN (",
        );
        query.bind_all(kept).add(
            ")) f GROUP BY f.deletion_order, f.state, f.cause, f.who ORDER BY n DESC, f.cause",
        );
        for row in query.rows(on).await? {
            let (key, state, cause, who, n): (Vec<u8>, String, String, Option<String>, i64) =
                row.try_get_many_by_index().map_err(internal)?;
            let state = ClosedState::from_codes(&state, &cause);
            all.push((key, Alike::Closed(state, who, count(n))));
        }
    }
    Ok(all)
}

fn id(bytes: Option<Vec<u8>>) -> Result<Option<OrderId>> {
    bytes.map(|bytes| sql::uuid(bytes).map(OrderId)).transpose()
}

/// An order's extra details. One that puts another back has that one's.
pub async fn details<C: ConnectionTrait>(on: &C, order: OrderId) -> Result<Option<String>> {
    let text: Option<Option<String>> = sql::value(
        on,
        "WITH RECURSIVE first (id, puts_back) AS (\
           SELECT id, puts_back FROM deletion_order WHERE id = $1 \
           UNION ALL SELECT r.id, r.puts_back FROM deletion_order r JOIN first f ON r.id = f.puts_back) \
         SELECT t.text FROM first f JOIN audit_text t ON t.act = f.id AND t.name = 'details'",
        values![order.0.as_bytes().to_vec()],
    )
    .await?;
    Ok(text.flatten())
}

/// What people typed for an order.
#[derive(Default)]
struct Typed {
    details: Option<String>,
    /// What was asked first.
    words: Option<String>,
    /// "Redacted by M. Diaz, 13:42."
    redacted: Option<String>,
    /// Something of it can be read.
    is_left: bool,
}

async fn typed<C: ConnectionTrait>(on: &C, order: OrderId, times: &Times) -> Result<Typed> {
    let (first, draft) = typed_under(on, order).await?;
    let found: Vec<(String, Option<String>, Option<String>, Option<i64>)> = sql::tuples(
        on,
        "SELECT t.name, t.text, m.name, t.redacted_at FROM audit_text t LEFT JOIN member m ON m.id = t.redacted_by \
         WHERE t.act = $1 AND t.name = 'details' OR t.act = $2 AND t.name = 'words'",
        values![first, draft],
    )
    .await?;
    let mut typed = Typed::default();
    for (name, text, by, at) in found {
        typed.is_left |= text.is_some();
        if let Some(at) = at {
            let by = by.unwrap_or_else(|| "a Layer Admin".into());
            typed.redacted = Some(format!("Redacted by {by}, {}.", times.moment(at)));
        }
        if name == ask_first::WORDS {
            typed.words = text;
        } else {
            typed.details = text;
        }
    }
    Ok(typed)
}

/// The acts under which an order's texts lie: that of the order or, where it puts another back, of the first one; and the
/// asking about its draft, which the first one's entry names.
async fn typed_under<C: ConnectionTrait>(
    on: &C,
    order: OrderId,
) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
    let found: Option<(Vec<u8>, Option<Vec<u8>>)> = sql::tuple(
        on,
        "WITH RECURSIVE first (id, act, puts_back) AS (\
           SELECT id, act, puts_back FROM deletion_order WHERE id = $1 \
           UNION ALL SELECT r.id, r.act, r.puts_back FROM deletion_order r JOIN first f ON r.id = f.puts_back) \
         SELECT f.id, e.facts FROM first f LEFT JOIN audit_entry e ON e.act = f.act WHERE f.puts_back IS NULL",
        values![order.0.as_bytes().to_vec()],
    )
    .await?;
    let Some((first, facts)) = found else {
        return Ok((order.0.as_bytes().to_vec(), None));
    };
    let facts = facts
        .and_then(|facts| decode_facts(&facts))
        .unwrap_or_default();
    let draft = facts.iter().find_map(|(name, fact)| match fact {
        Fact::Id(id) if name == "draft" => Some(id.as_bytes().to_vec()),
        _ => None,
    });
    Ok((first, draft))
}

/// A page of a part of an order: open ones by their leads, closed ones by their numbers.
async fn rows<C: ConnectionTrait>(
    on: &C,
    order: &[u8],
    by: &Actor,
    names: bool,
    part: OrderPart,
    after: i64,
    times: &Times,
) -> Result<OrderRows> {
    let mut rows = if part.is_open() {
        open_rows(on, order, names, part, after, times).await?
    } else {
        closed_rows(on, order, by, names, part, after, times).await?
    };
    let more = rows.len() > ORDER_ROWS as usize;
    rows.truncate(ORDER_ROWS as usize);
    Ok(OrderRows {
        part,
        next: rows.last().filter(|_| more).map(|(place, _)| *place),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

async fn open_rows<C: ConnectionTrait>(
    on: &C,
    order: &[u8],
    names: bool,
    part: OrderPart,
    after: i64,
    times: &Times,
) -> Result<Vec<(i64, OrderRow)>> {
    let open: Vec<(i64, String, String, String, i64)> = sql::tuples(
        on,
        &format!(
            "SELECT o.lead, l.name, o.state, o.cause, o.due_at FROM open_deletion o JOIN lead l ON l.id = o.lead \
             WHERE o.deletion_order = $1 AND o.state = $2 AND o.lead > $3{} ORDER BY o.lead LIMIT $4",
            if part == OrderPart::Waiting { "" } else { " AND o.state <> 'waiting'" }
        ),
        values![order.to_vec(), part.code(), after, i64::from(ORDER_ROWS) + 1],
    )
    .await?;
    let row = |(lead, name, state, cause, due): (i64, String, String, String, i64)| {
        let state = open_words(OpenState::from_codes(&state, &cause), Millis(due), times);
        let name = names.then_some(name);
        let lead_ = LeadId(lead);
        (
            lead,
            OrderRow {
                lead: lead_,
                name,
                state,
            },
        )
    };
    Ok(open.into_iter().map(row).collect())
}

async fn closed_rows<C: ConnectionTrait>(
    on: &C,
    order: &[u8],
    by: &Actor,
    names: bool,
    part: OrderPart,
    after: i64,
    times: &Times,
) -> Result<Vec<(i64, OrderRow)>> {
    // A lead that is queued no more is a lead like any other: its name is for who has it in a work stack.
    let mut query = Query::new(
        "SELECT d.id, d.lead, l.name, d.state, d.cause, d.at, m.name AS by_name FROM deletion d \
         LEFT JOIN member m ON m.id = d.member LEFT JOIN lead l ON l.id = d.lead",
    );
    scope::seen(&mut query, &scope::stacks(on, by.member).await?, times.now);
    query
        .add(" WHERE d.deletion_order = ")
        .bind(order.to_vec())
        .add(" AND d.state = ")
        .bind(part.code());
    if part != OrderPart::Erased {
        query.add(" AND d.state <> 'erased'");
    }
    query
        .add(" AND d.id > ")
        .bind(after)
        .add(" ORDER BY d.id LIMIT ")
        .bind(i64::from(ORDER_ROWS) + 1);
    let row = |row: &QueryResult| -> Result<(i64, OrderRow)> {
        let name: Option<String> = sql::get(row, "name")?;
        let by: Option<String> = sql::get(row, "by_name")?;
        let state = ClosedState::from_codes(
            &sql::get::<String>(row, "state")?,
            &sql::get::<String>(row, "cause")?,
        );
        Ok((
            sql::get(row, "id")?,
            OrderRow {
                lead: LeadId(sql::get(row, "lead")?),
                name: name.filter(|_| names),
                state: state.words(
                    &by.unwrap_or_else(|| "the Deletion Queue".into()),
                    &times.moment(sql::get(row, "at")?),
                ),
            },
        ))
    };
    query.rows(on).await?.iter().map(row).collect()
}

/// The badge beside My deletions: what of this person's failed or is on hold, and answers they haven't looked at.
pub async fn needs<C: ConnectionTrait>(on: &C, actor: &Actor, now: Millis) -> Result<u64> {
    if !actor.may(Permission::DeleteLeads) {
        return Ok(0);
    }
    let stuck: Option<i64> = sql::value(
        on,
        "SELECT CAST(COALESCE(SUM(held + failed), 0) AS BIGINT) FROM deletion_order WHERE member = $1 AND held + failed > 0",
        values![actor.member.0],
    )
    .await?;
    let stuck = stuck.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    Ok(stuck + ask_first::new_answers(on, actor, now).await?)
}

/// What the page says of an open deletion.
pub fn open_words(state: OpenState, due: Millis, times: &Times) -> String {
    match state {
        OpenState::Waiting => format!("Leaves {}", times.leaves(due).words()),
        OpenState::Held(hold) => format!("On hold: {}", hold.words()),
        OpenState::Failed(code) => format!("Failed: {}", code.words()),
    }
}
