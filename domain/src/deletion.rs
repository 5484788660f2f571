//! A deletion: one lead of an order. Open ones are the Deletion Queue; closed ones never change again.
//!
//! At every moment, for every order: waiting + held + failed + erased + skipped + removed = confirmed.

use serde::{Deserialize, Serialize};

use crate::time::{HOUR, MINUTE, Millis, OVERDUE_AFTER};

/// Why a deletion is on hold: somebody has to act before the queue takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// The law wants the lead kept.
    LegalHold,
    /// Who ordered it may not delete leads any more. A Layer Admin confirms it, or it is removed.
    RightsWithdrawn,
    /// A large order waits for a second person.
    SecondPerson,
}

impl Hold {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::LegalHold, Self::RightsWithdrawn, Self::SecondPerson];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::LegalHold => "legal-hold",
            Self::RightsWithdrawn => "rights-withdrawn",
            Self::SecondPerson => "second-person",
        }
    }

    /// To follow "On hold: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::LegalHold => "a legal hold keeps it",
            Self::RightsWithdrawn => {
                "who deleted it may not delete leads any more; a Layer Admin must confirm it"
            }
            Self::SecondPerson => "a second person must agree",
        }
    }
}

/// Why a deletion failed, in classes a person can act on. The database's own words stay in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// Another record refers to the lead and forbids its deletion.
    Referenced,
    /// The database refused for another reason.
    Refused,
}

impl FailureCode {
    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Referenced => "referenced",
            Self::Refused => "refused",
        }
    }

    /// The code's failure; an unknown one is [`Self::Refused`].
    pub fn from_code(code: &str) -> Self {
        if code == "referenced" {
            Self::Referenced
        } else {
            Self::Refused
        }
    }

    /// To follow "Failed: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::Referenced => "another record refers to it. Remove that record, then press Retry",
            Self::Refused => {
                "the database refused. Ask a Layer Admin to look at the log, then press Retry"
            }
        }
    }
}

/// How an open deletion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OpenState {
    /// The order was confirmed, Retry was pressed, or a hold was released. A run takes it.
    Waiting,
    /// The check in the batch found a reason to wait for a person.
    Held(Hold),
    /// Five tries failed.
    Failed(FailureCode),
}

impl OpenState {
    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held(_) => "held",
            Self::Failed(_) => "failed",
        }
    }

    /// The hold or the failure in the database; empty where there is none.
    pub fn cause(self) -> &'static str {
        match self {
            Self::Waiting => "",
            Self::Held(hold) => hold.code(),
            Self::Failed(code) => code.code(),
        }
    }

    /// From the words in the database.
    pub fn from_codes(state: &str, cause: &str) -> Self {
        match state {
            "held" => Self::Held(
                Hold::ALL
                    .into_iter()
                    .find(|h| h.code() == cause)
                    .unwrap_or(Hold::RightsWithdrawn),
            ),
            "failed" => Self::Failed(FailureCode::from_code(cause)),
            _ => Self::Waiting,
        }
    }
}

/// How a deletion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosedState {
    /// The lead is gone.
    Erased,
    /// The lead stays.
    Skipped(Skipped),
    /// Remove Deletions took it off the queue; the lead stays.
    Removed,
    /// Undo took it off the queue; the lead stays. In the database it is removed, by an act that undid its order.
    Undone,
}

/// The cause by which [`ClosedState::from_codes`] tells an undone deletion from a removed one.
pub const UNDONE: &str = "undone";

/// Why a deletion was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skipped {
    /// The lead changed since the order, and the reason allows that.
    Changed,
    /// The lead was gone.
    AlreadyGone,
    /// A stricter order took the lead over.
    TakenOver,
}

impl Skipped {
    /// To follow "3 kept: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => "changed since the order",
            Self::AlreadyGone => "gone already",
            Self::TakenOver => "taken over by a stricter order",
        }
    }
}

