//! A work stack: a named, saved filter over leads, with who sees it, its sort, and whether it hides deletions.
//!
//! Seed: "Work stacks help you monitor and manage leads, including identifying unwanted leads (e.g., from a web
//! portal) that may need to be deleted."

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::lead::{LeadId, LeadRow, LeadStatus};
use crate::time::{DAY, Millis};

/// A work stack's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkStackId(pub i64);

/// What leads a stack takes: all conditions hold at once; an empty list or `None` is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// From one of these sources, written as they are; an empty one is leads without a source.
    pub sources: Vec<String>,
    /// In one of these statuses.
    pub statuses: Vec<LeadStatus>,
    /// With one of these owners, written as they are; an empty one is leads that nobody owns.
    pub owners: Vec<String>,
    /// Added within the last so many days (24 hours each).
    pub added_within_days: Option<u32>,
    /// Added longer ago than so many days.
    pub added_before_days: Option<u32>,
    /// No activity for so many days, or never.
    pub idle_days: Option<u32>,
    /// Without a contact record.
    pub no_contact_record: bool,
    /// Without a contact with a valid telephone number; those without a contact record included.
    pub no_valid_telephone: bool,
    /// A copy of another lead that ranks above it (see the design, *Possible duplicates*).
    pub possible_duplicate: bool,
}

impl Filter {
    /// Whether it takes every lead: it has no condition.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// The filter as a sentence: "From Rightmove or Zoopla, no activity for 90 days or ever."
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        let either = |items: &[String], none: &str| {
            let named = |item: &String| {
                if item.is_empty() {
                    none.to_owned()
                } else {
                    item.clone()
                }
            };
            items.iter().map(named).collect::<Vec<_>>().join(" or ")
        };
        if !self.sources.is_empty() {
            parts.push(format!("from {}", either(&self.sources, "no source")));
        }
        if !self.statuses.is_empty() {
            let labels: Vec<_> = self
                .statuses
                .iter()
                .map(|s| s.label().to_lowercase())
                .collect();
            parts.push(format!("status {}", labels.join(" or ")));
        }
        if !self.owners.is_empty() {
            parts.push(format!("owned by {}", either(&self.owners, "nobody")));
        }
        let days = |n: u32| crate::text::count(n.into(), "day", "days");
        if let Some(n) = self.added_within_days {
            parts.push(format!("added in the last {}", days(n)));
        }
        if let Some(n) = self.added_before_days {
            parts.push(format!("added more than {} ago", days(n)));
        }
        if let Some(n) = self.idle_days {
            parts.push(format!("no activity for {} or ever", days(n)));
        }
        if self.no_contact_record {
            parts.push("without a contact record".into());
        }
        if self.no_valid_telephone {
            parts.push("without a contact with a valid telephone number".into());
        }
        if self.possible_duplicate {
            parts.push("copies of another lead".into());
        }
        if parts.is_empty() {
            return "Every lead.".into();
        }
        let mut sentence = parts.join(", ");
        if let Some(first) = sentence.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        sentence + "."
    }

    /// The instant before which `idle_days` counts a lead as idle.
    pub fn idle_since(&self, now: Millis) -> Option<Millis> {
        self.idle_days.map(|days| now.plus(-i64::from(days) * DAY))
    }
}

/// What a grid is sorted by; each has its index, and the lead's number breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The name.
    Lead,
    /// Where it came from.
    Source,
    /// How far it has come.
    Status,
    /// Who looks after it.
    Owner,
    /// The last activity; never is the oldest.
    LastActivity,
    /// When it came in.
    Added,
}

impl Sort {
    /// All of them, in the order of their columns.
    pub const ALL: [Self; 6] = [
        Self::Lead,
        Self::Source,
        Self::Status,
        Self::Owner,
        Self::LastActivity,
        Self::Added,
    ];

    /// The word in the address and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Source => "source",
            Self::Status => "status",
            Self::Owner => "owner",
            Self::LastActivity => "last-activity",
            Self::Added => "added",
        }
    }

    /// The column's heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Lead => "Lead",
            Self::Source => "Source",
            Self::Status => "Status",
            Self::Owner => "Owner",
            Self::LastActivity => "Last activity",
            Self::Added => "Added",
        }
    }

    /// The sort of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }
}

