//! Open deletions that one act settles: claimed into a table of this transaction, given what becomes of them, and moved
//! all together, whatever their number. Undo, Remove Deletions, a takeover, a batch and the X all end here, so that an
//! order's numbers and Lead stats have one place where they move.

use domain::Result;
use domain::member::MemberId;
use sea_orm::{ConnectionTrait, DbBackend};

use super::query::Query;
use super::sql::{self, values};
use super::{Writing, deletion_chart, dialect, lock};

/// One row a claimed lead: how its deletion stood (`was`) and what becomes of it. It lives in memory.
const TABLE: &str = "CREATE TEMPORARY TABLE IF NOT EXISTS claimed (
    n BIGINT NOT NULL,
    lead BIGINT NOT NULL PRIMARY KEY,
    deletion_order BYTES NOT NULL,
    was TEXT NOT NULL,
    becomes TEXT NOT NULL,
    cause TEXT NOT NULL,
    tries BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    kept_lead BIGINT,
    contact_records BIGINT NOT NULL,
    activities BIGINT NOT NULL,
    no_contact BIGINT NOT NULL,
    no_valid_telephone BIGINT NOT NULL
)";

/// How many claimed deletions came to what, in deletions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// The lead is gone.
    pub erased: i64,
    /// The lead stays: changed, gone before, taken over.
    pub skipped: i64,
    /// Taken off the queue.
    pub removed: i64,
    /// Wait for a person.
    pub held: i64,
    /// Failed for good.
    pub failed: i64,
    /// Wait (again).
    pub waiting: i64,
}

impl Settled {
    /// Adds another batch's.
    pub fn add(&mut self, other: Self) {
        self.erased += other.erased;
        self.skipped += other.skipped;
        self.removed += other.removed;
        self.held += other.held;
        self.failed += other.failed;
        self.waiting += other.waiting;
    }
}

/// What a claimed deletion becomes, as an expression of SQL over `o`, `r` and `l`; both of one row.
#[derive(Debug, Clone, Copy)]
pub struct Becomes {
    /// `becomes`: erased, skipped, removed, held, failed, waiting.
    pub state: &'static str,
    /// `cause`.
    pub cause: &'static str,
}

impl Becomes {
    /// The same for all.
    pub const REMOVED: Self = Self {
        state: "'removed'",
        cause: "''",
    };
    /// Erased, whatever changed.
    pub const ERASED: Self = Self {
        state: "'erased'",
        cause: "''",
    };
    /// A stricter order takes it over.
    pub const TAKEN_OVER: Self = Self {
        state: "'skipped'",
        cause: "'taken-over'",
    };
    /// It waits for a person.
    pub const RIGHTS_WITHDRAWN: Self = Self {
        state: "'held'",
        cause: "'rights-withdrawn'",
    };
    /// It waits for a run.
    pub const WAITING: Self = Self {
        state: "'waiting'",
        cause: "''",
    };
}

/// Claims the open deletions that the rest of the statement finds, from ` WHERE` on: `o` is the open deletion, `r` its
/// order, `l` its lead. How many.
pub async fn claim(
    writing: &Writing<'_>,
    becomes: Becomes,
    rest: &Query,
    limit: Option<i64>,
) -> Result<u64> {
    let backend = writing.tx().get_database_backend();
    prepare(writing, backend).await?;
    if let (Some(_), Some(order)) = (limit, dialect::in_order(backend)) {
        sql::execute(writing.tx(), order, []).await?;
    }
    let mut query = Query::new(
        "INSERT INTO claimed (n, lead, deletion_order, was, becomes, cause, tries, revision, kept_lead, contact_records, \
         activities, no_contact, no_valid_telephone) \
         SELECT ROW_NUMBER() OVER (ORDER BY f.lead), f.* FROM (SELECT o.lead, o.deletion_order, o.state, ",
    );
    query
        .add(becomes.state)
        .add(" AS becomes, ")
        .add(becomes.cause)
        .add(
            " AS cause, o.tries, o.revision, o.kept_lead, \
             (SELECT COUNT(*) FROM contact_record c WHERE c.lead = o.lead) AS contact_records, \
             (SELECT COUNT(*) FROM activity a WHERE a.lead = o.lead) AS activities, \
             CASE WHEN l.contact_count = 0 THEN 1 ELSE 0 END AS no_contact, \
             CASE WHEN l.valid_telephone_count = 0 THEN 1 ELSE 0 END AS no_valid \
             FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order JOIN lead l ON l.id = o.lead",
        )
        .append(rest)
        .add(" ORDER BY o.lead");
    if let Some(limit) = limit {
        query.add(" LIMIT ").bind(limit);
    }
    // The queue passes over what another node has; a person's act waits for it.
    query.add(&match limit {
        Some(_) => dialect::skip_locked(backend, "l, o"),
        None => dialect::for_update_of(backend, "l, o"),
    });
    query.add(") f");
    query.execute(writing.tx()).await
}

