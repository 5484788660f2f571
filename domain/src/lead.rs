//! A lead: somebody who asked about something. With its contact records (telephone, e-mail) and activities.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::deletion_order::OrderId;
use crate::error::{Error, Result};
use crate::work_stack::WorkStackSummary;

/// A lead's number: 64 bits, never used twice. People see it as `L-20418`.
/// It goes over the wire as text: a browser's numbers end at 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LeadId(pub i64);

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L-{}", self.0)
    }
}

impl FromStr for LeadId {
    type Err = Error;

    /// From `L-20418`, `l-20418` or `20418`.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let digits = match text.strip_prefix(['L', 'l']) {
            Some(rest) => rest.strip_prefix('-').unwrap_or(rest),
            None => text,
        };
        match digits.parse() {
            Ok(id) if id > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(id)),
            _ => Err(Error::not_found("lead")),
        }
    }
}

impl From<LeadId> for String {
    fn from(id: LeadId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for LeadId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// How far a lead has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadStatus {
    /// Nobody has looked at it yet.
    New,
    /// Somebody has tried to reach the person.
    Contacted,
    /// It may become a customer.
    Qualified,
    /// It became a customer.
    Converted,
    /// It came to nothing.
    Lost,
}

impl LeadStatus {
    /// All of them, in the order in which a lead passes them.
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Contacted,
        Self::Qualified,
        Self::Converted,
        Self::Lost,
    ];

    /// What the page says.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Contacted => "Contacted",
            Self::Qualified => "Qualified",
            Self::Converted => "Converted",
            Self::Lost => "Lost",
        }
    }

    /// The number in the database: its place in [`Self::ALL`].
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The status of that number; an unknown one is [`Self::New`].
    pub fn from_number(number: i64) -> Self {
        usize::try_from(number)
            .ok()
            .and_then(|n| Self::ALL.get(n).copied())
            .unwrap_or(Self::New)
    }

    /// As another system's export words it. Unknown words are [`Self::New`].
    pub fn from_words(words: &str) -> Self {
        Self::of_words(words).unwrap_or(Self::New)
    }

    /// The same; `None` where the words aren't known.
    pub fn of_words(words: &str) -> Option<Self> {
        let words = crate::text::fold(words);
        let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
        // Short words stand in others: "raw" in "withdrawn", "new" in "renewal".
        let has_word = |known: &[&str]| {
            let mut each = words.split(|c: char| !c.is_alphanumeric());
            each.all(|word| word.is_empty() || known.contains(&word) || matches!(word, "a" | "the"))
                && !words.trim().is_empty()
        };
        let status = if has(&["not contacted"]) {
            Self::New
        } else if has(&[
            "unqualified",
            "lost",
            "closed - not",
            "bad",
            "junk",
            "disqualified",
        ]) {
            Self::Lost
        } else if has(&["converted", "won", "customer"]) {
            Self::Converted
        } else if has(&["qualified", "open deal", "opportunity"]) {
            Self::Qualified
        } else if has(&[
            "contacted",
            "working",
            "in progress",
            "attempted",
            "connected",
        ]) {
            Self::Contacted
        } else if has_word(&["new", "open", "lead", "subscriber", "raw"]) {
            Self::New
        } else {
            return None;
        };
        Some(status)
    }
}

/// The telephone as a grid row shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Telephone {
    /// The first valid number, written internationally.
    Valid(String),
    /// There are contact records, none with a valid telephone number.
    NotValid,
    /// There is no contact record.
    NoContact,
}

/// One row of the Grid View. Dates are written on the server, in the company's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadRow {
    /// The number.
    pub id: LeadId,
    /// The name.
    pub name: String,
    /// Where it came from.
    pub source: String,
    /// How far it has come.
    pub status: LeadStatus,
    /// Who looks after it: information, no right.
    pub owner: String,
    /// The telephone.
    pub telephone: Telephone,
    /// How many contact records it has.
    pub contacts: u32,
    /// "18 Aug 2026", or empty: never.
    pub last_activity: String,
    /// "18 Aug 2026".
    pub added: String,
    /// In a stack of possible duplicates: the lead that stays.
    pub kept: Option<LeadId>,
    /// Its open deletion: the row is struck through and has no active box.
    pub deletion: Option<OpenDeletionMark>,
}

