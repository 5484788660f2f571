//! The rows of a view: a page from a place on, those of some leads, and the leads between two rows.

use std::collections::BTreeSet;

use domain::error::{Error, Result};
use domain::lead::{LeadId, LeadRow};
use domain::permission::Actor;
use domain::selection::{MOST_LEADS, too_many};
use domain::work_stack::{Cursor, GridRows, Order, PAGE_ROWS, Place, Sort};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::query::Query;
use super::times::Times;
use super::view::View;
use super::{dialect, lead, sql};

/// A page of rows from a place on. After and before a row cost the same wherever they are; a jump passes over the entries
/// of the sort's index.
pub async fn page<C: ConnectionTrait>(
    on: &C,
    view: &View,
    from: &Place,
    actor: &Actor,
    times: &Times,
) -> Result<GridRows> {
    let backward = matches!(from, Place::Before(_));
    let order = Order {
        descending: view.order().descending != backward,
        ..view.order()
    };
    let mut query = rows_of(view);
    let mut skip = 0;
    match from {
        Place::After(cursor) | Place::Before(cursor) => beyond(&mut query, order, cursor, "")?,
        Place::Number(number) => skip = i64::try_from(*number).unwrap_or(i64::MAX),
    }
    query
        .add(&sorted(order))
        .add(" LIMIT ")
        .bind(i64::from(PAGE_ROWS) + 1)
        .add(" OFFSET ")
        .bind(skip);
    let mut found = ended(query, order).rows(on).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    if backward {
        found.reverse();
    }
    // There are rows before what follows a row, and after what precedes one.
    let (before, next) = match from {
        Place::After(_) => (true, more),
        Place::Before(_) => (more, true),
        Place::Number(number) => (*number > 0, more),
    };
    let end = |wanted: bool, row: Option<&QueryResult>| {
        row.filter(|_| wanted)
            .map(|row| cursor(order, row))
            .transpose()
    };
    Ok(GridRows {
        before: end(before, found.first())?,
        next: end(next, found.last())?,
        rows: leads(&found, actor, times)?,
    })
}

/// The rows of these leads, as far as the view has them.
pub async fn of_leads<C: ConnectionTrait>(
    on: &C,
    view: &View,
    wanted: &[LeadId],
    actor: &Actor,
    times: &Times,
) -> Result<Vec<LeadRow>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = rows_of(view);
    query.add(" AND l.id IN ");
    numbers(&mut query, on, wanted);
    leads(&ended(query, view.order()).rows(on).await?, actor, times)
}

/// Of these leads those that the view doesn't show.
pub async fn not_shown<C: ConnectionTrait>(
    on: &C,
    view: &View,
    leads: &BTreeSet<LeadId>,
) -> Result<Vec<LeadId>> {
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Query::new("SELECT l.id FROM lead l WHERE ");
    view.takes(&mut query);
    view.shows(&mut query);
    query.add(" AND l.id IN ");
    numbers(&mut query, on, leads);
    let shown: BTreeSet<LeadId> = ids(&query.rows(on).await?)?.into_iter().collect();
    Ok(leads.difference(&shown).copied().collect())
}

/// The leads without an open deletion between two rows, both included.
pub async fn between<C: ConnectionTrait>(
    on: &C,
    view: &View,
    [from, to]: [LeadId; 2],
) -> Result<Vec<LeadId>> {
    let order = view.order();
    let mut ends = rows_of(view);
    ends.add(" AND l.id IN (").bind_all([from.0, to.0]).add(")");
    let ends = ended(ends, order).rows(on).await?;
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else {
        return Err(lost());
    };
    if from != to && ends.len() < 2 {
        return Err(lost());
    }
    let mut query = Query::new("SELECT l.id FROM lead l WHERE ");
    view.takes(&mut query);
    view.shows(&mut query);
    query.add(" AND NOT EXISTS (SELECT 1 FROM open_deletion x WHERE x.lead = l.id)");
    beyond(&mut query, order, &cursor(order, first)?, "=")?;
    let back = Order {
        descending: !order.descending,
        ..order
    };
    beyond(&mut query, back, &cursor(order, last)?, "=")?;
    query.add(" LIMIT ").bind(MOST_LEADS as i64 + 1);
    let found = ids(&query.rows(on).await?)?;
    if found.len() > MOST_LEADS {
        return Err(too_many());
    }
    Ok(found)
}

