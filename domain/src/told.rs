//! Telling the Layer Admins of deletions that failed or weren't processed within 48 hours, by e-mail: once when it begins
//! or grows, not once a lead, and at most once an hour.
//!
//! Seed: "If a deletion fails or isn't processed within 48 hours, contact your Layer Admin for support."

use serde::{Deserialize, Serialize};

use crate::lead_stats::LeadStats;
use crate::text;
use crate::time::{HOUR, MINUTE, Millis};

/// Between two messages.
const AT_MOST_EVERY: i64 = HOUR;
/// A message that couldn't be sent is tried again after so long.
const AGAIN_AFTER: i64 = 5 * MINUTE;

/// What the Layer Admins know, as the database keeps it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Failed deletions that were told or are about to be.
    pub failed: u64,
    /// Overdue ones.
    pub overdue: u64,
    /// There is something to tell that wasn't told yet.
    pub owed: bool,
    /// No message before this instant.
    pub not_before: Option<Millis>,
}

impl Told {
    /// What is known once the numbers of this moment are looked at, and whether to send a message now. The message is owed
    /// until [`Self::sent`], so that one that fails, or whose process ends, is sent again.
    pub fn look(self, stats: &LeadStats, now: Millis) -> (Self, bool) {
        let grew = stats.failed > self.failed || stats.overdue > self.overdue;
        let owed = (self.owed || grew) && stats.failed + stats.overdue > 0;
        let due = owed && self.not_before.is_none_or(|at| now >= at);
        let next = Self {
            failed: stats.failed,
            overdue: stats.overdue,
            owed,
            not_before: if due {
                Some(now.plus(AGAIN_AFTER))
            } else {
                self.not_before
            },
        };
        (next, due)
    }

    /// A message with these numbers was sent at that instant. What grew since they were read wasn't in it, and stays owed.
    pub fn sent(self, stats: &LeadStats, now: Millis) -> Self {
        let grew = self.failed > stats.failed || self.overdue > stats.overdue;
        Self {
            owed: self.owed && grew,
            not_before: Some(now.plus(AT_MOST_EVERY)),
            ..self
        }
    }
}

/// The message: numbers and where to look. Nothing about a lead and nobody's name.
pub fn message(stats: &LeadStats, url: &str) -> (String, String) {
    let banner = stats.banner().unwrap_or_default();
    let subject = format!("Layer: {}", banner.trim_end_matches('.'));
    let body = format!(
        "{banner}\n\nThe leads are still there. Lead Management says why, and what to do:\n{url}/settings/lead-management?tab={}\n\n\
         {} wait in the Deletion Queue. Layer writes at most once an hour, and only when more failed or became overdue.\n",
        if stats.failed > 0 {
            "failed"
        } else {
            "overdue"
        },
        text::count(stats.open(), "deletion", "deletions"),
    );
    (subject, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = Millis(1_795_514_400_000);

    fn stats(failed: u64, overdue: u64) -> LeadStats {
        LeadStats {
            failed,
            overdue,
            ..LeadStats::default()
        }
    }

    #[test]
    fn nothing_wrong_is_not_told() {
        let (told, due) = Told::default().look(&stats(0, 0), START);
        assert!(!due && !told.owed);
    }

    #[test]
    fn what_begins_is_told_once_and_what_grows_at_the_earliest_an_hour_later() {
        let (told, due) = Told::default().look(&stats(1, 0), START);
        assert!(due);
        let told = told.sent(&stats(1, 0), START);
        let (told, due) = told.look(&stats(1, 0), START.plus(2 * HOUR));
        assert!(!due, "nothing grew");
        let told = told.sent(&stats(1, 0), START);
        let (told, due) = told.look(&stats(3, 0), START.plus(10 * MINUTE));
        assert!(!due, "an hour isn't over");
        let (told, due) = told.look(&stats(4, 0), START.plus(HOUR));
        assert!(due);
        let (_, due) = told
            .sent(&stats(4, 0), START.plus(HOUR))
            .look(&stats(4, 0), START.plus(3 * HOUR));
        assert!(!due);
    }

    #[test]
    fn what_is_over_before_it_was_told_is_not_told() {
        let (told, _) = Told::default().look(&stats(1, 0), START);
        let told = told.sent(&stats(1, 0), START);
        let (told, _) = told.look(&stats(2, 0), START.plus(MINUTE));
        let (told, due) = told.look(&stats(0, 0), START.plus(2 * HOUR));
        assert!(!due && !told.owed);
        assert!(
            told.look(&stats(1, 0), START.plus(3 * HOUR)).1,
            "it began anew"
        );
    }

    #[test]
    fn a_message_that_was_not_sent_is_owed_and_tried_again() {
        let (told, due) = Told::default().look(&stats(0, 1), START);
        assert!(due);
        assert!(!told.look(&stats(0, 1), START.plus(MINUTE)).1);
        assert!(told.look(&stats(0, 1), START.plus(AGAIN_AFTER)).1);
    }

    #[test]
    fn what_grew_before_the_message_was_known_as_sent_is_owed_until_the_hour_is_over() {
        let (told, _) = Told::default().look(&stats(1, 0), START);
        let (told, due) = told.look(&stats(1, 1), START);
        assert!(!due);
        let told = told.sent(&stats(1, 0), START);
        assert!(told.owed && !told.look(&stats(1, 1), START.plus(MINUTE)).1);
        assert!(told.look(&stats(1, 1), START.plus(HOUR)).1);
    }

    #[test]
    fn the_message_has_numbers_and_a_link() {
        let (subject, body) = message(&stats(2, 1), "https://layer.example");
        assert_eq!(
            subject,
            "Layer: 2 deletions failed and 1 deletion not processed within 48 hours"
        );
        assert!(body.contains("https://layer.example/settings/lead-management?tab=failed"));
    }
}
