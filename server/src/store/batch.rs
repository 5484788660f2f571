//! A batch of the queue: one short transaction that claims, checks again, erases, moves the rows and writes the entry.
//! Nothing is left to rescue after a crash, and no lead is ever half gone.

use std::time::Instant;

use domain::Result;
use domain::audit::{Act, ActorRef};
use sea_orm::ConnectionTrait;

use super::claim::{self, Becomes, Settled};
use super::query::Query;
use super::sql::{self, values};
use super::{Store, audit, erase, number, setting};
use crate::database::Priority;

/// A batch holds the write lock for about so long, in milliseconds: measured faster, with fewer bytes written and shorter
/// locks, than any fixed number of leads.
const TARGET_MILLIS: f64 = 100.0;
/// A batch has at most so many leads.
const MOST: i64 = 20_000;

/// What of the queue is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// What its undo time and its next try allow.
    OnTime,
    /// Also what is younger than the undo time (`Run now` with its tick, `layer queue run`). Tries keep their times.
    Younger,
}

/// A run through the queue: by ascending lead, in batches that size themselves.
#[derive(Debug)]
pub struct Pass {
    due: Due,
    after: i64,
    size: i64,
}

impl Pass {
    /// From the lowest lead.
    pub fn new(due: Due) -> Self {
        Self { due, after: 0, size: 500 }
    }

    fn sized(&mut self, leads: i64, millis: f64) {
        let factor = (TARGET_MILLIS / millis.max(1.0)).clamp(0.5, 1.5);
        // A last, short batch says little about the pace.
        if leads >= self.size || factor < 1.0 {
            self.size = ((leads as f64 * factor) as i64).clamp(1, MOST);
        }
    }
}

/// Who ordered it may not delete leads any more, and no Layer Admin confirmed it.
macro_rules! right_withdrawn {
    () => {
        "o.confirmed_by IS NULL AND NOT EXISTS (\
           SELECT 1 FROM member m JOIN role_permission p ON p.role = m.role \
           WHERE m.id = r.member AND m.active = 1 AND p.permission = 'delete-leads')"
    };
}

/// The lead, or the lead it is a copy of, isn't any more what it was in the draft, and the reason allows for that.
macro_rules! changed {
    () => {
        "r.must_be_carried_out = 0 AND (l.revision <> o.revision OR (o.kept_lead IS NOT NULL AND (\
           NOT EXISTS (SELECT 1 FROM lead k WHERE k.id = o.kept_lead) \
           OR EXISTS (SELECT 1 FROM open_deletion ko WHERE ko.lead = o.kept_lead))))"
    };
}

/// The rule of [`domain::deletion::verdict`] for a whole set.
const VERDICT: Becomes = Becomes {
    state: concat!("CASE WHEN ", right_withdrawn!(), " THEN 'held' WHEN ", changed!(), " THEN 'skipped' ELSE 'erased' END"),
    cause: concat!(
        "CASE WHEN ", right_withdrawn!(), " THEN 'rights-withdrawn' WHEN ", changed!(), " THEN 'changed' ELSE '' END"
    ),
};

impl Store {
    /// The next batch of a pass. `None` where nothing of it is left to do, or the queue is paused.
    pub async fn batch(&self, pass: &mut Pass, by: ActorRef) -> Result<Option<Settled>> {
        loop {
            let writing = self.begin(Priority::Queue).await?;
            if setting::paused(writing.tx()).await?.is_some() {
                return Ok(None);
            }
            let begun = Instant::now();
            let mut rest = Query::new(" WHERE o.lead > ");
            // By ascending lead, so along the primary key: what is no plain column can't tempt a planner to sort.
            rest.bind(pass.after)
                .add(" AND o.state || '' = 'waiting' AND (o.due_at + 0 <= ")
                .bind(writing.now.0)
                .add(" OR (o.tries = 0 AND 1 = ")
                .bind(i64::from(pass.due == Due::Younger))
                .add("))");
            let claimed = claim::claim(&writing, VERDICT, &rest, Some(pass.size)).await? as i64;
            if claimed == 0 {
                if pass.after == 0 {
                    return Ok(None);
                }
                // Round again: for what became due meanwhile, and for the second try of what failed.
                pass.after = 0;
                continue;
            }
            let last: Option<i64> = sql::value(writing.tx(), "SELECT MAX(lead) FROM claimed", []).await?;
            pass.after = last.unwrap_or(0);
            erase::erase(&writing).await?;
            let settled = claim::settle(&writing, None).await?;
            sql::execute(
                writing.tx(),
                "UPDATE queue_run SET done = done + $1 WHERE id = 1",
                values![settled.erased + settled.skipped + settled.held + settled.failed],
            )
            .await?;
            let facts = facts(&writing, settled).await?;
            writing.commit(by, Act::Batch, facts).await?;
            pass.sized(claimed, begun.elapsed().as_secs_f64() * 1_000.0);
            return Ok(Some(settled));
        }
    }

    /// The earliest instant from which a waiting deletion may run, hours apart; `None` where none waits.
    pub async fn next_due<C: ConnectionTrait>(&self, on: &C) -> Result<Option<domain::time::Millis>> {
        let due: Option<Option<i64>> =
            sql::value(on, "SELECT MIN(due_at) FROM open_deletion WHERE state = 'waiting'", []).await?;
        Ok(due.flatten().map(domain::time::Millis))
    }
}

/// What an entry says of what its act settled: the counts that aren't 0, and the digest over the closed rows.
pub async fn facts(writing: &super::Writing<'_>, settled: Settled) -> Result<Vec<(String, domain::audit::Fact)>> {
    let counts = [
        ("erased", settled.erased),
        ("skipped", settled.skipped),
        ("removed", settled.removed),
        ("held", settled.held),
        ("failed", settled.failed),
        ("waiting", settled.waiting),
    ];
    let mut facts: Vec<_> = counts.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| number(name, n)).collect();
    facts.extend(audit::closed_rows(writing.tx(), writing.act).await?);
    Ok(facts)
}
