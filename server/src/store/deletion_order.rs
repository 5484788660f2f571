//! Deletion orders: their pages, and Undo.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef};
use domain::deletion::{ClosedState, OpenState};
use domain::deletion_order::{
    ORDER_ROWS, OrderId, OrderNumbers, OrderPage, OrderRow, OrderSummary, Undone,
};
use domain::draft::LeftOut;
use domain::lead::LeadId;
use domain::permission::{Actor, DeleteLeads, Granted, Permission, QueueScope, SeeQueue};
use domain::ports::DeletionOrders;
use domain::time::Millis;
use domain::{Error, Result, text};
use sea_orm::{ConnectionTrait, QueryResult};

use super::claim::{self, Becomes};
use super::query::Query;
use super::sql::{self, internal, values};
use super::times::Times;
use super::{Store, batch, fact, scope};
use crate::database::Priority;

/// What [`summary`] reads, of `deletion_order r`.
const COLUMNS: &str = "r.id, r.at, r.member, m.name AS by_name, s.label, r.waiting, r.held, r.failed, r.erased, r.skipped, r.removed \
     FROM deletion_order r JOIN member m ON m.id = r.member JOIN reason s ON s.code = r.reason";

/// The entry of the act that made the order.
const SEQUENCE: &str = "(SELECT e.sequence FROM audit_entry e WHERE e.act = r.act)";

#[async_trait]
impl DeletionOrders for Store {
    async fn order(&self, by: Granted<SeeQueue>, order: OrderId) -> Result<OrderPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let key = order.0.as_bytes().to_vec();
        let found = sql::row(
            &on,
            &format!(
                "SELECT w.name AS work_stack, r.urgent, r.puts_back, r.left_out, {SEQUENCE} AS sequence, {COLUMNS} \
                 LEFT JOIN work_stack w ON w.id = r.work_stack WHERE r.id = $1"
            ),
            values![key.clone()],
        )
        .await?
        .ok_or_else(|| Error::not_found("deletion order"))?;
        let member: i64 = sql::get(&found, "member")?;
        let scope = by.actor().queue_scope();
        let own = member == by.member().0;
        if !own && !matches!(scope, Some(QueueScope::Everything | QueueScope::References)) {
            return Err(Error::not_found("deletion order"));
        }
        let summary = summary(&found, &times)?;
        let due: Option<i64> = sql::value::<Option<i64>, _>(
            &on,
            "SELECT MIN(due_at) FROM open_deletion WHERE deletion_order = $1 AND state = 'waiting'",
            values![key.clone()],
        )
        .await?
        .flatten();
        let left_out: Vec<LeftOut> =
            serde_json::from_str(&sql::get::<String>(&found, "left_out")?).unwrap_or_default();
        let names = scope == Some(QueueScope::Everything) || own;
        let rows = rows(&on, &key, by.actor(), names, &times).await?;
        let page = OrderPage {
            details: details(&on, order).await?,
            work_stack: sql::get(&found, "work_stack")?,
            urgent: sql::get::<i64>(&found, "urgent")? == 1,
            puts_back: id(sql::get(&found, "puts_back")?)?,
            put_back_by: id(sql::value(
                &on,
                "SELECT id FROM deletion_order WHERE puts_back = $1 ORDER BY id DESC LIMIT 1",
                values![key],
            )
            .await?)?,
            left_out: left_out
                .iter()
                .filter(|l| l.count > 0)
                .map(|l| format!("{} {}", text::number(l.count), l.cause.words()))
                .collect(),
            leaves: due.map(|due| format!("Leaves {}", times.leaves(Millis(due)).words())),
            may_undo: own && summary.numbers.waiting > 0 && by.actor().may(Permission::DeleteLeads),
            more: summary
                .numbers
                .confirmed()
                .saturating_sub(rows.len() as u64),
            rows,
            audit_sequence: sql::get::<Option<i64>>(&found, "sequence")?.unwrap_or(0),
            summary,
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn my_orders(&self, by: Granted<DeleteLeads>) -> Result<Vec<OrderSummary>> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let found = sql::rows(
            &on,
            &format!(
                "SELECT {COLUMNS} WHERE r.member = $1 ORDER BY r.at DESC, r.id DESC LIMIT 100"
            ),
            values![by.member().0],
        )
        .await?;
        found.iter().map(|row| summary(row, &times)).collect()
    }

