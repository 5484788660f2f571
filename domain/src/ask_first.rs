//! Ask first: who isn't sure hands the draft to the Layer Admins, who delete its leads or dismiss it.
//!
//! Seed: "If you are unsure whether a lead should be deleted, consult with your team or Layer Admin to confirm."

use serde::{Deserialize, Serialize};

use crate::deletion_order::OrderId;
use crate::draft::{DraftCounts, DraftId, LeftOutCause};
use crate::error::{Error, Result};
use crate::lead::LeadId;
use crate::text;
use crate::time::DAY;

/// An asked draft waits for an answer for so long, in milliseconds.
pub const ASKED_LIFE: i64 = 7 * DAY;
/// The asker reads what came of it for so long after that, in milliseconds.
pub const ANSWER_STAYS: i64 = 30 * DAY;
/// What is asked and what is answered have at most so many characters.
pub const MOST_WORDS: usize = 2_000;
/// A person has asked about at most so many drafts that wait for an answer.
pub const MOST_ASKED: u32 = 20;
/// A page of an asked draft's leads has at most so many rows.
pub const ASKED_ROWS: u32 = 100;

/// Hands a draft to the Layer Admins. The same sent again is the same asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The draft.
    pub draft: DraftId,
    /// What is asked, as it was typed.
    pub words: String,
    /// The code of the reason that is chosen in the dialog; empty is none yet.
    #[serde(default)]
    pub reason: String,
}

impl Asking {
    /// The words as they will be kept.
    pub fn check(&self) -> Result<String> {
        let words = kept(&self.words, ASKING)?;
        words.ok_or_else(|| Error::field(ASKING, "Write what you want to know."))
    }
}

/// Sends an asked draft back: its leads stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// The draft.
    pub draft: DraftId,
    /// What the asker is told, as it was typed; it may be empty.
    pub words: String,
}

impl Dismissal {
    /// The words as they will be kept; `None` where nothing was written.
    pub fn check(&self) -> Result<Option<String>> {
        kept(&self.words, ANSWERING)
    }
}

/// The field of what is asked.
pub const ASKING: &str = "Your question";
/// The field of what is answered.
pub const ANSWERING: &str = "Your answer";

fn kept(words: &str, field: &str) -> Result<Option<String>> {
    let kept = text::plain(words);
    let length = kept.chars().count();
    if length > MOST_WORDS {
        return Err(Error::field(
            field,
            format!(
                "This is at most 2,000 characters; these are {}. Shorten it.",
                text::number(length as u64)
            ),
        ));
    }
    Ok((!kept.is_empty()).then_some(kept))
}

/// Why nobody asks about a further draft.
pub fn most_asked() -> Error {
    Error::Conflict(format!(
        "{MOST_ASKED} of your questions wait for an answer, the most that can at a time. Ask again once some are answered; My deletions lists them."
    ))
}

/// What the asker reads after handing over so many leads.
pub fn asked_message(leads: u64) -> String {
    format!(
        "Asked about {}. The Layer Admins have 7 days, and you find the answer under My deletions. Nothing was deleted.",
        text::leads(leads)
    )
}

/// An asked draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedDraft {
    /// The draft.
    pub draft: DraftId,
    /// Who asked.
    pub by: String,
    /// When: "13:42".
    pub at: String,
    /// What they asked; `None`: it was redacted.
    pub words: Option<String>,
    /// The label of the reason that they had chosen, if any.
    pub reason: Option<String>,
    /// How many leads were selected.
    pub leads: u64,
    /// The stack it was made from, while there is one.
    pub work_stack: Option<String>,
    /// It runs out then: "1 Dec, 13:42".
    pub until: String,
    /// What came of it.
    pub answer: Answer,
}

/// What came of an asked draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It waits for a Layer Admin.
    Waiting,
    /// A Layer Admin deleted its leads.
    Deleted {
        /// Who.
        by: String,
        /// When.
        at: String,
        /// By which order.
        order: OrderId,
        /// "at 19:00", while some of them wait.
        leaves: Option<String>,
        /// How many have left the system.
        left: u64,
    },
    /// A Layer Admin sent it back.
    Dismissed {
        /// Who.
        by: String,
        /// When.
        at: String,
        /// What the asker is told.
        words: Option<String>,
    },
    /// Nobody answered in time.
    RanOut {
        /// When.
        at: String,
    },
}

