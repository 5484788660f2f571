//! How many leads a stack holds: a count with the sequence it was taken at, taken anew in the background when the stack
//! is shown and something changed. No page waits for it; a grid's own total is exact.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::Result;
use domain::member::MemberId;
use domain::time::{MINUTE, Millis};
use domain::work_stack::{Filter, WorkStackSummary};
use sea_orm::ConnectionTrait;
use tokio::sync::Notify;

use super::query::Query;
use super::sql::{self, internal, values};
use super::{Store, audit, filter, lead_stats, scope};
use crate::database::Priority;

/// Between two rounds at least; and four times what a round took, so that counting never is more than a fifth of the work,
/// however large the stacks are.
const PAUSE: Duration = Duration::from_millis(250);

/// Which stacks are shown, and what waits to count them.
#[derive(Debug, Default)]
pub struct Shown {
    stacks: Mutex<BTreeSet<i64>>,
    /// When this process counted each stack last.
    counted: Mutex<BTreeMap<i64, Millis>>,
    bell: Notify,
}

impl Shown {
    fn add(&self, stacks: &[scope::Stack]) {
        let mut shown = lock(&self.stacks);
        shown.extend(stacks.iter().map(|stack| stack.id.0));
        drop(shown);
        self.bell.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// The stacks that this person sees, for the menu.
    pub async fn stack_summaries<C: ConnectionTrait>(
        &self,
        on: &C,
        member: MemberId,
    ) -> Result<Vec<WorkStackSummary>> {
        let stacks = scope::stacks(on, member).await?;
        self.shown.add(&stacks);
        let summary = |stack: scope::Stack| WorkStackSummary {
            id: stack.id,
            name: stack.name,
            count: stack.count,
        };
        Ok(stacks.into_iter().map(summary).collect())
    }

    /// Counts the stacks that were shown and may have changed: something was done since, or their filter looks at ages
    /// and a minute has gone by. Says whether a count is another now.
    ///
    /// One that is counted must be shown again before it is counted again: pages that are open read the menu anew after
    /// every act, and whose page is closed costs nothing any more.
    pub async fn recount_shown(&self) -> Result<bool> {
        let shown = lock(&self.shown.stacks).clone();
        let mut changed = false;
        for stack in shown {
            match self.recount(stack).await {
                Ok(Some(another)) => {
                    lock(&self.shown.stacks).remove(&stack);
                    changed |= another;
                }
                Ok(None) => {}
                // The others are counted all the same.
                Err(error) => tracing::warn!(stack, %error, "a work stack could not be counted"),
            }
        }
        if changed {
            // The pages take a frame of the same sequence: a count is no act.
            self.tell(audit::sequence(self.reader()).await?);
        }
        Ok(changed)
    }

    /// `None` where its count still is of this moment.
    async fn recount(&self, stack: i64) -> Result<Option<bool>> {
        let on = self.snapshot().await?;
        let now = self.now();
        let found: Option<(String, Option<i64>, Option<i64>)> = sql::tuple(
            &on,
            "SELECT filter, counted, counted_at_sequence FROM work_stack WHERE id = $1",
            values![stack],
        )
        .await?;
        let Some((written, counted, counted_at)) = found else {
            return Ok(Some(false));
        };
        let filter = scope::read_filter(&written)?;
        let sequence = audit::sequence(&on).await?;
        let last = lock(&self.shown.counted).get(&stack).copied();
        let aged = has_ages(&filter) && last.is_none_or(|last| now >= last.plus(MINUTE));
        if counted.is_some() && counted_at == Some(sequence) && !aged {
            return Ok(None);
        }
        let count = i64::try_from(count(&on, &filter, now).await?).unwrap_or(i64::MAX);
        on.commit().await.map_err(internal)?;
        lock(&self.shown.counted).insert(stack, now);

        let writing = self.begin(Priority::Queue).await?;
        sql::execute(
            writing.tx(),
            "UPDATE work_stack SET counted = $2, counted_at_sequence = $3, recounts = recounts + $4 \
             WHERE id = $1 AND filter = $5",
            values![
                stack,
                count,
                sequence,
                i64::from(counted != Some(count)),
                written
            ],
        )
        .await?;
        writing.commit_quietly().await?;
        Ok(Some(counted != Some(count)))
    }
}

/// How many leads a filter takes that have no open deletion.
pub async fn count<C: ConnectionTrait>(on: &C, filter: &Filter, now: Millis) -> Result<u64> {
    if filter.is_everything() {
        return Ok(lead_stats::leads(on).await?.0);
    }
    let mut query = Query::new(
        "SELECT COUNT(*) FROM lead l WHERE NOT EXISTS (SELECT 1 FROM open_deletion o WHERE o.lead = l.id)",
    );
    filter::filter(&mut query, filter, now);
    query.count(on).await
}

/// Whether time alone changes what the filter takes.
fn has_ages(filter: &Filter) -> bool {
    filter.added_within_days.is_some()
        || filter.added_before_days.is_some()
        || filter.idle_days.is_some()
}

/// Counts in the background, as long as the process lives: spawn it once.
pub async fn keep_counting(store: Arc<Store>) {
    let mut acts = store.acts();
    loop {
        // An act of this process at once; another process's once a page reads its menu anew.
        tokio::select! {
            () = store.shown.bell.notified() => {}
            _ = acts.changed() => {}
        }
        let begun = Instant::now();
        if let Err(error) = store.recount_shown().await {
            tracing::warn!(%error, "the work stacks could not be counted");
        }
        tokio::time::sleep(PAUSE.max(4 * begun.elapsed())).await;
    }
}
