//! What is left of an erased lead: who deleted it, when and why. Nothing of the person.

use serde::{Deserialize, Serialize};

use crate::deletion_order::OrderId;
use crate::lead::LeadId;

/// An erased lead, for who could have seen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedLead {
    /// The reference.
    pub lead: LeadId,
    /// Who ordered it: a name.
    pub by: String,
    /// Who pressed the X on it, where that was somebody else.
    pub at_once_by: Option<String>,
    /// When it left: "at 13:42", "on 18 Aug, 13:42".
    pub at: String,
    /// The reason's label.
    pub reason: String,
    /// The order, for who may see it.
    pub order: Option<OrderId>,
}

impl ErasedLead {
    /// "Deleted by Petra Lane on 18 Aug, 13:42. Reason: Duplicate."
    pub fn sentence(&self) -> String {
        let who = match &self.at_once_by {
            Some(other) => format!("Ordered by {}, deleted at once by {other}", self.by),
            None => format!("Deleted by {}", self.by),
        };
        format!("{who} {}. Reason: {}.", self.at, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_lead_says_who_when_and_why() {
        let erased = ErasedLead {
            lead: LeadId(7),
            by: "Petra Lane".into(),
            at_once_by: None,
            at: "on 18 Aug, 13:42".into(),
            reason: "Duplicate".into(),
            order: None,
        };
        assert_eq!(
            erased.sentence(),
            "Deleted by Petra Lane on 18 Aug, 13:42. Reason: Duplicate."
        );
        let at_once = ErasedLead {
            at_once_by: Some("Maria Diaz".into()),
            ..erased
        };
        assert_eq!(
            at_once.sentence(),
            "Ordered by Petra Lane, deleted at once by Maria Diaz on 18 Aug, 13:42. Reason: Duplicate."
        );
    }
}
