//! Finding entries of the audit log: pages by their sequence, each along an index that begins with what is looked for.

use domain::Result;
use domain::audit::{Act, ActorRef, Fact, decode_facts};
use domain::audit_log::AuditWanted;
use domain::deletion_order::OrderId;
use domain::lead::LeadId;
use domain::time::Millis;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::audit_about::{of_lead, of_reason};
use super::query::Query;
use super::sql;
use super::times::Times;

/// An entry as the database has it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its place.
    pub sequence: i64,
    /// When.
    pub at: Millis,
    /// The act's id.
    pub act: Vec<u8>,
    /// Who.
    pub actor: ActorRef,
    /// What; `None` for a word that this version doesn't know.
    pub kind: Option<Act>,
    /// With what.
    pub facts: Vec<(String, Fact)>,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Found {
    fn of_row(row: &QueryResult) -> Result<Self> {
        let kind: String = sql::get(row, "kind")?;
        let facts: Vec<u8> = sql::get(row, "facts")?;
        Ok(Self {
            sequence: sql::get(row, "sequence")?,
            at: Millis(sql::get(row, "at")?),
            act: sql::get(row, "act")?,
            actor: ActorRef::from_numbers(
                sql::get(row, "actor_kind")?,
                sql::get(row, "actor_member")?,
            ),
            kind: Act::from_code(&kind),
            facts: decode_facts(&facts).unwrap_or_default(),
            hash: sql::get(row, "hash")?,
        })
    }

    /// The orders that it is about: its own act's, or those that its facts name.
    pub fn orders(&self) -> Vec<OrderId> {
        if self.kind == Some(Act::OrderConfirmed) {
            return Uuid::from_slice(&self.act)
                .ok()
                .map(OrderId)
                .into_iter()
                .collect();
        }
        let named = self.facts.iter().filter_map(|(name, fact)| match fact {
            Fact::Id(id) if name == "order" => Some(OrderId(*id)),
            _ => None,
        });
        named.collect()
    }
}

/// Which way pages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From below this sequence to the oldest.
    Down(i64),
    /// From above this sequence to the newest.
    Up(i64),
}

/// The first and the last sequence that can have what is looked for; `None` where nothing can. Without days that is all.
///
/// Instants didn't always run with the sequence: before the log minded it, a clock may have been put back. So the bounds are
/// read, not guessed.
pub async fn bounds<C: ConnectionTrait>(
    on: &C,
    wanted: &AuditWanted,
) -> Result<Option<(i64, i64)>> {
    let mut bounds = (i64::MIN, i64::MAX);
    let mut ends = Vec::new();
    if wanted.from.is_some() {
        ends.push("MIN");
    }
    if wanted.until.is_some() {
        ends.push("MAX");
    }
    for end in ends {
        let mut query = Query::new("SELECT ");
        query
            .add(end)
            // The sum keeps SQLite from walking all entries until one is found.
            .add("(sequence + 0) FROM audit_entry WHERE at >= ")
            .bind(wanted.from.map_or(i64::MIN, |at| at.0))
            .add(" AND at < ")
            .bind(wanted.until.map_or(i64::MAX, |at| at.0));
        let found = query.rows(on).await?;
        let found: Option<i64> = match found.first() {
            Some(row) => row.try_get_by_index(0).map_err(sql::internal)?,
            None => None,
        };
        match (found, end) {
            (None, _) => return Ok(None),
            (Some(first), "MIN") => bounds.0 = first,
            (Some(last), _) => bounds.1 = last,
        }
    }
    Ok(Some(bounds))
}

/// At most `most` entries of what is looked for, within these bounds.
pub async fn entries<C: ConnectionTrait>(
    on: &C,
    wanted: &AuditWanted,
    (first, last): (i64, i64),
    way: Way,
    most: usize,
) -> Result<Vec<Found>> {
    let query = statement(wanted, (first, last), way, most);
    query.rows(on).await?.iter().map(Found::of_row).collect()
}