/// What a row with an open deletion says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDeletionMark {
    /// The order, to link to and to undo.
    pub order: OrderId,
    /// "leaves the system at 19:00", "on hold: …", "failed: …".
    pub label: String,
    /// Whether this person may undo it: it is their order, and it waits.
    pub may_undo: bool,
    /// How many leads the order has: Undo is of all of them.
    pub leads: u64,
}

/// A lead is asked for, with so many of its contact records and activities: costs follow what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadRequest {
    /// The lead.
    pub lead: LeadId,
    /// So many contact records at most.
    pub contact_records: u32,
    /// So many activities at most.
    pub activities: u32,
}

/// A lead is shown with so many contact records and activities at first; `Show more` adds as many.
pub const LEAD_ROWS: u32 = 20;
/// However often `Show more` is pressed: at most so many.
pub const MOST_LEAD_ROWS: u32 = 2_000;

impl LeadRequest {
    /// As a lead is opened.
    pub fn first(lead: LeadId) -> Self {
        Self {
            lead,
            contact_records: LEAD_ROWS,
            activities: LEAD_ROWS,
        }
    }
}

/// The panel beside the grid, `/leads/L-20418`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadPage {
    /// The same as in the grid.
    pub row: LeadRow,
    /// Country, as it was given.
    pub country: String,
    /// Grows with every change of it, its contact records or its activities.
    pub revision: i64,
    /// The first of its contact records, in their order; `row.contacts` is how many there are.
    pub contact_records: Vec<ContactRecord>,
    /// The newest of its activities.
    pub activities: Vec<Activity>,
    /// How many activities there are.
    pub activity_count: u32,
    /// The reader's work stacks that it is in.
    pub work_stacks: Vec<WorkStackSummary>,
    /// Its open deletion: "Deleted, leaves at 19:00. A change keeps it."
    pub deletion: Option<LeadDeletion>,
    /// Closed deletions of it, newest first: "Removed by M. Diaz, 12 Nov"
    pub past_deletions: Vec<LeadDeletion>,
    /// For who may edit it: owners to choose from. Others may be typed.
    pub owners: Vec<String>,
}

/// A deletion of a lead, open or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadDeletion {
    /// How it stands.
    pub words: String,
    /// Its order, for who may see it.
    pub order: Option<OrderId>,
}

/// A telephone number, an e-mail address, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRecord {
    /// Its number within the lead.
    pub n: i64,
    /// A valid one as it is written internationally, another as it was given; may be empty.
    pub telephone: String,
    /// Where it can be called: `tel:+442079460123`. Only what is valid, as of the library's data, can.
    pub call: Option<String>,
    /// As it was given; may be empty.
    pub email: String,
    /// Where it can be written to: `mailto:ann@example.com`. Only what is an address can.
    pub write: Option<String>,
}

/// Something that happened with a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// "Note, 18 Aug 2026, 13:42, Petra Lane".
    pub what: String,
    /// What was written.
    pub text: String,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_reference_is_read_with_or_without_its_letter() {
        for text in ["L-20418", "l-20418", " 20418 ", "L20418"] {
            assert_eq!(text.parse::<LeadId>().unwrap(), LeadId(20418), "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_is_not_found() {
        for text in [
            "",
            "L-",
            "0",
            "-1",
            "1e3",
            "1,2",
            "L-99999999999999999999",
            "+5",
            "../../etc/passwd",
        ] {
            assert!(text.parse::<LeadId>().is_err(), "{text}");
        }
    }

    #[test]
    fn statuses_of_other_systems_are_understood() {
        assert_eq!(
            LeadStatus::from_words("Open - Not Contacted"),
            LeadStatus::New
        );
        assert_eq!(
            LeadStatus::from_words("Working - Contacted"),
            LeadStatus::Contacted
        );
        assert_eq!(
            LeadStatus::from_words("Closed - Converted"),
            LeadStatus::Converted
        );
        assert_eq!(LeadStatus::from_words("UNQUALIFIED"), LeadStatus::Lost);
        assert_eq!(LeadStatus::of_words("Open"), Some(LeadStatus::New));
        assert_eq!(LeadStatus::from_words("whatever"), LeadStatus::New);
        assert_eq!(LeadStatus::of_words("whatever"), None);
    }
}