    async fn undo(&self, by: Granted<DeleteLeads>, order: OrderId) -> Result<Undone> {
        let writing = self.begin(Priority::Person).await?;
        super::rights::check(writing.tx(), by.member(), Permission::DeleteLeads).await?;
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
        let mut facts = vec![fact("order", domain::audit::Fact::Id(order.0))];
        facts.extend(batch::facts(&writing, settled).await?);
        writing
            .commit(ActorRef::Member(by.member()), Act::Undone, facts)
            .await?;
        Ok(Undone::new(
            u64::try_from(settled.removed).unwrap_or(0),
            left,
        ))
    }
}

fn summary(row: &QueryResult, times: &Times) -> Result<OrderSummary> {
    let number = |column: &str| -> Result<u64> {
        Ok(u64::try_from(sql::get::<i64>(row, column)?).unwrap_or(0))
    };
    Ok(OrderSummary {
        id: OrderId(sql::uuid(sql::get(row, "id")?)?),
        by: sql::get(row, "by_name")?,
        at: times.moment(sql::get(row, "at")?),
        reason: sql::get(row, "label")?,
        numbers: OrderNumbers {
            waiting: number("waiting")?,
            held: number("held")?,
            failed: number("failed")?,
            erased: number("erased")?,
            skipped: number("skipped")?,
            removed: number("removed")?,
        },
    })
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

/// The first rows of an order: open ones, then closed ones, by their numbers.
async fn rows<C: ConnectionTrait>(
    on: &C,
    order: &[u8],
    by: &Actor,
    names: bool,
    times: &Times,
) -> Result<Vec<OrderRow>> {
    let open: Vec<(i64, String, String, String, i64)> = sql::tuples(
        on,
        "SELECT o.lead, l.name, o.state, o.cause, o.due_at FROM open_deletion o JOIN lead l ON l.id = o.lead \
         WHERE o.deletion_order = $1 ORDER BY o.lead LIMIT $2",
        values![order.to_vec(), i64::from(ORDER_ROWS)],
    )
    .await?;
    let mut rows: Vec<OrderRow> = open
        .into_iter()
        .map(|(lead, name, state, cause, due)| OrderRow {
            lead: LeadId(lead),
            name: names.then_some(name),
            state: open_words(OpenState::from_codes(&state, &cause), Millis(due), times),
        })
        .collect();
    // A lead that is queued no more is a lead like any other: its name is for who has it in a work stack.
    let mut query = Query::new(
        "SELECT d.lead, l.name, d.state, d.cause, d.at, m.name AS by_name FROM deletion d \
         LEFT JOIN member m ON m.id = d.member LEFT JOIN lead l ON l.id = d.lead",
    );
    scope::seen(&mut query, &scope::stacks(on, by.member).await?, times.now);
    query
        .add(" WHERE d.deletion_order = ")
        .bind(order.to_vec())
        .add(" ORDER BY d.id LIMIT ")
        .bind(i64::from(ORDER_ROWS) - rows.len() as i64);
    let found = query.rows(on).await?;
    let closed: Vec<(i64, Option<String>, String, String, i64, Option<String>)> = found
        .iter()
        .map(|row| row.try_get_many_by_index().map_err(internal))
        .collect::<Result<_>>()?;
    rows.extend(
        closed
            .into_iter()
            .map(|(lead, name, state, cause, at, by)| OrderRow {
                lead: LeadId(lead),
                name: name.filter(|_| names),
                state: ClosedState::from_codes(&state, &cause).words(
                    &by.unwrap_or_else(|| "the Deletion Queue".into()),
                    &times.moment(at),
                ),
            }),
    );
    Ok(rows)
}

/// What the page says of an open deletion.
pub fn open_words(state: OpenState, due: Millis, times: &Times) -> String {
    match state {
        OpenState::Waiting => format!("Leaves {}", times.leaves(due).words()),
        OpenState::Held(hold) => format!("On hold: {}", hold.words()),
        OpenState::Failed(code) => format!("Failed: {}", code.words()),
    }
}
