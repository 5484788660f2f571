//! Lead stats: read from sums that every act moves in its own transaction; overdue by the clock, from an index.

use domain::Result;
use domain::lead_stats::LeadStats;
use domain::time::{Millis, OVERDUE_AFTER};
use sea_orm::ConnectionTrait;

use super::Store;
use super::sql::{self, values};
use crate::database::Priority;

/// So many deltas are read with the sums; more are folded first.
const MANY_DELTAS: i64 = 500;

/// The sums as they stand, by name; what was never moved is none.
async fn sums<C: ConnectionTrait>(on: &C) -> Result<impl Fn(&str) -> u64> {
    let sums: Vec<(String, i64)> = sql::tuples(
        on,
        "SELECT name, CAST(SUM(value) AS BIGINT) FROM \
         (SELECT name, value FROM lead_stat UNION ALL SELECT name, delta FROM lead_stat_delta) s GROUP BY name",
        [],
    )
    .await?;
    Ok(move |name: &str| {
        let found = sums
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| *value);
        u64::try_from(found.unwrap_or(0)).unwrap_or(0)
    })
}

/// How many leads have no open deletion, and how many have one.
pub async fn leads<C: ConnectionTrait>(on: &C) -> Result<(u64, u64)> {
    let sum = sums(on).await?;
    let open = sum("waiting") + sum("held") + sum("failed");
    Ok((sum("leads").saturating_sub(open), open))
}

/// The numbers as they stand.
pub async fn lead_stats<C: ConnectionTrait>(on: &C, now: Millis) -> Result<LeadStats> {
    let sum = sums(on).await?;
    Ok(LeadStats {
        leads: sum("leads"),
        deletions_waiting: sum("waiting"),
        held: sum("held"),
        failed: sum("failed"),
        overdue: overdue(on, now).await?,
        deleted: sum("erased"),
        without_contact_records: sum("without_contact_records"),
        without_valid_telephone: sum("without_valid_telephone"),
    })
}

/// The same, counted anew: slow, and what the sums must always say.
pub async fn recount<C: ConnectionTrait>(on: &C, now: Millis) -> Result<LeadStats> {
    Ok(LeadStats {
        leads: count(on, "lead").await?,
        deletions_waiting: count(on, "open_deletion WHERE state = 'waiting'").await?,
        held: count(on, "open_deletion WHERE state = 'held'").await?,
        failed: count(on, "open_deletion WHERE state = 'failed'").await?,
        overdue: overdue(on, now).await?,
        deleted: count(on, "deletion WHERE state = 'erased'").await?,
        without_contact_records: count(
            on,
            "lead l WHERE NOT EXISTS (SELECT 1 FROM contact_record c WHERE c.lead = l.id)",
        )
        .await?,
        without_valid_telephone: count(
            on,
            "lead l WHERE NOT EXISTS \
             (SELECT 1 FROM contact_record c WHERE c.lead = l.id AND c.telephone_valid = 1)",
        )
        .await?,
    })
}

/// As `domain::deletion::is_overdue` has it.
async fn overdue<C: ConnectionTrait>(on: &C, now: Millis) -> Result<u64> {
    let overdue: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM open_deletion WHERE ordered_at < $1 AND state <> 'failed' \
         AND NOT (state = 'held' AND cause = 'legal-hold')",
        values![now.plus(-OVERDUE_AFTER).0],
    )
    .await?;
    Ok(overdue.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

async fn count<C: ConnectionTrait>(on: &C, from: &str) -> Result<u64> {
    let count: Option<i64> = sql::value(on, &format!("SELECT COUNT(*) FROM {from}"), []).await?;
    Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

impl Store {
    /// Folds PostgreSQL's deltas into their sums where they are many, so that reading them stays quick. Changes no number;
    /// nodes that do so at once fold each delta once.
    pub async fn fold_lead_stats(&self) -> Result<()> {
        let many: Option<i64> = sql::value(
            self.reader(),
            "SELECT CAST(1 AS BIGINT) WHERE EXISTS (SELECT 1 FROM lead_stat_delta LIMIT 1 OFFSET $1)",
            values![MANY_DELTAS],
        )
        .await?;
        if many.is_none() {
            return Ok(());
        }
        let writing = self.begin(Priority::Queue).await?;
        sql::execute(
            writing.tx(),
            "WITH moved AS (DELETE FROM lead_stat_delta RETURNING name, delta) \
             INSERT INTO lead_stat (name, value) \
             SELECT name, CAST(SUM(delta) AS BIGINT) FROM moved GROUP BY name ORDER BY name \
             ON CONFLICT (name) DO UPDATE SET value = lead_stat.value + excluded.value",
            [],
        )
        .await?;
        writing.commit_quietly().await
    }
}
