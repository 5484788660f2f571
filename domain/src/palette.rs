//! The command palette: going somewhere, and doing something, by typing.

use serde::{Deserialize, Serialize};

use crate::lead::{LeadId, LeadStatus};
use crate::text::fold;

/// At most so many leads are answered.
pub const MOST_FOUND: u32 = 8;

/// Fewer letters find too many leads to be of use.
const FEWEST_LETTERS: usize = 2;

/// A lead that was looked for by name, reference, number or e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLead {
    /// The number.
    pub id: LeadId,
    /// The name.
    pub name: String,
    /// Where it came from.
    pub source: String,
    /// How far it has come.
    pub status: LeadStatus,
}

/// Whether what is typed is worth looking for among the leads.
pub fn finds_leads(typed: &str) -> bool {
    typed.parse::<LeadId>().is_ok() || fold(typed).chars().count() >= FEWEST_LETTERS
}

/// How well `name` fits what is typed, the best first; `None` where a word of it is missing.
pub fn rank(name: &str, typed: &str) -> Option<u8> {
    let (name, typed) = (fold(name), fold(typed));
    if name.starts_with(&typed) {
        return Some(0);
    }
    let mut rank = 1;
    for word in typed.split_whitespace() {
        if !name.contains(word) {
            return None;
        }
        if !name.split_whitespace().any(|part| part.starts_with(word)) {
            rank = 2;
        }
    }
    Some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_fits_better_than_a_middle() {
        assert_eq!(rank("Lead Management", "lead"), Some(0));
        assert_eq!(rank("All leads", "lead"), Some(1));
        assert_eq!(rank("Business hours", "HOUR bus"), Some(1));
        assert_eq!(rank("Reasons", "son"), Some(2));
        assert_eq!(rank("Reasons", "reasons x"), None);
        assert_eq!(rank("Reasons", "  "), Some(0));
    }

    #[test]
    fn a_reference_is_looked_for_however_short() {
        assert!(finds_leads("7"));
        assert!(finds_leads("l-7"));
        assert!(finds_leads("jo"));
        assert!(!finds_leads("j "));
        assert!(!finds_leads(""));
    }
}
