//! A reason: why leads are deleted, with its policy. The list is a Layer Admin's.
//!
//! Seed: "When deleting, you'll need to specify a reason, which is logged for audit purposes. You can also add extra
//! details if necessary."

use serde::{Deserialize, Serialize};

use crate::error::{Error, FieldError, Result, Wrong};
use crate::text;
use crate::version::Version;

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

/// A reason as Settings lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonSetting {
    /// The reason.
    pub reason: Reason,
    /// What was seen of it.
    pub version: Version,
    /// How many orders have it: while there are any, it can't be deleted.
    pub orders: u64,
}

/// A reason as it is typed and ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonForm {
    /// It is a new one. Its code may be empty: it is made from the label then. Otherwise the code says which one.
    pub new: bool,
    /// What was seen of it.
    pub version: Version,
    /// The code, which never changes.
    pub code: String,
    /// What the dialog says.
    pub label: String,
    /// Extra details must be written.
    pub details_demanded: bool,
    /// The deletion must be carried out also when the lead changed since.
    pub must_be_carried_out: bool,
    /// A sentence to confirm with a tick; empty is none.
    pub sentence: String,
    /// Offered in the dialog.
    pub offered: bool,
}

/// A label has at most so many characters.
pub const MOST_LABEL: usize = 60;
/// A code has at most so many characters.
pub const MOST_CODE: usize = 40;
/// A sentence to confirm has at most so many characters.
pub const MOST_SENTENCE: usize = 300;
/// There are at most so many reasons.
pub const MOST_REASONS: usize = 100;

impl ReasonForm {
    /// The reason as it will be kept beside the `others`; all that is wrong goes to `wrong`.
    pub fn read(&self, others: &[Reason], wrong: &mut Wrong) -> Reason {
        let label = text::line(&self.label);
        let sentence = text::line(&self.sentence);
        let code = if self.new && self.code.trim().is_empty() {
            code_of(&label)
        } else {
            self.code.trim().to_owned()
        };
        if label.is_empty() {
            wrong.add("Name", "Give the reason a name.");
        } else if label.chars().count() > MOST_LABEL {
            wrong.add(
                "Name",
                format!("The name has at most {MOST_LABEL} characters. Shorten it."),
            );
        } else if others
            .iter()
            .any(|other| text::fold(&other.label) == text::fold(&label))
        {
            wrong.add("Name", "There is a reason of this name. Choose another.");
        }
        if self.new && (!label.is_empty() || !code.is_empty()) {
            wrong.add_if("Code", wrong_code(&code, others));
        }
        if sentence.chars().count() > MOST_SENTENCE {
            wrong.add(
                "Sentence to confirm",
                format!("The sentence has at most {MOST_SENTENCE} characters. Shorten it."),
            );
        }
        if !self.offered && !others.iter().any(|other| other.offered) {
            wrong.add(
                "Offered in the dialog",
                "Offer another reason first: without any, nobody could delete a lead.",
            );
        }
        if self.new && others.len() >= MOST_REASONS {
            wrong.add(
                "Name",
                format!("There are {MOST_REASONS} reasons, the most that can be kept."),
            );
        }
        Reason {
            code,
            label,
            details_demanded: self.details_demanded,
            must_be_carried_out: self.must_be_carried_out,
            sentence: Some(sentence).filter(|sentence| !sentence.is_empty()),
            offered: self.offered,
        }
    }
}

/// A code made from a label: "Irrelevant lead!" is `irrelevant-lead`. Empty where no letter of it fits.
fn code_of(label: &str) -> String {
    let mut code = String::new();
    for c in label.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            code.push(c);
        } else if !code.is_empty() && !code.ends_with('-') {
            code.push('-');
        }
        if code.len() >= MOST_CODE {
            break;
        }
    }
    code.trim_end_matches('-').to_owned()
}

fn wrong_code(code: &str, others: &[Reason]) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if code.is_empty() || code.len() > MOST_CODE || !code.chars().all(fits) || code.starts_with('-')
    {
        return Some(format!(
            "Write a code of lower-case letters a to z, digits and hyphens, at most {MOST_CODE}, as in wrong-number."
        ));
    }
    others
        .iter()
        .any(|other| other.code == code)
        .then(|| format!("The code {code} is taken. Write another."))
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
                    "Deleting forgets that this person asked not to be contacted: an import can bring them back.".into(),
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

    fn form(label: &str, code: &str) -> ReasonForm {
        ReasonForm {
            new: true,
            version: None,
            code: code.into(),
            label: label.into(),
            details_demanded: false,
            must_be_carried_out: false,
            sentence: String::new(),
            offered: true,
        }
    }

    fn read(form: &ReasonForm) -> Result<Reason> {
        let mut wrong = Wrong::default();
        let reason = form.read(&Reason::first(), &mut wrong);
        wrong.end()?;
        Ok(reason)
    }

    #[test]
    fn a_code_is_made_from_the_label_or_typed() {
        assert_eq!(
            read(&form(" Wrong  number! ", "")).unwrap().code,
            "wrong-number"
        );
        assert_eq!(read(&form("Wrong number", "wn-2")).unwrap().code, "wn-2");
        let unreadable = read(&form("Дубль", "")).unwrap_err();
        assert!(unreadable.of_field("Code").is_some());
        for code in ["Wrong", "a b", "-a", "ä", "a/b", &"a".repeat(41)] {
            let error = read(&form("New one", code)).unwrap_err();
            assert!(error.of_field("Code").is_some(), "{code}");
        }
        let long = read(&form(&"Ab ".repeat(20), "")).unwrap();
        assert!(long.code.len() <= MOST_CODE);
    }

    #[test]
    fn all_that_is_wrong_with_a_reason_is_told_at_once() {
        let wrong = ReasonForm {
            sentence: "x".repeat(301),
            ..form("DUPLICATE", "duplicate")
        };
        let error = read(&wrong).unwrap_err();
        for field in ["Name", "Code", "Sentence to confirm"] {
            assert!(error.of_field(field).is_some(), "{field}");
        }
        assert!(read(&form("", "")).unwrap_err().of_field("Name").is_some());
    }

    #[test]
    fn the_last_reason_that_is_offered_stays() {
        let form = ReasonForm {
            offered: false,
            ..form("Only one", "")
        };
        let mut wrong = Wrong::default();
        form.read(&[], &mut wrong);
        let error = wrong.end().unwrap_err();
        assert!(error.of_field("Offered in the dialog").is_some());
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