fn statement(wanted: &AuditWanted, (first, last): (i64, i64), way: Way, most: usize) -> Query {
    let mut query = Query::new(
        "SELECT e.sequence, e.at, e.act, e.actor_kind, e.actor_member, e.kind, e.facts, e.hash FROM ",
    );
    let place = match &wanted.reason {
        // Along the reason's own entries, already in their order.
        Some(code) => {
            query
                .add("audit_about b JOIN audit_entry e ON e.sequence = b.sequence WHERE b.subject = ")
                .bind(of_reason(code))
                .add(" AND ");
            "b.sequence"
        }
        None => {
            query.add("audit_entry e WHERE ");
            "e.sequence"
        }
    };
    let (above, below) = match way {
        Way::Down(before) => (first, last.min(before.saturating_sub(1))),
        Way::Up(after) => (first.max(after.saturating_add(1)), last),
    };
    query
        .add(place)
        .add(" BETWEEN ")
        .bind(above)
        .add(" AND ")
        .bind(below);
    if let Some(act) = wanted.act {
        query.add(" AND e.kind = ").bind(act.code());
    }
    if let Some(actor) = wanted.by {
        let (kind, member) = actor.numbers();
        query
            .add(" AND e.actor_kind = ")
            .bind(i64::from(kind))
            .add(" AND e.actor_member = ")
            .bind(member);
    }
    // The sum keeps their index out of it: the sequence's order is wanted.
    if let Some(from) = wanted.from {
        query.add(" AND e.at + 0 >= ").bind(from.0);
    }
    if let Some(until) = wanted.until {
        query.add(" AND e.at + 0 < ").bind(until.0);
    }
    if let Some(lead) = wanted.lead {
        query.add(" AND e.sequence IN (");
        touching(&mut query, lead);
        query.add(")");
    }
    query
        .add(" ORDER BY ")
        .add(place)
        .add(if matches!(way, Way::Down(_)) {
            " DESC LIMIT "
        } else {
            " LIMIT "
        })
        .bind(most as i64);
    query
}

/// The sequences of what touches a lead: entries that name it; the acts that ordered and that closed its deletions; the
/// asking about a draft that has it.
fn touching(query: &mut Query, lead: LeadId) {
    const ACTS: [&str; 4] = [
        "SELECT d.act FROM deletion d WHERE d.lead = ",
        "SELECT r.act FROM deletion d JOIN deletion_order r ON r.id = d.deletion_order WHERE d.lead = ",
        "SELECT r.act FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order WHERE o.lead = ",
        "SELECT t.id FROM draft_lead k JOIN draft t ON t.id = k.draft WHERE t.asked_at IS NOT NULL AND k.lead = ",
    ];
    query
        .add("SELECT sequence FROM audit_about WHERE subject = ")
        .bind(of_lead(lead))
        .add(" UNION SELECT a.sequence FROM audit_entry a WHERE a.act IN (");
    for (place, acts) in ACTS.into_iter().enumerate() {
        if place > 0 {
            query.add(" UNION ");
        }
        query.add(acts).bind(lead.0);
    }
    query.add(")");
}

/// "18 Aug 2026, 13:42".
pub fn stamp(at: Millis, times: &Times) -> String {
    times
        .calendar
        .zone()
        .to_datetime(at.timestamp())
        .strftime("%-d %b %Y, %H:%M")
        .to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::clock::SetClock;
    use crate::database::Database;
    use crate::store::Store;
    use domain::member::MemberId;
    use std::sync::Arc;

    /// Whatever is looked for, a page is read along an index, in its order, and stops when it is full.
    #[tokio::test]
    async fn no_search_sorts_or_walks_the_whole_log() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("layer.db").display());
        let db = Database::open(&url).await.unwrap();
        db.migrate().await.unwrap();
        let store = Store::new(db, Arc::new(SetClock::new(Millis(0))), false);
        let by = [
            None,
            Some(ActorRef::Worker),
            Some(ActorRef::Member(MemberId(3))),
        ];
        let (acts, reasons) = (
            [None, Some(Act::Batch)],
            [None, Some("duplicate".to_owned())],
        );
        let days = [None, Some(Millis(5))];
        let leads = [None, Some(LeadId(7))];
        for (by, act, reason, from, lead) in by.iter().flat_map(|by| {
            let (reasons, days, leads) = (&reasons, &days, &leads);
            acts.iter().flat_map(move |act| {
                reasons.iter().flat_map(move |reason| {
                    days.iter().flat_map(move |from| {
                        leads.iter().map(move |lead| (by, act, reason, from, lead))
                    })
                })
            })
        }) {
            let wanted = AuditWanted {
                by: *by,
                act: *act,
                reason: reason.clone(),
                from: *from,
                until: None,
                lead: *lead,
            };
            let query = statement(&wanted, (i64::MIN, i64::MAX), Way::Down(i64::MAX), 101);
            let mut explained = Query::new("EXPLAIN QUERY PLAN ");
            explained.append(&query);
            let plan: Vec<String> = explained
                .rows(store.reader())
                .await
                .unwrap()
                .iter()
                .map(|row| sql::get(row, "detail").unwrap())
                .collect();
            for step in &plan {
                // A lead's own few entries may be sorted; the log may not.
                let sorts = step.contains("TEMP B-TREE FOR ORDER BY") && lead.is_none();
                let walks = step.starts_with("SCAN e") || step.starts_with("SCAN b");
                assert!(!sorts && !walks, "{wanted:?}: {plan:?}");
            }
        }
    }
}
