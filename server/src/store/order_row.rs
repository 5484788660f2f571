//! The leads of an order, a page of a part of it at a time.

use domain::Result;
use domain::deletion::{ClosedState, OpenState};
use domain::deletion_order::{ORDER_ROWS, OrderPart, OrderRow, OrderRows};
use domain::lead::LeadId;
use domain::permission::Actor;
use domain::time::Millis;
use sea_orm::{ConnectionTrait, QueryResult};

use super::query::Query;
use super::scope;
use super::sql::{self, values};
use super::times::Times;

/// A page of a part of an order: open ones by their leads, closed ones by their numbers.
pub async fn rows<C: ConnectionTrait>(
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
        "SELECT d.id, d.lead, l.name, d.state, COALESCE(u.kind, d.cause) AS cause, d.at, m.name AS by_name FROM deletion d \
         LEFT JOIN audit_entry u ON u.act = d.act AND u.kind = 'undone' LEFT JOIN member m ON m.id = d.member LEFT JOIN lead l ON l.id = d.lead",
    );
    scope::seen(&mut query, &scope::stacks(on, by.member).await?, times.now);
    query
        .add(" WHERE d.deletion_order = ")
        .bind(order.to_vec())
        .add(" AND d.state = ")
        .bind(part.code());
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

/// What the page says of an open deletion.
pub fn open_words(state: OpenState, due: Millis, times: &Times) -> String {
    match state {
        OpenState::Waiting => format!("Leaves {}", times.leaves(due).words()),
        OpenState::Held(hold) => format!("On hold: {}", hold.words()),
        OpenState::Failed(code) => format!("Failed: {}", code.words()),
    }
}
