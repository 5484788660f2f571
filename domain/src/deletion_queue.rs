//! The Deletion Queue: every open deletion, when the next run is, and what it does.
//!
//! Seed: "Within this section, you can view the Deletion Queue, where flagged records are processed, typically outside
//! business hours."

use serde::{Deserialize, Serialize};

use crate::deletion_order::OrderId;
use crate::erased_lead::ErasedLead;
use crate::lead::{LeadId, LeadRow};
use crate::lead_stats::LeadStats;

/// The tabs above the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueTab {
    /// Every open deletion: waiting, held and failed.
    #[default]
    Open,
    /// Waiting for a run.
    Waiting,
    /// On hold.
    Held,
    /// Failed after five tries.
    Failed,
    /// Open for more than 48 hours.
    Overdue,
    /// Erased so far.
    Deleted,
}

impl QueueTab {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Waiting,
        Self::Held,
        Self::Failed,
        Self::Overdue,
        Self::Deleted,
    ];

    /// The tab's label, and in lower case its word in the address.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Waiting => "Waiting",
            Self::Held => "Held",
            Self::Failed => "Failed",
            Self::Overdue => "Overdue",
            Self::Deleted => "Deleted",
        }
    }

    /// The tab of that label, whatever its case.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tab| tab.label().eq_ignore_ascii_case(label))
    }
}

/// Lead Management shows at most so many asked drafts; the next ones come up as these are answered.
pub const ASKED_SHOWN: u32 = 20;

/// A page of the queue is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRequest {
    /// The tab.
    pub tab: QueueTab,
    /// What is typed in `Find a lead`; empty is no search.
    pub search: String,
    /// The last lead of the page before (on [`QueueTab::Deleted`]: the last deletion's number).
    pub after: Option<i64>,
}

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The rows, 100 at most.
    pub rows: Vec<QueueRow>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<i64>,
    /// With a search on the tab Open: leads of one's stacks that aren't queued, 20 at most. "Not in the queue".
    pub not_in_queue: Vec<LeadRow>,
    /// With the reference of an erased lead on the tab Open: who deleted it, when and why.
    pub erased: Option<ErasedLead>,
    /// The chain's sequence at which this was read.
    pub sequence: i64,
}

/// One row of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRow {
    /// The reference.
    pub lead: LeadId,
    /// The name, where the reader may see it and the lead is there.
    pub name: Option<String>,
    /// How it stands.
    pub state: QueueState,
    /// "Leaves at 19:00", "On hold: …", "Failed: …", "Deleted, 19:02".
    pub label: String,
    /// The reason's label.
    pub reason: String,
    /// Who ordered it: "P. Lane".
    pub by: String,
    /// When: "13:42".
    pub at: String,
    /// The order.
    pub order: OrderId,
    /// Open for more than 48 hours.
    pub overdue: bool,
    /// The lead, or the lead it is a copy of, changed after it was ordered.
    pub changed: Option<ChangedSince>,
}

/// What the queue makes of a lead that changed after it was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangedSince {
    /// The reason allows for that: the lead is kept.
    Kept,
    /// The reason must be carried out.
    Deleted,
}

impl ChangedSince {
    /// Of a lead that is `changed`, ordered for a reason that `must` be carried out or not.
    pub fn of(changed: bool, must: bool) -> Option<Self> {
        let then = if must { Self::Deleted } else { Self::Kept };
        changed.then_some(then)
    }

    /// What the row says.
    pub fn words(self) -> &'static str {
        match self {
            Self::Kept => "Changed since: will be kept",
            Self::Deleted => "Changed since: deleted all the same",
        }
    }

    /// What the prompt of the X says: it asks no such thing.
    pub fn warning(self) -> &'static str {
        match self {
            Self::Kept => "It was changed after it was ordered: the queue would keep it.",
            Self::Deleted => {
                "It was changed after it was ordered; its reason is carried out all the same."
            }
        }
    }
}

/// The colour of a row's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueState {
    /// Waits for a run.
    Waiting,
    /// Waits for a person.
    Held,
    /// Couldn't be erased.
    Failed,
    /// Gone.
    Erased,
}

/// What the queue does now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// A Layer Admin paused it: who, and since when ("M. Diaz, 13:42").
    pub paused: Option<String>,
    /// A run is on: done and all of it, in leads.
    pub run: Option<RunProgress>,
    /// "Next run today at 19:00, in 5 h 12 min." or "Nothing is waiting."
    pub next_run: String,
    /// How many wait that are younger than the undo time: what Run now leaves unless told otherwise.
    pub younger: u64,
    /// The undo time in minutes.
    pub undo_minutes: u32,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Leads that are through.
    pub done: u64,
    /// Leads that it began with.
    pub total: u64,
    /// Leads a second, over the run so far.
    pub rate: u64,
}

impl RunProgress {
    /// "about 20 s left", or nothing while the pace isn't known.
    pub fn left(&self) -> Option<String> {
        let seconds = self
            .total
            .saturating_sub(self.done)
            .checked_div(self.rate)?;
        Some(match seconds {
            0..=90 => format!("about {} s left", seconds.max(1)),
            _ => format!("about {} min left", seconds / 60 + 1),
        })
    }
}

/// The page Lead Management, less its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadManagement {
    /// "Deleted leads leave the system outside business hours, 18:00 to 09:00 Europe/London."
    pub sentence: String,
    /// The table on the left.
    pub stats: LeadStats,
    /// What the queue does.
    pub status: QueueStatus,
    /// How many rows each tab of this person has, in the order of [`QueueTab::ALL`].
    pub tabs: Vec<u64>,
    /// The other Layer Admins' names: who to ask when a deletion fails.
    pub layer_admins: Vec<String>,
    /// For who may run the queue: asked drafts that wait, the oldest first, [`ASKED_SHOWN`] at most.
    pub asked: Vec<crate::ask_first::AskedDraft>,
    /// `All leads`, where the stats' links lead; `None` for who sees no leads.
    pub all_leads: Option<crate::work_stack::WorkStackId>,
    /// The chain's sequence at which this was read.
    pub sequence: i64,
}
