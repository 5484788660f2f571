//! A draft: the leads of a deletion, frozen with their revisions when the dialog opens. What arrives meanwhile stays.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::deletion_order::OrderId;
use crate::error::{Error, Result};
use crate::reason::Reason;
use crate::text;
use crate::time::MINUTE;

/// A draft's id: the idempotency key of its confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DraftId(pub Uuid);

/// A draft lives for so long, in milliseconds.
pub const DRAFT_LIFE: i64 = 15 * MINUTE;
/// A person has at most so many drafts; a further one drops the oldest.
pub const MOST_DRAFTS: usize = 3;
/// "Not sure?" names at most so many colleagues.
pub const MOST_COLLEAGUES: u32 = 12;
/// Above so many leads their number is typed.
pub const TYPED_ABOVE: u64 = 100;

/// Why a lead of a selection is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutCause {
    /// It has an open deletion already.
    AlreadyDeleted,
    /// It changed after the dialog opened.
    Changed,
    /// It was erased after the dialog opened.
    Gone,
    /// It is a copy whose kept lead is gone or is being deleted itself.
    KeptLeadGone,
    /// It is on hold.
    OnHold,
}

impl LeftOutCause {
    /// To follow a number: "2 changed since you looked".
    pub fn words(self) -> &'static str {
        match self {
            Self::AlreadyDeleted => "already being deleted",
            Self::Changed => "changed since you looked",
            Self::Gone => "gone already",
            Self::KeptLeadGone => "whose kept lead is going itself",
            Self::OnHold => "on hold",
        }
    }
}

/// So many leads are left out for this cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Why.
    pub cause: LeftOutCause,
    /// How many.
    pub count: u64,
}

/// What goes and what stays, exactly, for one policy of reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftCounts {
    /// Leads that go.
    pub leads: u64,
    /// Their contact records.
    pub contact_records: u64,
    /// Their activities: notes and calls.
    pub activities: u64,
    /// What stays, and why.
    pub left_out: Vec<LeftOut>,
}

/// The dialog, filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The key to confirm it with.
    pub id: DraftId,
    /// The stack's name, where the selection was a whole view.
    pub whole: Option<String>,
    /// With a reason that may be skipped when the lead changed since.
    pub counts: DraftCounts,
    /// With a reason that must be carried out: it takes over weaker open deletions.
    pub counts_if_must: DraftCounts,
    /// The reasons to choose from.
    pub reasons: Vec<Reason>,
    /// When they leave the system if they are ordered now: "at 19:00".
    pub leaves: String,
    /// The other Layer Admins' names, for "Not sure?".
    pub layer_admins: Vec<String>,
    /// Who else may delete leads and sees this stack, Layer Admins apart; [`MOST_COLLEAGUES`] at most.
    pub colleagues: Vec<String>,
    /// Who asked first, where a Layer Admin opened an asked draft.
    pub asked_by: Option<String>,
    /// The label of the reason that they had chosen, if any.
    pub asked_reason: Option<String>,
}

impl Draft {
    /// The numbers that hold for this reason.
    pub fn counts_for(&self, reason: Option<&Reason>) -> &DraftCounts {
        if reason.is_some_and(|r| r.must_be_carried_out) {
            &self.counts_if_must
        } else {
            &self.counts
        }
    }

    /// "They leave the work stack now and the system at 19:00. Until then you can undo it." Of so many leads.
    pub fn when(&self, leads: u64) -> String {
        let leave = if leads == 1 {
            "It leaves"
        } else {
            "They leave"
        };
        let leaves = &self.leaves;
        format!("{leave} the work stack now and the system {leaves}. Until then you can undo it.")
    }
}

/// What whoever deletes so many leads is told before.
pub fn permanent(leads: u64) -> &'static str {
    if leads == 1 {
        "Permanent: once it has left, nobody can bring it back."
    } else {
        "Permanent: once they have left, nobody can bring them back."
    }
}

/// The confirmation of a draft. The same one sent twice gets the same answer; with another body it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Confirmation {
    /// The draft.
    pub draft: DraftId,
    /// The reason's code; empty is none.
    pub reason: String,
    /// Extra details, as they were typed.
    pub details: String,
    /// The number that was typed, where one is wanted.
    pub typed: String,
    /// The reason's sentence was ticked.
    pub sentence_confirmed: bool,
}

