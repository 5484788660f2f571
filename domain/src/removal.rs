//! Remove Deletions: takes open deletions off the queue. The leads are kept and return to their work stacks.
//!
//! Seed: "Below the table, you'll also find an option to Remove Deletions, which can be used to clear items to be deleted
//! from the Lead Management page."

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::member::MemberId;
use crate::text;
use crate::time::Millis;

/// The act of one removal (UUIDv7): what its undo names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RemovalId(pub Uuid);

/// What the dialog shows: what it would take off, by reason and person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalPreview {
    /// The groups, largest first.
    pub groups: Vec<RemovalGroup>,
}

/// Open deletions of one reason and one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalGroup {
    /// The reason's code.
    pub reason: String,
    /// The reason's label.
    pub label: String,
    /// The person.
    pub member: MemberId,
    /// The person's name.
    pub by: String,
    /// How many.
    pub count: u64,
    /// When the newest of them was ordered.
    pub newest: Millis,
    /// The reason must be carried out: un-ticked at first, and wants a tick of its own.
    pub must_be_carried_out: bool,
}

/// The dialog was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Only what this search shows; empty is everything.
    pub search: String,
    /// The groups that stay ticked, as the dialog showed them: no more than that is taken off.
    pub groups: Vec<RemovalGroup>,
    /// Why, for the audit log.
    pub note: String,
}

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// To undo it with.
    pub removal: RemovalId,
    /// How many were taken off.
    pub count: u64,
    /// "52 deletions removed. The leads are back in their work stacks."
    pub message: String,
}

impl Removed {
    /// With its message.
    pub fn new(removal: RemovalId, count: u64) -> Self {
        let message = match count {
            0 => "There was nothing left to remove.".into(),
            1 => "1 deletion removed. The lead is back in its work stacks.".into(),
            n => format!(
                "{} deletions removed. The leads are back in their work stacks.",
                text::number(n)
            ),
        };
        Self {
            removal,
            count,
            message,
        }
    }
}

impl Removal {
    /// How many the dialog showed as ticked.
    pub fn shown(&self) -> u64 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// What was ordered later wasn't shown, and isn't taken off.
    pub fn newest(&self) -> Millis {
        let newest = self.groups.iter().map(|group| group.newest).max();
        newest.unwrap_or(Millis(0))
    }

    /// The note as it will be kept, or what is wrong.
    pub fn check(&self) -> Result<String> {
        let note = text::plain(&self.note);
        if note.is_empty() {
            return Err(Error::field("Reason", "Say why, for the audit log."));
        }
        if note.chars().count() > crate::reason::MOST_DETAILS {
            return Err(Error::field(
                "Reason",
                "The reason is at most 2,000 characters. Shorten it.",
            ));
        }
        if self.groups.iter().any(|group| group.reason.contains('\0')) {
            return Err(Error::Unreadable);
        }
        if self.groups.is_empty() {
            return Err(Error::field("Selection", "Tick at least one group."));
        }
        Ok(note)
    }
}