fn lost() -> Error {
    Error::Conflict(
        "A lead at an end of this range is no longer in this view. Tick the first lead again."
            .into(),
    )
}

/// The statement up to its conditions. What is cut out comes first, so that what is shown of a row is read for the page's
/// rows alone; [`ended`] ends it.
fn rows_of(view: &View) -> Query {
    let mut query = Query::new("SELECT ");
    if view.has_copies() {
        query.add("(SELECT kept FROM copy WHERE copy.lead = l.id) AS kept, ");
    } else {
        query.add("CAST(NULL AS BIGINT) AS kept, ");
    }
    query.add(lead::COLUMNS).add(&format!(
        ", l.{} AS sort_key FROM (SELECT * FROM lead l WHERE ",
        column(view.order().by)
    ));
    view.takes(&mut query);
    view.shows(&mut query);
    query
}

fn ended(mut query: Query, order: Order) -> Query {
    query.add(") l").add(lead::JOINS).add(&sorted(order));
    query
}

fn sorted(order: Order) -> String {
    let direction = if order.descending { "DESC" } else { "ASC" };
    format!(
        " ORDER BY l.{} {direction}, l.id {direction}",
        column(order.by)
    )
}

/// ` AND …`: what comes after the row in this order; with `=` the row too.
fn beyond(query: &mut Query, order: Order, cursor: &Cursor, or_equal: &str) -> Result<()> {
    let sign = if order.descending { "<" } else { ">" };
    query
        .add(&format!(
            " AND (l.{}, l.id) {sign}{or_equal} (",
            column(order.by)
        ))
        .bind(key(order, cursor)?)
        .add(", ")
        .bind(cursor.lead.0)
        .add(")");
    Ok(())
}

fn numbers<'a, C: ConnectionTrait>(
    query: &mut Query,
    on: &C,
    leads: impl IntoIterator<Item = &'a LeadId>,
) {
    let numbers: Vec<String> = leads.into_iter().map(|lead| lead.0.to_string()).collect();
    let (before, after) = dialect::numbers_of_json(on.get_database_backend());
    query
        .add(before)
        .bind(format!("[{}]", numbers.join(",")))
        .add(after);
}

fn ids(found: &[QueryResult]) -> Result<Vec<LeadId>> {
    found
        .iter()
        .map(|row| sql::get(row, "id").map(LeadId))
        .collect()
}

fn leads(found: &[QueryResult], actor: &Actor, times: &Times) -> Result<Vec<LeadRow>> {
    found
        .iter()
        .map(|found| lead::row(found, actor, times))
        .collect()
}

/// The column that a sort reads: each has its index.
fn column(sort: Sort) -> &'static str {
    match sort {
        Sort::Lead => "name_folded",
        Sort::Source => "source",
        Sort::Status => "status",
        Sort::Owner => "owner",
        Sort::LastActivity => "last_activity_at",
        Sort::Added => "added_at",
    }
}

fn is_text(sort: Sort) -> bool {
    matches!(sort, Sort::Lead | Sort::Source | Sort::Owner)
}

fn key(order: Order, cursor: &Cursor) -> Result<Value> {
    if is_text(order.by) {
        if cursor.key.contains('\0') {
            // PostgreSQL takes no such text, and no row's key holds one.
            return Err(Error::Unreadable);
        }
        return Ok(cursor.key.clone().into());
    }
    let number: i64 = cursor.key.parse().map_err(|_| Error::Unreadable)?;
    Ok(number.into())
}

fn cursor(order: Order, row: &QueryResult) -> Result<Cursor> {
    let key = if is_text(order.by) {
        sql::get(row, "sort_key")?
    } else {
        sql::get::<i64>(row, "sort_key")?.to_string()
    };
    Ok(Cursor {
        key,
        lead: LeadId(sql::get(row, "id")?),
    })
}
