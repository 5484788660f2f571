//! A reason: why leads are deleted, with its policy. The list is a Layer Admin's.
//!
//! Seed: "When deleting, you'll need to specify a reason, which is logged for audit purposes. You can also add extra
//! details if necessary."

use serde::{Deserialize, Serialize};

use crate::error::{Error, FieldError, Result};
use crate::text;

/// A reason as the dialog offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The word on the command line and in the audit log: `duplicate`.
    pub code: String,
    /// What the dialog says: "Duplicate".
    pub label: String,
    /// Extra details must be written.
    pub details_demanded: bool,
    /// The deletion must be carried out also when the lead changed since. Otherwise a changed lead is skipped.
    pub must_be_carried_out: bool,
    /// A sentence to confirm with a tick, or `None`.
    pub sentence: Option<String>,
    /// Offered in the dialog. One that is not stays with the orders that have it.
    pub offered: bool,
}

/// Extra details have at most so many characters.
pub const MOST_DETAILS: usize = 2_000;

/// What is wrong with a reason that isn't in the list.
pub const UNKNOWN_REASON: &str = "Choose a reason from the list.";

impl Reason {
    /// The reasons of a new database, in their order.
    pub fn first() -> Vec<Self> {
        let reason = |code: &str, label: &str| Self {
            code: code.into(),
            label: label.into(),
            details_demanded: false,
            must_be_carried_out: false,
            sentence: None,
            offered: true,
        };
        vec![
            reason("duplicate", "Duplicate"),
            reason("outdated", "Outdated"),
            reason("irrelevant", "Irrelevant lead from a web portal"),
            Self {
                must_be_carried_out: true,
                sentence: Some(
                    "Deleting forgets that this person asked not to be contacted. Unless re-import is refused, they can come back.".into(),
                ),
                ..reason("do-not-contact", "Do not contact")
            },
            reason("invalid", "Invalid"),
            Self { details_demanded: true, ..reason("other", "Other") },
        ]
    }

    /// The details as they will be kept, or what is wrong with what was filled in: all of it at once.
    pub fn check(&self, details: &str, sentence_confirmed: bool) -> Result<Option<String>> {
        let mut wrong = Vec::new();
        if !self.offered {
            wrong.push(FieldError {
                field: "Reason".into(),
                message: UNKNOWN_REASON.into(),
            });
        }
        let details = match check_details(details) {
            Ok(details) => details,
            Err(message) => {
                wrong.push(FieldError {
                    field: "Extra details".into(),
                    message,
                });
                None
            }
        };
        if self.details_demanded && details.is_none() && wrong.is_empty() {
            wrong.push(FieldError {
                field: "Extra details".into(),
                message: format!(
                    "Write extra details: the reason “{}” needs them.",
                    self.label
                ),
            });
        }
        if self.sentence.is_some() && !sentence_confirmed {
            wrong.push(FieldError {
                field: "Confirm".into(),
                message: "Tick the sentence under the reason first.".into(),
            });
        }
        if wrong.is_empty() {
            Ok(details)
        } else {
            Err(Error::Invalid(wrong))
        }
    }
}

/// Details as they will be kept, `None` where nothing was written; or a sentence that says what is wrong.
fn check_details(details: &str) -> std::result::Result<Option<String>, String> {
    let kept = text::plain(details);
    let length = kept.chars().count();
    if length > MOST_DETAILS {
        return Err(format!(
            "Extra details are at most 2,000 characters; these are {}. Shorten them.",
            text::number(length as u64)
        ));
    }
    if details.is_empty() || kept.is_empty() {
        // Blanks alone are no details: they would hide that nothing was said.
        return Ok(None);
    }
    Ok(Some(kept))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn reason(code: &str) -> Reason {
        Reason::first()
            .into_iter()
            .find(|r| r.code == code)
            .unwrap()
    }

    #[test]
    fn other_demands_details_and_blanks_are_none() {
        for details in ["", "   ", "\n\t \u{200B}"] {
            assert!(
                reason("other")
                    .check(details, false)
                    .unwrap_err()
                    .of_field("Extra details")
                    .is_some()
            );
        }
        assert_eq!(
            reason("other").check(" spam ", false).unwrap(),
            Some("spam".into())
        );
    }

    #[test]
    fn details_end_at_two_thousand_characters() {
        assert!(reason("duplicate").check(&"ä".repeat(2_000), false).is_ok());
        assert!(
            reason("duplicate")
                .check(&"ä".repeat(2_001), false)
                .is_err()
        );
    }

    #[test]
    fn do_not_contact_wants_its_sentence_confirmed() {
        assert!(reason("do-not-contact").check("", false).is_err());
        assert!(reason("do-not-contact").check("", true).is_ok());
    }
}
