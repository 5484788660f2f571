//! Work stacks: the Grid View.

use async_trait::async_trait;
use domain::error::{Error, Result};
use domain::lead::{LeadId, LeadRow};
use domain::permission::{Actor, Granted, SeeLeads};
use domain::ports::WorkStacks;
use domain::work_stack::{
    Cursor, ErasedRow, GridPage, GridRequest, Order, PAGE_ROWS, Sort, WorkStackId,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::query::Query;
use super::sql::{self, internal, values};
use super::times::Times;
use super::view::View;
use super::{Store, lead, scope};

#[async_trait]
impl WorkStacks for Store {
    async fn grid(&self, by: Granted<SeeLeads>, request: GridRequest) -> Result<GridPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stack = scope::stack(&on, by.member(), request.view.work_stack).await?;
        let view = View::new(&on, stack, request.view, request.as_of, times.now).await?;
        let (rows, next) = page(&on, &view, request.after, by.actor(), &times).await?;
        let (total, deleted) = view.count(&on).await?;
        let erased = if view.hides() {
            0
        } else {
            erased(&on, view.stack.id).await?
        };
        on.commit().await.map_err(internal)?;
        Ok(GridPage {
            sentence: view.stack.filter.sentence(),
            rows,
            next,
            as_of: view.as_of,
            order: view.order(),
            hide_deletions: view.hides(),
            hides_deletions: view.stack.hides_deletions,
            name: view.stack.name,
            total,
            deleted,
            erased,
        })
    }

    async fn erased_from(
        &self,
        by: Granted<SeeLeads>,
        stack: WorkStackId,
    ) -> Result<Vec<ErasedRow>> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stack = scope::stack(&on, by.member(), stack).await?;
        let found: Vec<(i64, i64, String, String)> = sql::tuples(
            &on,
            "SELECT d.lead, d.at, q.label, m.name FROM deletion_order r \
             JOIN deletion d ON d.deletion_order = r.id AND d.state = 'erased' \
             JOIN reason q ON q.code = r.reason JOIN member m ON m.id = COALESCE(d.member, r.member) \
             WHERE r.work_stack = $1 ORDER BY d.id DESC LIMIT 100",
            values![stack.id.0],
        )
        .await?;
        on.commit().await.map_err(internal)?;
        let row = |(lead, at, reason, by)| ErasedRow {
            lead: LeadId(lead),
            reason,
            by,
            at: times.moment(at),
        };
        Ok(found.into_iter().map(row).collect())
    }
}

/// How many deletions ordered from this stack are erased: a sum over its orders, not over its deletions.
async fn erased<C: ConnectionTrait>(on: &C, stack: WorkStackId) -> Result<u64> {
    let mut query = Query::new(
        "SELECT CAST(COALESCE(SUM(erased), 0) AS BIGINT) FROM deletion_order WHERE work_stack = ",
    );
    query.bind(stack.0).count(on).await
}

/// The rows after the cursor, with where to go on.
async fn page<C: ConnectionTrait>(
    on: &C,
    view: &View,
    after: Option<Cursor>,
    actor: &Actor,
    times: &Times,
) -> Result<(Vec<LeadRow>, Option<Cursor>)> {
    let order = view.order();
    let column = column(order.by);
    let (beyond, direction) = if order.descending {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    let sorted = format!(" ORDER BY l.{column} {direction}, l.id {direction}");

    // The page is cut out first, so that what is shown of a row is read for the page's rows alone.
    let mut query = Query::new("SELECT ");
    if view.has_copies() {
        query.add("(SELECT kept FROM copy WHERE copy.lead = l.id) AS kept, ");
    } else {
        query.add("CAST(NULL AS BIGINT) AS kept, ");
    }
    query.add(lead::COLUMNS).add(&format!(
        ", l.{column} AS sort_key FROM (SELECT * FROM lead l WHERE "
    ));
    view.takes(&mut query);
    view.shows(&mut query);
    if let Some(cursor) = after {
        query
            .add(&format!(" AND (l.{column}, l.id) {beyond} ("))
            .bind(key(order, &cursor)?)
            .add(", ")
            .bind(cursor.lead.0)
            .add(")");
    }
    query
        .add(&sorted)
        .add(" LIMIT ")
        .bind(i64::from(PAGE_ROWS) + 1)
        .add(") l")
        .add(lead::JOINS)
        .add(&sorted);

    let found = query.rows(on).await?;
    let shown = &found[..found.len().min(PAGE_ROWS as usize)];
    let next = match shown.last() {
        Some(last) if found.len() > shown.len() => Some(cursor(order, last)?),
        _ => None,
    };
    let rows = shown.iter().map(|found| lead::row(found, actor, times));
    Ok((rows.collect::<Result<_>>()?, next))
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
