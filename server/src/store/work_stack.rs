//! Work stacks: the Grid View.

use async_trait::async_trait;
use domain::error::{Error, Result};
use domain::lead::LeadId;
use domain::permission::{DeleteLeads, Granted, SeeLeads};
use domain::ports::WorkStacks;
use domain::selection::{MOST_LEADS, too_many};
use domain::work_stack::{
    Changes, ErasedRow, GridPage, GridRows, GridView, MOST_REREAD, Place, RangeRequest,
    RereadRequest, RowsRequest, WorkStackId,
};
use sea_orm::ConnectionTrait;

use super::query::Query;
use super::sql::{self, internal, values};
use super::view::View;
use super::{Store, scope, view_rows};

/// "Deleted from this stack" is told so many at a time.
const ERASED_ROWS: i64 = 100;

#[async_trait]
impl WorkStacks for Store {
    async fn grid(&self, by: Granted<SeeLeads>, view: GridView) -> Result<GridPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stack = scope::stack(&on, by.member(), view.work_stack).await?;
        let view = View::new(&on, stack, view, None, times.now).await?;
        let (total, deleted) = view.count(&on).await?;
        // After Delete All every lead would be looked at to find that none is shown.
        let first = if view.hides() && total == 0 {
            GridRows::default()
        } else {
            view_rows::page(&on, &view, &Place::Number(0), by.actor(), &times).await?
        };
        let erased = if view.hides() {
            0
        } else {
            erased(&on, view.stack.id).await?
        };
        on.commit().await.map_err(internal)?;
        Ok(GridPage {
            sentence: view.stack.filter.sentence(),
            rows: first.rows,
            next: first.next,
            as_of: view.as_of,
            order: view.order(),
            hide_deletions: view.hides(),
            hides_deletions: view.stack.hides_deletions,
            columns: view.stack.columns,
            name: view.stack.name,
            total,
            deleted,
            erased,
        })
    }

    async fn rows(&self, by: Granted<SeeLeads>, request: RowsRequest) -> Result<GridRows> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stack = scope::stack(&on, by.member(), request.view.work_stack).await?;
        let view = View::new(&on, stack, request.view, Some(request.as_of), times.now).await?;
        let rows = view_rows::page(&on, &view, &request.from, by.actor(), &times).await?;
        on.commit().await.map_err(internal)?;
        Ok(rows)
    }

    async fn reread(&self, by: Granted<SeeLeads>, request: RereadRequest) -> Result<Changes> {
        if request.rows.len() > MOST_REREAD {
            return Err(Error::Unreadable);
        }
        if request.ticked.len() > MOST_LEADS {
            return Err(too_many());
        }
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stack = scope::stack(&on, by.member(), request.view.work_stack).await?;
        let fresh = View::new(&on, stack.clone(), request.view.clone(), None, times.now).await?;
        let view = View::new(&on, stack, request.view, Some(request.as_of), times.now).await?;
        let rows = view_rows::of_leads(&on, &view, &request.rows, by.actor(), &times).await?;
        let not_shown = view_rows::not_shown(&on, &view, &request.ticked).await?;
        let (total, _) = view.count(&on).await?;
        let shown = view.count_shown(&on, None).await?;
        let now = fresh.count_shown(&on, None).await?;
        let stay = view.count_shown(&on, Some(&fresh)).await?;
        on.commit().await.map_err(internal)?;
        Ok(Changes {
            rows,
            not_shown,
            shown,
            total,
            new: now.saturating_sub(stay),
            gone: request.had.saturating_sub(stay),
        })
    }

    async fn between(
        &self,
        by: Granted<DeleteLeads>,
        request: RangeRequest,
    ) -> Result<Vec<LeadId>> {
        let on = self.snapshot().await?;
        let now = self.now();
        let stack = scope::stack(&on, by.member(), request.view.work_stack).await?;
        let view = View::new(&on, stack, request.view, Some(request.as_of), now).await?;
        let leads = view_rows::between(&on, &view, [request.from, request.to]).await?;
        on.commit().await.map_err(internal)?;
        Ok(leads)
    }

    async fn erased_from(
        &self,
        by: Granted<SeeLeads>,
        stack: WorkStackId,
        before: Option<i64>,
    ) -> Result<Vec<ErasedRow>> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stack = scope::stack(&on, by.member(), stack).await?;
        let found: Vec<(i64, i64, i64, String, String)> = sql::tuples(
            &on,
            // Which rows, out of an index: what they say is read of a page alone, and not of all that the stack ever lost.
            "SELECT d.id, d.lead, d.at, q.label, m.name FROM deletion d JOIN deletion_order r ON r.id = d.deletion_order \
             JOIN reason q ON q.code = r.reason JOIN member m ON m.id = COALESCE(d.member, r.member) \
             WHERE d.id IN (SELECT d.id FROM deletion_order r JOIN deletion d ON d.deletion_order = r.id \
               WHERE r.work_stack = $1 AND d.state = 'erased' AND d.id < $2 ORDER BY d.id DESC LIMIT $3) \
             ORDER BY d.id DESC",
            values![stack.id.0, before.unwrap_or(i64::MAX), ERASED_ROWS],
        )
        .await?;
        on.commit().await.map_err(internal)?;
        let row = |(deletion, lead, at, reason, by)| ErasedRow {
            deletion,
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
