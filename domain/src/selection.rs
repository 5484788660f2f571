//! A selection: which leads a person has ticked. Ids, never row numbers, so that no row that moves is ever taken for
//! another.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lead::LeadId;
use crate::work_stack::{AsOf, GridView};

/// At most so many leads are sent as ids.
pub const MOST_LEADS: usize = 10_000;

/// More leads than [`MOST_LEADS`] were to be ticked.
pub fn too_many() -> Error {
    Error::field(
        "Selection",
        "At most 10,000 leads can be ticked one by one. Select the whole work stack instead.",
    )
}

/// What is ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// These leads, at most [`MOST_LEADS`].
    Leads(BTreeSet<LeadId>),
    /// All that the view takes, but these. Un-ticking one row after *all* leaves all but one.
    Matching {
        /// The stack and the search.
        view: GridView,
        /// The refresh that the person looked at: what came later is not taken.
        as_of: AsOf,
        /// Un-ticked, at most [`MOST_LEADS`].
        except: BTreeSet<LeadId>,
    },
}

impl Default for Selection {
    fn default() -> Self {
        Self::Leads(BTreeSet::new())
    }
}

impl Selection {
    /// Whether this lead is ticked, if it is one that the view shows.
    pub fn has(&self, lead: LeadId) -> bool {
        match self {
            Self::Leads(leads) => leads.contains(&lead),
            Self::Matching { except, .. } => !except.contains(&lead),
        }
    }

    /// Ticks or un-ticks one lead.
    pub fn set(&mut self, lead: LeadId, ticked: bool) {
        match (self, ticked) {
            (Self::Leads(leads), true) => {
                leads.insert(lead);
            }
            (Self::Leads(leads), false) => {
                leads.remove(&lead);
            }
            (Self::Matching { except, .. }, true) => {
                except.remove(&lead);
            }
            (Self::Matching { except, .. }, false) => {
                except.insert(lead);
            }
        }
    }

    /// How many are ticked, where `total` is what the view takes.
    pub fn count(&self, total: u64) -> u64 {
        match self {
            Self::Leads(leads) => leads.len() as u64,
            Self::Matching { except, .. } => total.saturating_sub(except.len() as u64),
        }
    }

    /// The ids that it names: the ticked ones, or of a whole view the un-ticked ones.
    pub fn ids(&self) -> &BTreeSet<LeadId> {
        match self {
            Self::Leads(leads) => leads,
            Self::Matching { except, .. } => except,
        }
    }

    /// Whether it is a whole view (with or without exceptions), which asks for DeleteAll.
    pub fn is_matching(&self) -> bool {
        matches!(self, Self::Matching { .. })
    }

    /// Refuses an empty one and one with too many ids.
    pub fn check(&self) -> Result<()> {
        if matches!(self, Self::Leads(leads) if leads.is_empty()) {
            return Err(Error::field("Selection", "Tick at least one lead."));
        }
        if self.ids().len() > MOST_LEADS {
            return Err(too_many());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;
    use crate::work_stack::WorkStackId;

    fn all() -> Selection {
        Selection::Matching {
            view: GridView {
                work_stack: WorkStackId(1),
                search: String::new(),
                order: None,
                hide_deletions: None,
                only: None,
            },
            as_of: AsOf {
                sequence: 1,
                highest: LeadId(9),
                at: Millis(0),
            },
            except: BTreeSet::new(),
        }
    }

    #[test]
    fn unticking_one_after_all_leaves_all_but_one() {
        let mut selection = all();
        selection.set(LeadId(3), false);
        assert!(!selection.has(LeadId(3)));
        assert!(selection.has(LeadId(4)));
        assert_eq!(selection.count(9), 8);
        selection.set(LeadId(3), true);
        assert_eq!(selection.count(9), 9);
    }

    #[test]
    fn nothing_ticked_is_refused() {
        assert!(Selection::default().check().is_err());
    }

    #[test]
    fn ten_thousand_and_one_ids_are_refused() {
        assert!(
            Selection::Leads((1..=10_000).map(LeadId).collect())
                .check()
                .is_ok()
        );
        assert!(
            Selection::Leads((1..=10_001).map(LeadId).collect())
                .check()
                .is_err()
        );
    }
}
