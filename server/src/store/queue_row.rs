//! The rows of the Deletion Queue: a tab of it, as this person sees it.

use domain::Result;
use domain::deletion::{ClosedState, OpenState, is_overdue};
use domain::deletion_order::OrderId;
use domain::deletion_queue::{ChangedSince, QueueRequest, QueueRow, QueueState, QueueTab};
use domain::lead::LeadId;
use domain::permission::{Actor, QueueScope};
use domain::time::{Millis, OVERDUE_AFTER};
use sea_orm::{ConnectionTrait, QueryResult};

use super::duplicate::kept_lead_lost;
use super::filter;
use super::order_row::open_words;
use super::query::Query;
use super::sql;
use super::times::Times;

/// A page has at most so many rows.
pub const PAGE: i64 = 100;

/// ` AND …`: what of the queue this person sees.
pub fn shown(query: &mut Query, actor: &Actor) {
    match actor.queue_scope() {
        Some(QueueScope::Everything | QueueScope::References) => {}
        Some(QueueScope::OwnOrders) => {
            query.add(" AND r.member = ").bind(actor.member.0);
        }
        None => {
            query.add(" AND 1 = 0");
        }
    }
}

/// ` AND …` for the search. Who sees references alone finds by reference alone.
fn search(query: &mut Query, actor: &Actor, typed: &str) {
    if typed.trim().is_empty() {
    } else if actor.queue_scope() == Some(QueueScope::References) {
        let lead = typed.parse::<LeadId>().map_or(0, |lead| lead.0);
        query.add(" AND o.lead = ").bind(lead);
    } else {
        filter::search(query, typed);
    }
}

/// ` AND …` for a tab of open deletions.
pub fn tab(query: &mut Query, tab: QueueTab, now: Millis) {
    match tab {
        QueueTab::Waiting => {
            query.add(" AND o.state = 'waiting'");
        }
        QueueTab::Held => {
            query.add(" AND o.state = 'held'");
        }
        QueueTab::Failed => {
            query.add(" AND o.state = 'failed'");
        }
        QueueTab::Overdue => {
            query
                .add(" AND o.ordered_at < ")
                .bind(now.plus(-OVERDUE_AFTER).0)
                .add(" AND o.state <> 'failed' AND o.cause <> 'legal-hold'");
        }
        QueueTab::Open | QueueTab::Deleted => {}
    }
}

/// Open deletions, by their leads.
pub async fn open<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
    request: &QueueRequest,
) -> Result<Vec<(i64, QueueRow)>> {
    let mut query = Query::new(concat!(
        "SELECT o.lead, l.name, o.state, o.cause, o.due_at, o.tries, o.ordered_at, s.label, m.name AS by_name, \
         o.deletion_order, r.must_be_carried_out, CAST(CASE WHEN l.revision <> o.revision OR ",
        kept_lead_lost!("o"),
        " THEN 1 ELSE 0 END AS BIGINT) AS changed FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order \
         JOIN reason s ON s.code = r.reason JOIN member m ON m.id = r.member JOIN lead l ON l.id = o.lead WHERE o.lead > ",
    ));
    query.bind(request.after.unwrap_or(0));
    tab(&mut query, request.tab, times.now);
    shown(&mut query, actor);
    search(&mut query, actor, &request.search);
    if actor.queue_scope() == Some(QueueScope::OwnOrders) && request.search.trim().is_empty() {
        // Which rows, out of an index: what they say is read of a page alone, and not of all of this person's.
        query.add(
            " AND o.lead IN (SELECT o.lead FROM deletion_order r JOIN open_deletion o ON o.deletion_order = r.id WHERE o.lead > ",
        );
        query.bind(request.after.unwrap_or(0));
        tab(&mut query, request.tab, times.now);
        shown(&mut query, actor);
        query.add(" ORDER BY o.lead LIMIT ").bind(PAGE + 1).add(")");
    }
    query.add(" ORDER BY o.lead LIMIT ").bind(PAGE + 1);
    let names = actor.queue_scope() != Some(QueueScope::References);
    query
        .rows(on)
        .await?
        .iter()
        .map(|row| open_row(row, names, times))
        .collect()
}