impl ClosedState {
    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Skipped(_) => "skipped",
            Self::Removed | Self::Undone => "removed",
        }
    }

    /// The cause in the database; empty where there is none.
    pub fn cause(self) -> &'static str {
        match self {
            Self::Skipped(Skipped::Changed) => "changed",
            Self::Skipped(Skipped::AlreadyGone) => "already-gone",
            Self::Skipped(Skipped::TakenOver) => "taken-over",
            _ => "",
        }
    }

    /// From the words in the database.
    pub fn from_codes(state: &str, cause: &str) -> Self {
        match (state, cause) {
            ("erased", _) => Self::Erased,
            ("skipped", "already-gone") => Self::Skipped(Skipped::AlreadyGone),
            ("skipped", "taken-over") => Self::Skipped(Skipped::TakenOver),
            ("skipped", _) => Self::Skipped(Skipped::Changed),
            (_, UNDONE) => Self::Undone,
            _ => Self::Removed,
        }
    }

    /// What the page says, with who and when where they are known.
    pub fn words(self, by: &str, at: &str) -> String {
        match self {
            Self::Erased => format!("Deleted, {at}"),
            Self::Skipped(Skipped::Changed) => format!("Kept: changed since, {at}"),
            Self::Skipped(Skipped::AlreadyGone) => format!("Already gone, {at}"),
            Self::Skipped(Skipped::TakenOver) => format!("Taken over by a stricter order, {at}"),
            Self::Removed => format!("Removed by {by}, {at}"),
            Self::Undone => format!("Undone by {by}, {at}"),
        }
    }
}

/// A poison lead is tried so many times before it is `failed`.
pub const MOST_TRIES: u32 = 5;

/// How long after try number `tries` (1 to 4) the next one is due, in milliseconds; `None` after the last.
/// The second comes in the same run, after all others are through.
pub fn next_try(tries: u32) -> Option<i64> {
    match tries {
        0 | 1 => Some(0),
        2 => Some(MINUTE),
        3 => Some(10 * MINUTE),
        4 => Some(HOUR),
        _ => None,
    }
}

/// Whether an open deletion is overdue: open for more than 48 hours since the order, a legal hold apart. `failed` is
/// counted for itself.
pub fn is_overdue(state: OpenState, ordered: Millis, now: Millis) -> bool {
    !matches!(
        state,
        OpenState::Failed(_) | OpenState::Held(Hold::LegalHold)
    ) && now > ordered.plus(OVERDUE_AFTER)
}

/// What decides, in the batch, whether a lead goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The lead is still there.
    pub present: bool,
    /// Its revision is that of the draft.
    pub unchanged: bool,
    /// The reason must be carried out whatever changed.
    pub must_be_carried_out: bool,
    /// It isn't a copy, or its kept lead is there and stays.
    pub kept_lead_stays: bool,
    /// Who ordered it may still delete leads, or a Layer Admin confirmed it.
    pub right_stands: bool,
}

/// What a batch does with one open deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Erase the lead.
    Erase,
    /// Close it; the lead stays or is gone already.
    Skip(Skipped),
    /// Wait for a person.
    Hold(Hold),
}

/// The rule of the batch. `server/store` says the same in SQL for whole sets; a test holds the two together.
pub fn verdict(check: Check) -> Verdict {
    if !check.present {
        Verdict::Skip(Skipped::AlreadyGone)
    } else if !check.right_stands {
        Verdict::Hold(Hold::RightsWithdrawn)
    } else if !(check.must_be_carried_out || check.unchanged && check.kept_lead_stays) {
        Verdict::Skip(Skipped::Changed)
    } else {
        Verdict::Erase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_five_tries() {
        let mut tries = 0;
        loop {
            tries += 1;
            if next_try(tries).is_none() {
                break;
            }
        }
        assert_eq!(tries, MOST_TRIES);
    }

    #[test]
    fn a_changed_lead_is_kept_unless_the_reason_must_be_carried_out() {
        let changed = Check {
            present: true,
            unchanged: false,
            must_be_carried_out: false,
            kept_lead_stays: true,
            right_stands: true,
        };
        assert_eq!(verdict(changed), Verdict::Skip(Skipped::Changed));
        assert_eq!(
            verdict(Check {
                must_be_carried_out: true,
                ..changed
            }),
            Verdict::Erase
        );
        assert_eq!(
            verdict(Check {
                must_be_carried_out: true,
                right_stands: false,
                ..changed
            }),
            Verdict::Hold(Hold::RightsWithdrawn)
        );
    }

    #[test]
    fn overdue_begins_after_48_hours_and_leaves_failed_apart() {
        let (ordered, waiting) = (Millis(0), OpenState::Waiting);
        assert!(!is_overdue(waiting, ordered, Millis(OVERDUE_AFTER)));
        assert!(is_overdue(waiting, ordered, Millis(OVERDUE_AFTER + 1)));
        assert!(!is_overdue(
            OpenState::Failed(FailureCode::Refused),
            ordered,
            Millis(OVERDUE_AFTER + 1)
        ));
        assert!(!is_overdue(
            OpenState::Held(Hold::LegalHold),
            ordered,
            Millis(OVERDUE_AFTER + 1)
        ));
    }
}
