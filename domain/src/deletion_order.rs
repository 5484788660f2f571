//! A deletion order: one confirmed draft. Who, when, the reason, extra details, how many. It has a page of its own.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ask_first::AskedDraft;
use crate::deletion::{ClosedState, OpenState};
use crate::draft::{LeftOut, left_out_sentence};
use crate::lead::LeadId;
use crate::removal::RemovalId;
use crate::text;

/// An order's id: that of the act that confirmed it (UUIDv7), the same in its audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderId(pub Uuid);

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many deletions of an order stand where. They always add up to what was confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderNumbers {
    /// Wait for a run.
    pub waiting: u64,
    /// Wait for a person.
    pub held: u64,
    /// Couldn't be erased.
    pub failed: u64,
    /// Gone.
    pub erased: u64,
    /// Kept: changed since, gone before, taken over.
    pub skipped: u64,
    /// Taken off the queue.
    pub removed: u64,
}

impl OrderNumbers {
    /// How many were confirmed.
    pub fn confirmed(&self) -> u64 {
        self.waiting + self.held + self.failed + self.erased + self.skipped + self.removed
    }

    /// How many are open.
    pub fn open(&self) -> u64 {
        self.waiting + self.held + self.failed
    }
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// The id.
    pub id: OrderId,
    /// Who confirmed it.
    pub by: String,
    /// When: "13:42".
    pub at: String,
    /// The reason's label.
    pub reason: String,
    /// How it stands.
    pub numbers: OrderNumbers,
    /// "Leaves at 19:00", while something waits.
    pub leaves: Option<String>,
    /// What was left out, failed, is on hold or was kept, and why: sentences.
    pub sentences: Vec<String>,
    /// The order that put this one's removed leads back.
    pub put_back_by: Option<OrderId>,
    /// The stack it was made from, where it was one.
    pub work_stack: Option<String>,
    /// An urgent deletion of one lead.
    pub urgent: bool,
    /// Whether the reader may undo it.
    pub may_undo: bool,
}

impl OrderSummary {
    /// Where its leads were selected.
    pub fn from(&self) -> &str {
        match &self.work_stack {
            _ if self.urgent => "Lead Management, with the X",
            Some(stack) => stack,
            None => "Selected leads",
        }
    }
}

/// A page of one's own orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersPage {
    /// The orders, newest first, [`ORDERS`] at most.
    pub orders: Vec<OrderSummary>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<OrderId>,
    /// What one asked first about, newest first; with the first page alone.
    pub asked: Vec<AskedDraft>,
}

/// A page of one's own orders has at most so many.
pub const ORDERS: u32 = 100;

/// The order's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPage {
    /// What a list shows of it.
    pub summary: OrderSummary,
    /// Extra details; `None`: none were written.
    pub details: Option<String>,
    /// The order whose removal this one undid.
    pub puts_back: Option<OrderId>,
    /// Who took deletions of it off the queue with Remove Deletions, and why; the first [`MOST_REMOVALS`].
    pub removals: Vec<OrderRemoval>,
    /// Who asked first, where a Layer Admin confirmed it for them.
    pub asked_by: Option<String>,
    /// What they asked.
    pub asked_words: Option<String>,
    /// "Redacted by M. Diaz, 13:42.": what was typed is blacked out.
    pub redacted: Option<String>,
    /// Whether the reader may black out what was typed.
    pub may_redact: bool,
    /// Its deletions: a part of them, a page of that.
    pub rows: OrderRows,
    /// The sequence of its entry in the audit log.
    pub audit_sequence: i64,
}

/// The order's page shows at most so many removals.
pub const MOST_REMOVALS: u32 = 20;

/// Deletions of an order that were taken off the queue together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRemoval {
    /// To undo it with.
    pub removal: RemovalId,
    /// "2, Maria Diaz, 13:42".
    pub what: String,
    /// What was typed for the log, or who blacked it out.
    pub note: String,
    /// Whether the reader may undo it: it is theirs, and something of it can still be put back.
    pub may_undo: bool,
    /// It took deletions of other orders too, which Undo puts back with these.
    pub of_others: bool,
    /// Whether the reader may black out what was typed.
    pub may_redact: bool,
}

/// A page of an order's deletions has at most so many rows.
pub const ORDER_ROWS: u32 = 100;

/// A part of an order's deletions: those that stand alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderPart {
    /// Wait for a run.
    Waiting,
    /// Wait for a person.
    Held,
    /// Couldn't be erased.
    Failed,
    /// Gone.
    Erased,
    /// Kept.
    Skipped,
    /// Taken off the queue.
    Removed,
}

impl OrderPart {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Held,
        Self::Failed,
        Self::Erased,
        Self::Skipped,
        Self::Removed,
    ];

    /// The state's word in the database, also in the address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Erased => "erased",
            Self::Skipped => "skipped",
            Self::Removed => "removed",
        }
    }

    /// What the page calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Held => "On hold",
            Self::Failed => "Failed",
            Self::Erased => "Deleted",
            Self::Skipped => "Kept",
            Self::Removed => "Removed from the queue",
        }
    }

    /// The part of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// Whether its deletions are open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Held | Self::Failed)
    }

    /// How many deletions of it there are.
    pub fn of(self, numbers: &OrderNumbers) -> u64 {
        match self {
            Self::Waiting => numbers.waiting,
            Self::Held => numbers.held,
            Self::Failed => numbers.failed,
            Self::Erased => numbers.erased,
            Self::Skipped => numbers.skipped,
            Self::Removed => numbers.removed,
        }
    }

    /// The first part that has deletions: what needs a person before all others.
    pub fn first(numbers: &OrderNumbers) -> Self {
        [Self::Failed, Self::Held]
            .into_iter()
            .chain(Self::ALL)
            .find(|part| part.of(numbers) > 0)
            .unwrap_or(Self::Waiting)
    }
}

