//! A batch of the queue: one short transaction that claims, checks again, erases, moves the rows and writes the entry.
//! Nothing is left to rescue after a crash, and no lead is ever half gone.

use std::time::Instant;

use domain::Result;
use domain::audit::{Act, ActorRef};
use sea_orm::ConnectionTrait;

use super::claim::{self, Becomes, Settled};
use super::duplicate::kept_lead_lost;
use super::query::Query;
use super::rights::right_withdrawn;
use super::sql::{self, values};
use super::{Store, audit, dialect, erase, lock, number, setting};
use crate::database::{Priority, Turn};

/// A batch has at most so many leads.
const MOST: i64 = 20_000;
/// And no fewer than so many plain ones: each batch costs some forty statements whatever it has, so where those alone take
/// longer than the target (a database far away, a busy machine), smaller batches hold locks no shorter and only go slower.
const LEAST: i64 = 100;
/// The rows that erasing the plainest lead deletes: its own, its open deletion, two names to find it by.
const ROWS_OF_A_LEAD: i64 = 4;

/// What of the queue is taken, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// What its undo time and its next try allow, as long as business hours let the queue run.
    OutsideHours,
    /// The same at any hour (`Run now`).
    OnTime,
    /// Also what is younger than the undo time (`Run now` with its tick, `layer queue run`). Tries keep their times.
    Younger,
}

/// A run through the queue: by ascending lead, in batches that size themselves.
#[derive(Debug)]
pub struct Pass {
    due: Due,
    after: i64,
    /// So many rows a batch may delete: leads differ, and one with a million notes must be alone in its batch.
    rows: i64,
    /// The last batch had a lead that can't be deleted; where there is one there are more.
    met_poison: bool,
}

impl Pass {
    /// From the lowest lead.
    pub fn new(due: Due) -> Self {
        Self {
            due,
            after: 0,
            rows: 500 * ROWS_OF_A_LEAD,
            met_poison: false,
        }
    }

    /// The most leads that fit.
    fn leads(&self) -> i64 {
        (self.rows / ROWS_OF_A_LEAD).clamp(1, MOST)
    }

    /// The next batch's size from what this one took, and was meant to take.
    fn sized(&mut self, rows: i64, millis: f64, meant: f64) {
        let factor = (meant / millis.max(1.0)).clamp(0.5, 1.5);
        // A last, short batch says little about the pace.
        if rows * 2 >= self.rows || factor < 1.0 {
            let (least, most) = (LEAST * ROWS_OF_A_LEAD, MOST * ROWS_OF_A_LEAD);
            self.rows = ((rows as f64 * factor) as i64).clamp(least, most);
        }
    }
}

/// The lead, or the lead it is a copy of, isn't any more what it was in the draft, and the reason allows for that.
macro_rules! changed {
    () => {
        concat!(
            "r.must_be_carried_out = 0 AND (l.revision <> o.revision OR ",
            kept_lead_lost!("o"),
            ")"
        )
    };
}

/// The rule of [`domain::deletion::verdict`] for a whole set.
const VERDICT: Becomes = Becomes {
    state: concat!(
        "CASE WHEN ",
        right_withdrawn!(),
        " THEN 'held' WHEN ",
        changed!(),
        " THEN 'skipped' ELSE 'erased' END"
    ),
    cause: concat!(
        "CASE WHEN ",
        right_withdrawn!(),
        " THEN 'rights-withdrawn' WHEN ",
        changed!(),
        " THEN 'changed' ELSE '' END"
    ),
};

