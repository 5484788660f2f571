//! What should become of a few leads, whatever people, the worker and crashes do to them.

use anyhow::Result;
use domain::deletion_order::OrderId;
use domain::lead::LeadId;
use domain::removal::RemovalId;
use domain::time::MINUTE;
use server::store::sql;

use crate::ground::Open;

/// The undo time.
pub const UNDO: i64 = 10 * MINUTE;

/// What a lead should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// Which.
    pub id: LeadId,
    /// Its revision; `None`: it is gone.
    pub revision: Option<i64>,
    /// Its open deletion.
    pub open: Option<OpenDeletion>,
    /// How often it was erased.
    pub erased: i64,
    /// How many of its deletions were skipped.
    pub skipped: i64,
    /// How many were removed.
    pub removed: i64,
}

/// A lead's open deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenDeletion {
    /// The lead's revision that was ordered.
    pub revision: i64,
    /// Whether it must be carried out.
    pub must: bool,
    /// When it is due, in ms.
    pub due: i64,
}

/// What should be, and what can be taken back.
#[derive(Debug, Clone)]
pub struct Model {
    /// The leads.
    pub leads: Vec<Lead>,
    /// Orders with the leads that they hold.
    pub orders: Vec<(OrderId, &'static str, Vec<usize>)>,
    /// What was taken off the queue, and put back.
    pub removals: Vec<Taken>,
}

/// What one removal took off the queue.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Which removal.
    pub removal: RemovalId,
    /// The lead, its revision in the draft, whether it must be.
    pub leads: Vec<(usize, i64, bool)>,
    /// How many it put back once it was undone: asked again, it answers the same and does nothing.
    pub put_back: Option<u64>,
}

impl Model {
    /// These leads as they are, with nothing ordered.
    pub async fn of(open: &Open, ids: &[LeadId]) -> Result<Self> {
        Ok(Self {
            leads: read(open, ids).await?,
            orders: Vec::new(),
            removals: Vec::new(),
        })
    }

    /// The leads.
    pub fn ids(&self) -> Vec<LeadId> {
        self.leads.iter().map(|lead| lead.id).collect()
    }

    /// A deletion ends without erasing.
    pub fn close(lead: &mut Lead, removed: bool) {
        lead.open = None;
        if removed {
            lead.removed += 1;
        } else {
            lead.skipped += 1;
        }
    }

    /// A run: what is due goes, unless it changed and may be skipped.
    pub fn run(&mut self, now: i64) {
        for lead in &mut self.leads {
            let Some(deletion) = lead.open.filter(|open| open.due <= now) else {
                continue;
            };
            if deletion.must || lead.revision == Some(deletion.revision) {
                Self::erase(lead);
            } else {
                Self::close(lead, false);
            }
        }
    }

    /// A lead goes.
    pub fn erase(lead: &mut Lead) {
        lead.open = None;
        lead.revision = None;
        lead.erased += 1;
    }

    /// Orders that hold none of their leads any more can't be taken back: the model forgets which lead is in which.
    pub fn forget(&mut self, gone: impl Fn(usize, OrderId) -> bool) {
        for (order, _, leads) in &mut self.orders {
            let order = *order;
            leads.retain(|lead| !gone(*lead, order));
        }
    }
}

/// What the database has of these leads.
pub async fn read(open: &Open, ids: &[LeadId]) -> Result<Vec<Lead>> {
    let (first, last) = (ids[0].0, ids[ids.len() - 1].0);
    let on = open.reader();
    let there: Vec<(i64, i64)> = sql::tuples(
        on,
        "SELECT id, revision FROM lead WHERE id BETWEEN $1 AND $2",
        [first.into(), last.into()],
    )
    .await?;
    let waiting: Vec<(i64, i64, i64, i64)> = sql::tuples(
        on,
        "SELECT o.lead, o.revision, r.must_be_carried_out, o.due_at FROM open_deletion o \
         JOIN deletion_order r ON r.id = o.deletion_order WHERE o.lead BETWEEN $1 AND $2",
        [first.into(), last.into()],
    )
    .await?;
    let closed: Vec<(i64, String, i64)> = sql::tuples(
        on,
        "SELECT lead, state, COUNT(*) FROM deletion WHERE lead BETWEEN $1 AND $2 GROUP BY lead, state",
        [first.into(), last.into()],
    )
    .await?;
    let count = |id: LeadId, state: &str| {
        let found = closed
            .iter()
            .find(|(lead, s, _)| *lead == id.0 && s == state);
        found.map_or(0, |(.., count)| *count)
    };
    Ok(ids
        .iter()
        .map(|id| Lead {
            id: *id,
            revision: there.iter().find(|(lead, _)| *lead == id.0).map(|l| l.1),
            open: waiting.iter().find(|(lead, ..)| *lead == id.0).map(
                |(_, revision, must, due)| OpenDeletion {
                    revision: *revision,
                    must: *must == 1,
                    due: *due,
                },
            ),
            erased: count(*id, "erased"),
            skipped: count(*id, "skipped"),
            removed: count(*id, "removed"),
        })
        .collect())
}