/// A page of a part of an order's deletions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRows {
    /// Which part.
    pub part: OrderPart,
    /// The rows, [`ORDER_ROWS`] at most.
    pub rows: Vec<OrderRow>,
    /// Where the next page goes on (a lead's number where they are open, else the deletion's); `None` at the end.
    pub next: Option<i64>,
}

/// So many deletions of an order stand alike, for [`sentences`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alike {
    /// Open, and not on its way.
    Open(OpenState, u64),
    /// Closed, and the lead stays; who closed it, where it was a person.
    Closed(ClosedState, Option<String>, u64),
}

/// What didn't go as it was ordered, and why: left out, failed, on hold, kept, taken off the queue, which may have been
/// `put_back`.
pub fn sentences(left_out: &[LeftOut], alike: &[Alike], put_back: bool) -> Vec<String> {
    let mut all: Vec<String> = left_out_sentence(left_out).into_iter().collect();
    all.extend(alike.iter().filter_map(|alike| {
        Some(match alike {
            Alike::Open(OpenState::Held(hold), n) => {
                format!("{} on hold: {}.", text::number(*n), hold.words())
            }
            Alike::Open(OpenState::Failed(code), n) => {
                format!("{} failed: {}.", text::number(*n), code.words())
            }
            Alike::Closed(ClosedState::Skipped(why), _, n) => {
                format!("{} kept: {}.", text::number(*n), why.words())
            }
            // Those that were put back may have left since: the other order knows.
            Alike::Closed(ClosedState::Removed, by, n) => format!(
                "{} {} from the queue by {}.",
                text::number(*n),
                if put_back { "removed" } else { "kept: removed" },
                by.as_deref().unwrap_or("the Deletion Queue")
            ),
            Alike::Closed(ClosedState::Undone, by, n) => format!(
                "{} kept: undone by {}.",
                text::number(*n),
                by.as_deref().unwrap_or("the Deletion Queue")
            ),
            Alike::Open(OpenState::Waiting, _) | Alike::Closed(ClosedState::Erased, ..) => {
                return None;
            }
        })
    }));
    all
}

/// One lead of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// The reference.
    pub lead: LeadId,
    /// The name, while the lead is there and the reader may see it.
    pub name: Option<String>,
    /// "Leaves at 19:00", "Deleted, 19:02".
    pub state: String,
}

/// What Undo did, and the message that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// How many are back.
    pub back: u64,
    /// How many had left already.
    pub left: u64,
    /// "3 are back." or "2 are back, 1 had left."
    pub message: String,
}

impl Undone {
    /// With its message.
    pub fn new(back: u64, left: u64) -> Self {
        let are = |n: u64| if n == 1 { "is" } else { "are" };
        let message = match (back, left) {
            (0, 0) => "There was nothing left to undo.".to_owned(),
            (back, 0) => format!("{} {} back.", text::leads(back), are(back)),
            (back, left) => format!(
                "{} {} back, {} had left.",
                text::leads(back),
                are(back),
                text::number(left)
            ),
        };
        Self {
            back,
            left,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::{FailureCode, Skipped};
    use crate::draft::LeftOutCause;

    #[test]
    fn what_did_not_go_is_said_in_sentences() {
        let left_out = [LeftOut {
            cause: LeftOutCause::Changed,
            count: 2,
        }];
        let alike = [
            Alike::Open(OpenState::Failed(FailureCode::Referenced), 1),
            Alike::Closed(ClosedState::Skipped(Skipped::Changed), None, 3),
            Alike::Closed(ClosedState::Removed, Some("M. Diaz".into()), 1_200),
            Alike::Closed(ClosedState::Undone, Some("P. Lane".into()), 2),
        ];
        assert_eq!(
            sentences(&left_out, &alike, false),
            [
                "2 were left out: 2 changed since you looked.",
                "1 failed: another record refers to it. Remove that record, then press Retry.",
                "3 kept: changed since the order.",
                "1,200 kept: removed from the queue by M. Diaz.",
                "2 kept: undone by P. Lane.",
            ]
        );
        assert_eq!(
            sentences(&[], &alike[2..3], true),
            ["1,200 removed from the queue by M. Diaz."]
        );
    }

    #[test]
    fn what_needs_a_person_is_shown_first() {
        let numbers = OrderNumbers {
            waiting: 3,
            failed: 1,
            ..OrderNumbers::default()
        };
        assert_eq!(OrderPart::first(&numbers), OrderPart::Failed);
        assert_eq!(
            OrderPart::first(&OrderNumbers::default()),
            OrderPart::Waiting
        );
    }

    #[test]
    fn undo_says_what_is_back_and_what_had_left() {
        assert_eq!(Undone::new(3, 0).message, "3 leads are back.");
        assert_eq!(Undone::new(1, 2).message, "1 lead is back, 2 had left.");
        assert_eq!(Undone::new(0, 0).message, "There was nothing left to undo.");
    }
}