impl Store {
    /// The next batch of a pass. `None` where nothing of it is left to do, the queue is paused, or business hours are on.
    pub async fn batch(&self, pass: &mut Pass, by: ActorRef) -> Result<Option<Settled>> {
        loop {
            let writing = self.begin(Priority::Queue).await?;
            // Who pauses waits for the batches that are on, on every node.
            lock::together(&writing, Turn::Queue).await?;
            if setting::paused(writing.tx()).await?.is_some() {
                return Ok(None);
            }
            // Here, because they may have begun, or been changed, while this waited for its turn to write.
            if pass.due == Due::OutsideHours {
                let calendar = self.calendar(writing.tx()).await?;
                if !calendar.queue_may_run(writing.now) {
                    return Ok(None);
                }
            }
            let begun = Instant::now();
            let mut rest = Query::new(" WHERE o.lead > ");
            // By ascending lead, so along the primary key: what is no plain column can't tempt a planner to sort.
            rest.bind(pass.after)
                .add(" AND o.state || '' = 'waiting' AND (o.due_at + 0 <= ")
                .bind(writing.now.0)
                // Its second try comes at the end of the same run.
                .add(" OR (o.tries <= 1 AND 1 = ")
                .bind(i64::from(pass.due == Due::Younger))
                .add("))");
            let claimed = claim::claim(&writing, VERDICT, &rest, Some(pass.leads())).await?;
            if claimed == 0 {
                if pass.after == 0 {
                    return Ok(None);
                }
                // Round again: for what became due meanwhile, and for the second try of what failed.
                pass.after = 0;
                continue;
            }
            let rows = cut(&writing, pass.rows).await?;
            let last: Option<i64> =
                sql::value(writing.tx(), "SELECT MAX(lead) FROM claimed", []).await?;
            pass.after = last.unwrap_or(0);
            pass.met_poison = erase::erase(&writing, pass.met_poison).await?;
            let settled = claim::settle(&writing, None).await?;
            sql::execute(
                writing.tx(),
                "UPDATE queue_run SET done = done + $1 WHERE id = 1",
                values![settled.erased + settled.skipped + settled.held + settled.failed],
            )
            .await?;
            let facts = facts(&writing, settled).await?;
            writing.commit(by, Act::Batch, facts).await?;
            let took = begun.elapsed();
            self.counters.batch(took);
            let meant = dialect::batch_millis(self.database().backend());
            pass.sized(rows, took.as_secs_f64() * 1_000.0, meant);
            return Ok(Some(settled));
        }
    }

    /// The earliest instant from which a waiting deletion may run, hours apart; `None` where none waits.
    pub async fn next_due<C: ConnectionTrait>(
        &self,
        on: &C,
    ) -> Result<Option<domain::time::Millis>> {
        let due: Option<Option<i64>> = sql::value(
            on,
            "SELECT MIN(due_at) FROM open_deletion WHERE state = 'waiting'",
            [],
        )
        .await?;
        Ok(due.flatten().map(domain::time::Millis))
    }
}

/// Lets go of what was claimed beyond so many rows to delete; the first lead stays. How many rows are left.
async fn cut(writing: &super::Writing<'_>, rows: i64) -> Result<i64> {
    const SUMS: &str =
        "SELECT n, SUM($1 + contact_records + activities) OVER (ORDER BY n) AS total FROM claimed";
    sql::execute(
        writing.tx(),
        &format!("DELETE FROM claimed WHERE n > 1 AND n IN (SELECT n FROM ({SUMS}) sums WHERE total > $2)"),
        values![ROWS_OF_A_LEAD, rows],
    )
    .await?;
    let left: Option<i64> = sql::value(
        writing.tx(),
        "SELECT CAST(COALESCE(SUM($1 + contact_records + activities), 0) AS BIGINT) FROM claimed",
        values![ROWS_OF_A_LEAD],
    )
    .await?;
    Ok(left.unwrap_or(0))
}

/// What an entry says of what its act settled: the counts that aren't 0, and the digest over the closed rows.
pub async fn facts(
    writing: &super::Writing<'_>,
    settled: Settled,
) -> Result<Vec<(String, domain::audit::Fact)>> {
    let counts = [
        ("erased", settled.erased),
        ("skipped", settled.skipped),
        ("removed", settled.removed),
        ("held", settled.held),
        ("failed", settled.failed),
        ("waiting", settled.waiting),
    ];
    let mut facts: Vec<_> = counts
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| number(name, n))
        .collect();
    facts.extend(audit::closed_rows(writing.tx(), writing.act).await?);
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_database_is_far_away_batches_dont_shrink_to_one_lead() {
        let mut pass = Pass::new(Due::OnTime);
        for _ in 0..50 {
            pass.sized(pass.rows, 300.0, 100.0);
        }
        assert_eq!(pass.leads(), LEAST);
    }

    #[test]
    fn where_it_is_quick_they_grow_to_the_most() {
        let mut pass = Pass::new(Due::OnTime);
        for _ in 0..50 {
            pass.sized(pass.rows, 10.0, 100.0);
        }
        assert_eq!(pass.leads(), MOST);
    }
}