impl Answer {
    /// How it stands, in a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::Waiting => "Waiting for a Layer Admin.".into(),
            Self::Deleted { by, at, .. } => {
                format!("Agreed by {by}, {at}. {}.", self.label())
            }
            Self::Dismissed { by, at, .. } => {
                format!("Dismissed by {by}, {at}. Nothing was deleted.")
            }
            Self::RanOut { at } => {
                format!("Ran out, {at}: nobody answered, and nothing was deleted. Ask again.")
            }
        }
    }

    /// How it stands, in a word or two. It never says gone while leads wait.
    pub fn label(&self) -> String {
        match self {
            Self::Waiting => "Waiting".into(),
            Self::Deleted {
                leaves: Some(leaves),
                ..
            } => format!("Deleted, leaves {leaves}"),
            Self::Deleted { left: 0, .. } => "None of it left the system".into(),
            Self::Deleted { left, .. } => format!(
                "{} the system",
                text::count(*left, "lead has left", "leads have left")
            ),
            Self::Dismissed { .. } => "Dismissed".into(),
            Self::RanOut { .. } => "Ran out".into(),
        }
    }

    /// What who presses too late reads.
    pub fn too_late(&self) -> Error {
        Error::Conflict(match self {
            Self::Waiting => "This asked draft still waits. Reload the page.".into(),
            Self::Deleted { by, at, .. } => {
                format!("{by} deleted these leads already, {at}. Nothing more was done.")
            }
            Self::Dismissed { by, at, .. } => {
                format!("{by} dismissed this already, {at}. Nothing was deleted.")
            }
            Self::RanOut { at } => format!("This ran out, {at}. Nothing was deleted."),
        })
    }
}

/// The page of an asked draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedPage {
    /// What a list shows of it.
    pub asked: AskedDraft,
    /// What would go and what stays, as things stand now; nothing once it is answered.
    pub counts: DraftCounts,
    /// Its first leads.
    pub leads: AskedLeads,
    /// Whether the reader may black out what was asked and answered: once it was dismissed or ran out.
    pub may_redact: bool,
}

/// A page of an asked draft's leads. Those that went meanwhile are a number in the counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedLeads {
    /// The rows, [`ASKED_ROWS`] at most.
    pub rows: Vec<AskedLead>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<LeadId>,
}

/// A lead of an asked draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedLead {
    /// The reference.
    pub lead: LeadId,
    /// The name, where the reader may see it.
    pub name: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Why it stays; `None`: it goes.
    pub stays: Option<LeftOutCause>,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_question_has_words_and_an_answer_may_have_none() {
        let asking = |words: &str| Asking {
            draft: DraftId(Uuid::nil()),
            words: words.into(),
            reason: String::new(),
        };
        assert!(asking(" \u{200B}\n").check().is_err());
        assert_eq!(asking("  Twins?\u{202E} ").check().unwrap(), "Twins?");
        assert!(asking(&"ä".repeat(2_000)).check().is_ok());
        assert!(
            asking(&"ä".repeat(2_001))
                .check()
                .unwrap_err()
                .of_field(ASKING)
                .is_some()
        );
        let dismissal = Dismissal {
            draft: DraftId(Uuid::nil()),
            words: "  ".into(),
        };
        assert_eq!(dismissal.check().unwrap(), None);
    }

    #[test]
    fn leads_that_wait_are_never_said_to_be_gone() {
        let agreed = |leaves: Option<&str>, left| Answer::Deleted {
            by: "M. Diaz".into(),
            at: "13:42".into(),
            order: OrderId(Uuid::nil()),
            leaves: leaves.map(str::to_owned),
            left,
        };
        assert_eq!(
            agreed(Some("at 19:00"), 0).words(),
            "Agreed by M. Diaz, 13:42. Deleted, leaves at 19:00."
        );
        assert_eq!(
            agreed(None, 3).words(),
            "Agreed by M. Diaz, 13:42. 3 leads have left the system."
        );
        assert_eq!(agreed(None, 0).label(), "None of it left the system");
    }

    #[test]
    fn an_answer_says_who_and_what() {
        let dismissed = Answer::Dismissed {
            by: "M. Diaz".into(),
            at: "13:42".into(),
            words: None,
        };
        assert_eq!(
            dismissed.words(),
            "Dismissed by M. Diaz, 13:42. Nothing was deleted."
        );
        assert_eq!(
            dismissed.too_late().to_string(),
            "M. Diaz dismissed this already, 13:42. Nothing was deleted."
        );
    }
}