/// A sort with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// By what.
    pub by: Sort,
    /// Z to A, newest first.
    pub descending: bool,
}

impl Default for Order {
    /// The last activity, newest first.
    fn default() -> Self {
        Self {
            by: Sort::LastActivity,
            descending: true,
        }
    }
}

/// A column of the grid that a stack may leave away. The lead is always there, and so is its status: where it is deleted,
/// that column says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// Where it came from.
    Source,
    /// Who looks after it.
    Owner,
    /// Its first valid number.
    Telephone,
    /// How many contact records it has.
    Contacts,
    /// The last activity.
    LastActivity,
    /// When it came in.
    Added,
}

impl Column {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Source,
        Self::Owner,
        Self::Telephone,
        Self::Contacts,
        Self::LastActivity,
        Self::Added,
    ];

    /// The word in the database and in the style sheet.
    pub fn code(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Owner => "owner",
            Self::Telephone => "telephone",
            Self::Contacts => "contacts",
            Self::LastActivity => "last-activity",
            Self::Added => "added",
        }
    }

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Owner => "Owner",
            Self::Telephone => "Telephone",
            Self::Contacts => "Contacts",
            Self::LastActivity => "Last activity",
            Self::Added => "Added",
        }
    }

    /// The column of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }
}

/// A work stack in the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkStackSummary {
    /// The number.
    pub id: WorkStackId,
    /// The name.
    pub name: String,
    /// How many leads it held when it was last counted; `None` before the first time.
    pub count: Option<u64>,
}

/// A view of a stack, frozen at a refresh: what had an open deletion then stays hidden, and what came later stays out,
/// so that rows never move under a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// The chain's sequence at the refresh.
    pub sequence: i64,
    /// The highest lead number at the refresh.
    pub highest: LeadId,
    /// The instant of the refresh, against which ages are counted.
    pub at: Millis,
}

/// Where the next page goes on: the sort key and number of the last row read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The value sorted by, of the last row: text, or a number written out.
    pub key: String,
    /// The number of the last row.
    pub lead: LeadId,
}

/// What a person looks at: a stack, a search, a sort, and whether deletions are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridView {
    /// The stack.
    pub work_stack: WorkStackId,
    /// What is typed in the search: beginnings of name parts, a whole e-mail, a number or its last digits, a reference.
    pub search: String,
    /// The sort; `None` is the stack's own.
    pub order: Option<Order>,
    /// The toggle above the grid; `None` is the stack's setting.
    pub hide_deletions: Option<bool>,
    /// A further condition, where Lead stats lead to what they count.
    #[serde(default)]
    pub only: Option<Only>,
}

/// What a number of Lead stats counts, as a condition on the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Leads without contact records.
    NoContactRecord,
    /// Leads without a contact with a valid telephone number.
    NoValidTelephone,
}

impl Only {
    /// The word in the address.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoContactRecord => "no-contact-record",
            Self::NoValidTelephone => "no-valid-telephone",
        }
    }

    /// The condition of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::NoContactRecord, Self::NoValidTelephone]
            .into_iter()
            .find(|only| only.code() == code)
    }
}

/// From where on rows of a view that stands are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// After this row: scrolling on.
    After(Cursor),
    /// Before this row: scrolling back.
    Before(Cursor),
    /// From the row on that has so many before it: a jump.
    Number(u64),
}

/// Rows of a view that stands are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsRequest {
    /// What is looked at.
    pub view: GridView,
    /// The refresh that they belong to.
    pub as_of: AsOf,
    /// From where on.
    pub from: Place,
}

/// Rows of a view that stands, [`PAGE_ROWS`] at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridRows {
    /// The rows, in the view's order.
    pub rows: Vec<LeadRow>,
    /// Where scrolling back goes on; `None` at the beginning.
    pub before: Option<Cursor>,
    /// Where scrolling on goes on; `None` at the end.
    pub next: Option<Cursor>,
}

/// The leads between two rows of a view that stands are asked for, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeRequest {
    /// What is looked at.
    pub view: GridView,
    /// The refresh.
    pub as_of: AsOf,
    /// One end.
    pub from: LeadId,
    /// The other, above or below.
    pub to: LeadId,
}

