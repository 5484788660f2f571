//! A view of a stack: filter, *only*, search and as-of in one place, so that its rows, its number and its draft can't
//! disagree.

use domain::Result;
use domain::lead::LeadId;
use domain::text;
use domain::time::{DAY, Millis};
use domain::work_stack::{AsOf, GridView, Order};
use sea_orm::ConnectionTrait;

use super::query::Query;
use super::scope::Stack;
use super::sql::{self};
use super::{audit, filter, lead_stats};

/// A page that stands for longer is counted against an instant so long ago: ages must not reach back at will.
const LONGEST_AS_OF: i64 = DAY;

/// The orders made after a sequence, up to that number and a bracket.
const ORDERED_LATER: &str =
    "(SELECT x.id FROM audit_entry e JOIN deletion_order x ON x.act = e.act WHERE e.sequence > ";

/// What a person looks at, frozen at its refresh.
#[derive(Debug, Clone)]
pub struct View {
    /// The stack, which this person sees.
    pub stack: Stack,
    /// The search and *only*.
    asked: GridView,
    /// The refresh.
    pub as_of: AsOf,
    /// It is refreshed with this very reading.
    is_fresh: bool,
}

impl View {
    /// With the as-of that the page has, or a new one.
    pub async fn new<C: ConnectionTrait>(
        on: &C,
        stack: Stack,
        asked: GridView,
        as_of: Option<AsOf>,
        now: Millis,
    ) -> Result<Self> {
        let is_fresh = as_of.is_none();
        let as_of = match as_of {
            Some(as_of) => AsOf {
                at: as_of.at.max(now.plus(-LONGEST_AS_OF)).min(now),
                ..as_of
            },
            None => AsOf {
                sequence: audit::sequence(on).await?,
                highest: LeadId(
                    sql::value::<Option<i64>, _>(on, "SELECT MAX(id) FROM lead", [])
                        .await?
                        .flatten()
                        .unwrap_or(0),
                ),
                at: now,
            },
        };
        Ok(Self {
            stack,
            asked,
            as_of,
            is_fresh,
        })
    }

    /// How its rows are sorted.
    pub fn order(&self) -> Order {
        self.asked.order.unwrap_or(self.stack.order)
    }

    /// Whether deletions are hidden.
    pub fn hides(&self) -> bool {
        self.asked
            .hide_deletions
            .unwrap_or(self.stack.hides_deletions)
    }

    /// Whether its leads are copies, each with a kept lead.
    pub fn has_copies(&self) -> bool {
        self.stack.filter.possible_duplicate
    }

    /// Whether it takes every lead.
    fn is_everything(&self) -> bool {
        self.stack.filter.is_everything()
            && self.asked.only.is_none()
            && text::fold(&self.asked.search).is_empty()
    }

    /// `l.id … AND …`: what it takes, with or without an open deletion.
    pub fn takes(&self, query: &mut Query) {
        query.add("l.id <= ").bind(self.as_of.highest.0);
        filter::filter(query, &self.stack.filter, self.as_of.at);
        filter::only(query, self.asked.only);
        filter::search(query, &self.asked.search);
    }

    /// ` AND …`: what it shows of that. While it stands, a deletion ordered later keeps its row in place, and one that
    /// ends later brings none back. An order's act and a closing's act tell which came first: their sequences do.
    pub fn shows(&self, query: &mut Query) {
        if !self.hides() {
            return;
        }
        query
            .add(" AND NOT EXISTS (SELECT 1 FROM open_deletion o WHERE o.lead = l.id AND o.deletion_order NOT IN ")
            .add(ORDERED_LATER)
            .bind(self.as_of.sequence)
            .add(")) AND l.id NOT IN (");
        self.closed_later(query);
        query.add(")");
    }

    /// How many rows it has; with another view of the same stack, how many of them that one has too. What is hidden is
    /// counted from the deletions, which are few, and not by asking every lead.
    pub async fn count_shown<C: ConnectionTrait>(&self, on: &C, and: Option<&Self>) -> Result<u64> {
        let takes = |query: &mut Query| {
            self.takes(query);
            if let Some(other) = and {
                query.add(" AND ");
                other.takes(query);
            }
        };
        let mut all = Query::new("SELECT COUNT(*) FROM lead l WHERE ");
        takes(&mut all);
        let all = all.count(on).await?;
        if !self.hides() {
            return Ok(all);
        }
        let mut hidden = Query::new("SELECT COUNT(*) FROM lead l WHERE l.id IN (");
        self.hidden(&mut hidden);
        if let Some(other) = and {
            hidden.add(" UNION ");
            other.hidden(&mut hidden);
        }
        hidden.add(") AND ");
        takes(&mut hidden);
        Ok(all.saturating_sub(hidden.count(on).await?))
    }

    /// `SELECT …`: the leads that [`shows`](Self::shows) leaves out, said from the deletions.
    fn hidden(&self, query: &mut Query) {
        query
            .add("SELECT o.lead FROM open_deletion o WHERE o.deletion_order NOT IN ")
            .add(ORDERED_LATER)
            .bind(self.as_of.sequence)
            .add(") UNION ");
        self.closed_later(query);
    }

    /// `SELECT …`: what had an open deletion at the as-of and was closed since.
    fn closed_later(&self, query: &mut Query) {
        query
            .add("SELECT d.lead FROM audit_entry a JOIN deletion d ON d.act = a.act WHERE a.sequence > ")
            .bind(self.as_of.sequence)
            .add(" AND d.deletion_order NOT IN ")
            .add(ORDERED_LATER)
            .bind(self.as_of.sequence)
            .add(")");
    }

    /// How many leads it takes without an open deletion, and how many with one.
    pub async fn count<C: ConnectionTrait>(&self, on: &C) -> Result<(u64, u64)> {
        if self.is_fresh && self.is_everything() {
            return lead_stats::leads(on).await;
        }
        let mut all = Query::new("SELECT COUNT(*) FROM lead l WHERE ");
        self.takes(&mut all);
        let mut deleted =
            Query::new("SELECT COUNT(*) FROM open_deletion x JOIN lead l ON l.id = x.lead WHERE ");
        self.takes(&mut deleted);
        let (all, deleted) = (all.count(on).await?, deleted.count(on).await?);
        Ok((all.saturating_sub(deleted), deleted))
    }
}
