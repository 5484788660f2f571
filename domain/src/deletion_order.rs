//! A deletion order: one confirmed draft. Who, when, the reason, extra details, how many. It has a page of its own.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::lead::LeadId;
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
}

/// The order's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPage {
    /// What a list shows of it.
    pub summary: OrderSummary,
    /// Extra details; `None`: none were written.
    pub details: Option<String>,
    /// The stack it was made from, where it was one.
    pub work_stack: Option<String>,
    /// An urgent deletion of one lead.
    pub urgent: bool,
    /// The order whose removal this one undid.
    pub puts_back: Option<OrderId>,
    /// The order that put this one's removed leads back.
    pub put_back_by: Option<OrderId>,
    /// What confirming left out, and why: sentences.
    pub left_out: Vec<String>,
    /// "Leaves at 19:00", while something waits.
    pub leaves: Option<String>,
    /// Whether the reader may undo it.
    pub may_undo: bool,
    /// Its deletions, open first, [`ORDER_ROWS`] at most.
    pub rows: Vec<OrderRow>,
    /// How many rows there are beyond those.
    pub more: u64,
    /// The sequence of its entry in the audit log.
    pub audit_sequence: i64,
}

/// An order's page lists at most so many of its deletions.
pub const ORDER_ROWS: u32 = 200;

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

    #[test]
    fn undo_says_what_is_back_and_what_had_left() {
        assert_eq!(Undone::new(3, 0).message, "3 leads are back.");
        assert_eq!(Undone::new(1, 2).message, "1 lead is back, 2 had left.");
        assert_eq!(Undone::new(0, 0).message, "There was nothing left to undo.");
    }
}