/// A page that stands asks what has changed since its refresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RereadRequest {
    /// What is looked at.
    pub view: GridView,
    /// The refresh.
    pub as_of: AsOf,
    /// How many rows the view had then.
    pub had: u64,
    /// The rows that are to be read again, [`MOST_REREAD`] at most.
    pub rows: Vec<LeadId>,
    /// Ticked leads of which it should be told whether the view shows them.
    pub ticked: BTreeSet<LeadId>,
}

/// So many rows can be read again at once.
pub const MOST_REREAD: usize = 2_000;

/// What has changed in a view since its refresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The rows read again, in no order. Those that this view has lost are missing.
    pub rows: Vec<LeadRow>,
    /// Of the ticked leads those that this view doesn't show.
    pub not_shown: Vec<LeadId>,
    /// How many rows this view has now.
    pub shown: u64,
    /// How many leads it takes now, less those with an open deletion.
    pub total: u64,
    /// How many rows a refresh would bring.
    pub new: u64,
    /// How many it would take away.
    pub gone: u64,
}

/// A page has at most so many rows.
pub const PAGE_ROWS: u32 = 100;

/// The Grid View at a refresh, with its first rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridPage {
    /// The stack's name.
    pub name: String,
    /// The stack's filter as a sentence.
    pub sentence: String,
    /// The columns that it shows, beside the lead and its status.
    pub columns: Vec<Column>,
    /// The rows, [`PAGE_ROWS`] at most.
    pub rows: Vec<LeadRow>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<Cursor>,
    /// The refresh that this page is.
    pub as_of: AsOf,
    /// How the rows are sorted.
    pub order: Order,
    /// Whether deletions are hidden in this view.
    pub hide_deletions: bool,
    /// Where everybody starts: the stack's setting.
    pub hides_deletions: bool,
    /// How many leads the view takes, exactly: of those with an open deletion none, whether they are shown or not.
    pub total: u64,
    /// How many of the view have an open deletion.
    pub deleted: u64,
    /// With hiding off: of this stack's erased deletions how many there are.
    pub erased: u64,
}

impl GridPage {
    /// How many rows the view has: with hiding off, those with an open deletion too.
    pub fn shown(&self) -> u64 {
        let deleted = if self.hide_deletions { 0 } else { self.deleted };
        self.total + deleted
    }
}

/// An erased deletion whose order was made from a stack, below the grid's last row when hiding is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedRow {
    /// The deletion's number: the next page goes on below the last one's.
    pub deletion: i64,
    /// The reference.
    pub lead: LeadId,
    /// The reason's label.
    pub reason: String,
    /// Who deleted it.
    pub by: String,
    /// When it was erased: "18 Aug, 13:42".
    pub at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_as_a_sentence() {
        assert!(Filter::default().is_everything());
        assert_eq!(Filter::default().sentence(), "Every lead.");
        let filter = Filter {
            sources: vec!["Rightmove".into(), "Zoopla".into()],
            idle_days: Some(90),
            ..Filter::default()
        };
        assert_eq!(
            filter.sentence(),
            "From Rightmove or Zoopla, no activity for 90 days or ever."
        );
        let nobodys = Filter {
            sources: vec!["Zoopla".into(), String::new()],
            owners: vec![String::new()],
            ..Filter::default()
        };
        assert_eq!(
            nobodys.sentence(),
            "From Zoopla or no source, owned by nobody."
        );
    }

    #[test]
    fn every_column_is_found_by_its_code() {
        for column in Column::ALL {
            assert_eq!(Column::from_code(column.code()), Some(column));
        }
    }

    #[test]
    fn a_view_that_shows_deletions_counts_their_rows() {
        let shown = |hide_deletions| {
            GridPage {
                name: "All leads".into(),
                sentence: "Every lead.".into(),
                columns: Vec::new(),
                rows: Vec::new(),
                next: None,
                as_of: AsOf {
                    sequence: 1,
                    highest: LeadId(10),
                    at: Millis(0),
                },
                order: Order::default(),
                hide_deletions,
                hides_deletions: true,
                total: 8,
                deleted: 2,
                erased: 0,
            }
            .shown()
        };
        assert_eq!((shown(true), shown(false)), (8, 10));
    }

    #[test]
    fn every_sort_is_found_by_its_code() {
        for sort in Sort::ALL {
            assert_eq!(Sort::from_code(sort.code()), Some(sort));
        }
    }
}