/// What a confirmation did, and the message that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The order, to link to and to undo.
    pub order: OrderId,
    /// How many leads are deleted now: they wait to leave the system.
    pub deleted: u64,
    /// What was left out, and why.
    pub left_out: Vec<LeftOut>,
    /// "3 leads deleted. They leave the system at 19:00."
    pub message: String,
}

/// Above [`TYPED_ABOVE`] leads the number must have been typed.
pub fn check_typed(leads: u64, typed: &str) -> Result<()> {
    if leads <= TYPED_ABOVE || text::typed_number(typed) == Some(leads) {
        return Ok(());
    }
    Err(Error::field(
        "Confirm number",
        format!("Type {leads} to confirm that {} go.", text::leads(leads)),
    ))
}

/// When what was deleted leaves, for the message. The design's sentence 8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaves {
    /// "at 19:00".
    At(String),
    /// Outside business hours: only the undo time keeps it, so many minutes (0: at the next run).
    InMinutes(u32),
    /// The queue is paused.
    Paused,
}

impl Leaves {
    /// To follow "They leave the system".
    pub fn words(&self) -> String {
        match self {
            Self::At(when) if when.starts_with("tomorrow") || when.contains(" at ") => when.clone(),
            Self::At(when) => format!("at {when}"),
            Self::InMinutes(0) => "within a minute".into(),
            Self::InMinutes(minutes) => format!(
                "in {}",
                text::count(u64::from(*minutes), "minute", "minutes")
            ),
            Self::Paused => "when a Layer Admin resumes the queue".into(),
        }
    }
}

/// The message after a confirmation. It never says gone while they wait.
pub fn message(deleted: u64, left_out: &[LeftOut], leaves: &Leaves) -> String {
    let mut message = match deleted {
        0 => "No lead deleted.".to_owned(),
        1 => format!("1 lead deleted. It leaves the system {}.", leaves.words()),
        n => format!(
            "{} deleted. They leave the system {}.",
            text::leads(n),
            leaves.words()
        ),
    };
    if let Some(sentence) = left_out_sentence(left_out) {
        message += " ";
        message += &sentence;
    }
    message
}

/// "2 were left out: 1 changed since you looked, 1 on hold."; `None` where nothing was.
pub fn left_out_sentence(left_out: &[LeftOut]) -> Option<String> {
    let out: u64 = left_out.iter().map(|l| l.count).sum();
    let causes: Vec<_> = left_out
        .iter()
        .filter(|l| l.count > 0)
        .map(|l| format!("{} {}", text::number(l.count), l.cause.words()))
        .collect();
    let were = if out == 1 { "was" } else { "were" };
    (out > 0).then(|| {
        format!(
            "{} {were} left out: {}.",
            text::number(out),
            causes.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_when_they_leave() {
        assert_eq!(
            message(3, &[], &Leaves::At("19:00".into())),
            "3 leads deleted. They leave the system at 19:00."
        );
        assert_eq!(
            message(1, &[], &Leaves::InMinutes(10)),
            "1 lead deleted. It leaves the system in 10 minutes."
        );
        assert_eq!(
            message(2, &[], &Leaves::At("tomorrow at 07:00".into())),
            "2 leads deleted. They leave the system tomorrow at 07:00."
        );
        assert!(
            message(2, &[], &Leaves::Paused).ends_with("when a Layer Admin resumes the queue.")
        );
    }

    #[test]
    fn the_message_says_what_was_left_out() {
        let left_out = [
            LeftOut {
                cause: LeftOutCause::Changed,
                count: 1,
            },
            LeftOut {
                cause: LeftOutCause::OnHold,
                count: 1,
            },
        ];
        assert_eq!(
            message(3, &left_out, &Leaves::At("19:00".into())),
            "3 leads deleted. They leave the system at 19:00. 2 were left out: 1 changed since you looked, 1 on hold."
        );
    }

    #[test]
    fn the_number_is_typed_above_a_hundred() {
        assert!(check_typed(100, "").is_ok());
        assert!(check_typed(101, "").is_err());
        assert!(check_typed(12_371, "12,371").is_ok());
        assert!(check_typed(12_371, "12370").is_err());
    }
}