/// An empty `claimed`.
async fn prepare(writing: &Writing<'_>, backend: DbBackend) -> Result<()> {
    let table = dialect::temporary(backend, TABLE);
    sql::execute(writing.tx(), &table, []).await?;
    // For a batch of many orders with one lead each; one order with many leads is the other common case.
    sql::execute(
        writing.tx(),
        "CREATE INDEX IF NOT EXISTS claimed_order ON claimed (deletion_order, was, becomes)",
        [],
    )
    .await?;
    sql::execute(writing.tx(), "DELETE FROM claimed", []).await?;
    Ok(())
}

/// Moves every claimed deletion to what it becomes: closed ones to `deletion`, the orders' numbers, Lead stats. The
/// leads of erased ones are gone by then. `by` closed them, where it was a person.
pub async fn settle(writing: &Writing<'_>, by: Option<MemberId>) -> Result<Settled> {
    let tx = writing.tx();
    sql::execute(
        tx,
        "INSERT INTO deletion (lead, deletion_order, state, cause, act, at, member, contact_records, activities, revision, kept_lead) \
         SELECT lead, deletion_order, becomes, cause, $1, $2, $3, \
           CASE WHEN becomes = 'erased' THEN contact_records ELSE 0 END, \
           CASE WHEN becomes = 'erased' THEN activities ELSE 0 END, revision, kept_lead \
         FROM claimed WHERE becomes IN ('erased', 'skipped', 'removed') ORDER BY lead",
        values![writing.act.as_bytes().to_vec(), writing.now.0, by.map(|m| m.0)],
    )
    .await?;
    sql::execute(
        tx,
        "DELETE FROM open_deletion WHERE lead IN (SELECT lead FROM claimed WHERE becomes IN ('erased', 'skipped', 'removed'))",
        [],
    )
    .await?;
    sql::execute(
        tx,
        "UPDATE open_deletion SET (state, cause) = (SELECT becomes, c.cause FROM claimed c WHERE c.lead = open_deletion.lead) \
         WHERE lead IN (SELECT lead FROM claimed WHERE becomes IN ('waiting', 'held', 'failed'))",
        [],
    )
    .await?;
    lock::claimed_orders(writing).await?;
    move_orders(tx).await?;
    let reasons = sql::column(
        tx,
        "SELECT DISTINCT reason FROM deletion_order WHERE id IN (SELECT deletion_order FROM claimed)",
        [],
    )
    .await?;
    reasons
        .into_iter()
        .for_each(|reason| writing.concerns(reason));
    let groups: Vec<(String, String, i64, i64, i64)> = sql::tuples(
        tx,
        "SELECT was, becomes, COUNT(*), CAST(SUM(no_contact) AS BIGINT), CAST(SUM(no_valid_telephone) AS BIGINT) \
         FROM claimed GROUP BY was, becomes",
        [],
    )
    .await?;
    let mut settled = Settled::default();
    for (was, becomes, count, no_contact, no_valid) in groups {
        writing.add_stat(&was, -count).await?;
        match becomes.as_str() {
            "erased" => {
                settled.erased += count;
                writing.add_stat("erased", count).await?;
                writing.add_stat("leads", -count).await?;
                writing
                    .add_stat("without_contact_records", -no_contact)
                    .await?;
                writing
                    .add_stat("without_valid_telephone", -no_valid)
                    .await?;
            }
            "skipped" => settled.skipped += count,
            "removed" => settled.removed += count,
            "held" => {
                settled.held += count;
                writing.add_stat("held", count).await?;
            }
            "failed" => {
                settled.failed += count;
                writing.add_stat("failed", count).await?;
            }
            _ => {
                settled.waiting += count;
                writing.add_stat("waiting", count).await?;
            }
        }
    }
    if settled.erased > 0 {
        deletion_chart::count(writing).await?;
    }
    Ok(settled)
}

/// Moves the numbers of every order that has a claimed deletion.
async fn move_orders<C: ConnectionTrait>(on: &C) -> Result<()> {
    let moved = |column: &str, from: bool, to: bool| {
        let count = |side: &str| {
            format!(
                "(SELECT COUNT(*) FROM claimed c WHERE c.deletion_order = deletion_order.id AND c.{side} = '{column}')"
            )
        };
        let minus = if from {
            format!(" - {}", count("was"))
        } else {
            String::new()
        };
        let plus = if to {
            format!(" + {}", count("becomes"))
        } else {
            String::new()
        };
        format!("{column} = {column}{minus}{plus}")
    };
    let columns = [
        moved("waiting", true, true),
        moved("held", true, true),
        moved("failed", true, true),
        moved("erased", false, true),
        moved("skipped", false, true),
        moved("removed", false, true),
    ];
    let statement = format!(
        "UPDATE deletion_order SET {} WHERE id IN (SELECT deletion_order FROM claimed)",
        columns.join(", ")
    );
    sql::execute(on, &statement, []).await?;
    Ok(())
}