fn open_row(row: &QueryResult, names: bool, times: &Times) -> Result<(i64, QueueRow)> {
    let lead: i64 = sql::get(row, "lead")?;
    let state = OpenState::from_codes(
        &sql::get::<String>(row, "state")?,
        &sql::get::<String>(row, "cause")?,
    );
    let (due, ordered) = (
        Millis(sql::get(row, "due_at")?),
        Millis(sql::get(row, "ordered_at")?),
    );
    let tries: i64 = sql::get(row, "tries")?;
    let mut label = open_words(state, due, times);
    if state == OpenState::Waiting && tries > 0 {
        label += &format!(
            " (tried {})",
            domain::text::count(tries as u64, "time", "times")
        );
    }
    Ok((
        lead,
        QueueRow {
            lead: LeadId(lead),
            name: names.then(|| sql::get(row, "name")).transpose()?,
            state: match state {
                OpenState::Waiting => QueueState::Waiting,
                OpenState::Held(_) => QueueState::Held,
                OpenState::Failed(_) => QueueState::Failed,
            },
            label,
            reason: sql::get(row, "label")?,
            by: sql::get(row, "by_name")?,
            at: times.moment(ordered.0),
            order: OrderId(sql::uuid(sql::get(row, "deletion_order")?)?),
            overdue: is_overdue(state, ordered, times.now),
            changed: ChangedSince::of(
                sql::get::<i64>(row, "changed")? == 1,
                sql::get::<i64>(row, "must_be_carried_out")? == 1,
            ),
        },
    ))
}

/// Erased deletions, newest first; they have no name any more.
pub async fn deleted<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
    request: &QueueRequest,
) -> Result<Vec<(i64, QueueRow)>> {
    let mut query = Query::new(
        "SELECT d.id, d.lead, d.at, r.at AS ordered_at, s.label, m.name AS by_name, d.deletion_order FROM deletion d \
         JOIN deletion_order r ON r.id = d.deletion_order JOIN reason s ON s.code = r.reason \
         JOIN member m ON m.id = r.member WHERE d.state = 'erased' AND d.id < ",
    );
    query.bind(request.after.unwrap_or(i64::MAX));
    shown(&mut query, actor);
    if !request.search.trim().is_empty() {
        query
            .add(" AND d.lead = ")
            .bind(request.search.parse::<LeadId>().map_or(0, |lead| lead.0));
    } else if actor.queue_scope() == Some(QueueScope::OwnOrders) {
        query.add(
            " AND d.id IN (SELECT d.id FROM deletion_order r JOIN deletion d ON d.deletion_order = r.id \
             WHERE d.state = 'erased' AND d.id < ",
        );
        query.bind(request.after.unwrap_or(i64::MAX));
        shown(&mut query, actor);
        query
            .add(" ORDER BY d.id DESC LIMIT ")
            .bind(PAGE + 1)
            .add(")");
    }
    query.add(" ORDER BY d.id DESC LIMIT ").bind(PAGE + 1);
    let row = |row: &QueryResult| -> Result<(i64, QueueRow)> {
        let at = times.moment(sql::get(row, "at")?);
        let by: String = sql::get(row, "by_name")?;
        Ok((
            sql::get(row, "id")?,
            QueueRow {
                lead: LeadId(sql::get(row, "lead")?),
                name: None,
                state: QueueState::Erased,
                label: ClosedState::Erased.words(&by, &at),
                reason: sql::get(row, "label")?,
                by,
                at: times.moment(sql::get(row, "ordered_at")?),
                order: OrderId(sql::uuid(sql::get(row, "deletion_order")?)?),
                overdue: false,
                changed: None,
            },
        ))
    };
    query.rows(on).await?.iter().map(row).collect()
}
