//! Lead stats: the table on the left of Lead Management. Exact; each number opens what it counts.
//!
//! Seed: "This table shows useful metrics such as the number of deletions, leads without contact records, and those
//! without contacts with valid telephone numbers."

use serde::{Deserialize, Serialize};

/// The numbers, each a count of leads or of deletions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadStats {
    /// Every lead not yet erased, waiting or not.
    pub leads: u64,
    /// Deletions in the state *waiting*.
    pub deletions_waiting: u64,
    /// On hold.
    pub held: u64,
    /// Failed.
    pub failed: u64,
    /// Open for more than 48 hours, without the failed.
    pub overdue: u64,
    /// Erased so far.
    pub deleted: u64,
    /// Leads not yet erased without a contact record.
    pub without_contact_records: u64,
    /// Leads not yet erased without a contact with a valid telephone number, those without contact record included.
    pub without_valid_telephone: u64,
}

impl LeadStats {
    /// What is open: the menu's badge for who sees the whole queue.
    pub fn open(&self) -> u64 {
        self.deletions_waiting + self.held + self.failed
    }

    /// The banner for who may run the queue, or `None`.
    pub fn banner(&self) -> Option<String> {
        use crate::text::count;
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(format!(
                "{} failed",
                count(self.failed, "deletion", "deletions")
            ));
        }
        if self.overdue > 0 {
            parts.push(format!(
                "{} not processed within 48 hours",
                count(self.overdue, "deletion", "deletions")
            ));
        }
        if parts.is_empty() {
            None
        } else {
            Some(format!("{}.", crate::text::list(&parts)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_tells_failed_and_overdue() {
        assert_eq!(LeadStats::default().banner(), None);
        let stats = LeadStats {
            failed: 2,
            overdue: 1,
            ..LeadStats::default()
        };
        assert_eq!(
            stats.banner().as_deref(),
            Some("2 deletions failed and 1 deletion not processed within 48 hours.")
        );
    }
}
