//! Deletion orders: their pages, and who sees them.

use async_trait::async_trait;
use domain::deletion::{ClosedState, OpenState};
use domain::deletion_order::{
    Alike, ORDERS, OrderId, OrderNumbers, OrderPage, OrderPart, OrderRows, OrderSummary,
    OrdersPage, Undone, sentences,
};
use domain::draft::LeftOut;
use domain::permission::{
    Actor, DeleteLeads, Granted, Permission, QueueScope, RedactDetails, SeeQueue,
};
use domain::ports::DeletionOrders;
use domain::time::Millis;
use domain::{Error, Result};
use sea_orm::{ConnectionTrait, QueryResult};

use super::query::Query;
use super::sql::{self, internal, values};
use super::times::Times;
use super::{Store, ask_first, order_row, order_text, removal, undo};

/// What [`summaries`] reads, of `deletion_order r`.
const COLUMNS: &str = "r.id, r.at, r.member, m.name AS by_name, s.label, r.left_out, r.undo_until, \
     r.waiting, r.held, r.failed, r.erased, r.skipped, r.removed, r.urgent, COALESCE(w.name, fw.name) AS work_stack, \
     (SELECT b.id FROM deletion_order b WHERE b.puts_back = r.id AND r.removed > 0 ORDER BY b.id DESC LIMIT 1) AS put_back_by \
     FROM deletion_order r JOIN member m ON m.id = r.member JOIN reason s ON s.code = r.reason \
     LEFT JOIN work_stack w ON w.id = r.work_stack LEFT JOIN former_work_stack fw ON fw.id = r.former_work_stack";

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
                "SELECT r.puts_back, a.name AS asked_by, r.asked_by AS asker, {SEQUENCE} AS sequence, {COLUMNS} \
                 LEFT JOIN member a ON a.id = r.asked_by WHERE r.id = $1"
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
        let rows = order_row::rows(&on, &key, by.actor(), names, part, 0, &times).await?;
        let typed = order_text::typed(&on, order, &times).await?;
        let found = &found[0];
        let page = OrderPage {
            details: typed.details,
            puts_back: id(sql::get(found, "puts_back")?)?,
            removals: match summary.numbers.removed {
                0 => Vec::new(),
                _ => removal::of_order(&on, by.actor(), key, &times).await?,
            },
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
        let rows = order_row::rows(&on, &key, by.actor(), names, part, after, &times).await?;
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
        undo::undo(self, by, order).await
    }

    async fn redact_details(&self, by: Granted<RedactDetails>, order: OrderId) -> Result<()> {
        order_text::redact(self, by, order).await
    }
}

/// Whether this person sees the names of an order's leads; 404 where they don't see the order. An order is its member's,
/// and theirs who asked first: they picked its leads.
pub fn names(actor: &Actor, (member, asker): (i64, Option<i64>)) -> Result<bool> {
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
pub async fn whose<C: ConnectionTrait>(on: &C, order: OrderId) -> Result<(i64, Option<i64>)> {
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
        let put_back_by = id(sql::get(row, "put_back_by")?)?;
        Ok(OrderSummary {
            id: OrderId(sql::uuid(key)?),
            by: sql::get(row, "by_name")?,
            at: times.moment(sql::get(row, "at")?),
            reason: sql::get(row, "label")?,
            numbers,
            // Of a lead that is tried again its row says more.
            leaves: waits.then(|| format!("Leaves {}", times.leaves(due).words())),
            sentences: sentences(&left_out, &alike, put_back_by.is_some()),
            put_back_by,
            work_stack: sql::get(row, "work_stack")?,
            urgent: sql::get::<i64>(row, "urgent")? == 1,
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
            "SELECT f.deletion_order, f.state, COALESCE(u.kind, f.cause) AS cause, \
             CASE WHEN f.state = 'removed' THEN m.name END AS who, CAST(SUM(f.n) AS BIGINT) AS n FROM (\
               SELECT d.deletion_order, d.state, d.cause, d.act, d.member, COUNT(*) AS n \
               FROM deletion d WHERE d.state IN ('skipped', 'removed') AND d.deletion_order IN (",
        );
        query.bind_all(kept).add(
            ") GROUP BY d.deletion_order, d.state, d.cause, d.act, d.member) f \
             LEFT JOIN audit_entry u ON u.act = f.act AND u.kind = 'undone' LEFT JOIN member m ON m.id = f.member \
             GROUP BY 1, 2, 3, 4 ORDER BY n DESC, 3",
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
