//! What a person changes of a lead: its status and owner, a contact record, a note.
//!
//! An edit names the revision that its page showed. One that comes too late is refused with what changed meanwhile, and
//! nothing is written over that nobody saw.

use email_address::EmailAddress;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lead::{LeadId, LeadStatus};
use crate::text;

/// The field of the owner.
pub const OWNER: &str = "Owner";
/// The field of a telephone number.
pub const TELEPHONE: &str = "Telephone";
/// The field of an e-mail address.
pub const EMAIL: &str = "E-mail";
/// The field of a note.
pub const NOTE: &str = "Note";

/// An owner has at most so many characters; the same as in an import.
pub const MOST_OWNER: usize = 200;
/// A telephone number has at most so many characters: what is longer is none.
pub const MOST_TELEPHONE: usize = 64;
/// An e-mail address has at most so many characters.
pub const MOST_EMAIL: usize = 254;
/// A note has at most so many characters; the same as in an import.
pub const MOST_NOTE: usize = 10_000;

/// One change of one lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadEdit {
    /// The lead.
    pub lead: LeadId,
    /// The revision that the person saw.
    pub revision: i64,
    /// What is changed.
    pub change: LeadChange,
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadChange {
    /// Status and owner.
    Details {
        /// How far it has come.
        status: LeadStatus,
        /// Who looks after it; empty is nobody.
        owner: String,
    },
    /// A contact record more: a telephone number, an e-mail address, or both.
    AddContactRecord {
        /// In any usual form.
        telephone: String,
        /// The address.
        email: String,
    },
    /// A contact record less.
    RemoveContactRecord {
        /// Its number within the lead.
        n: i64,
    },
    /// A note more.
    WriteNote {
        /// What is written.
        text: String,
    },
}

impl LeadChange {
    /// As it is kept, or what is wrong with it: every field at once.
    pub fn check(self) -> Result<Self> {
        Ok(match self {
            Self::Details { status, owner } => {
                let owner = line(&owner);
                fits(OWNER, &owner, MOST_OWNER)?;
                Self::Details { status, owner }
            }
            Self::AddContactRecord { telephone, email } => {
                let (telephone, email) = (line(&telephone), line(&email));
                check_contact(&telephone, &email)?;
                Self::AddContactRecord { telephone, email }
            }
            Self::WriteNote { text } => {
                let text = text::plain(&text);
                if !text::is_visible(&text) {
                    return Err(Error::field(NOTE, "Write the note first."));
                }
                fits(NOTE, &text, MOST_NOTE)?;
                Self::WriteNote { text }
            }
            Self::RemoveContactRecord { n } => Self::RemoveContactRecord { n },
        })
    }
}

/// In one line, without what can't be seen.
fn line(typed: &str) -> String {
    let words = text::plain(typed);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fits(field: &'static str, value: &str, most: usize) -> Result<()> {
    if value.chars().count() <= most {
        return Ok(());
    }
    let most = text::number(most as u64);
    let message = format!("This is longer than {most} characters. Shorten it.");
    Err(Error::field(field, message))
}

/// A number that can't be called is kept, as an import keeps it, and shown as not valid: *not valid* is an opinion of the
/// library's data. What has no digit is no number, and what is no address finds nobody.
fn check_contact(telephone: &str, email: &str) -> Result<()> {
    if telephone.is_empty() && email.is_empty() {
        let message = "Write a telephone number or an e-mail address.";
        return Err(Error::field(TELEPHONE, message));
    }
    let number = || match telephone.is_empty() || telephone.chars().any(char::is_numeric) {
        true => Ok(()),
        false => Err(Error::field(
            TELEPHONE,
            "This is no telephone number. Write it with its country code, as in +44 20 7946 0123.",
        )),
    };
    let address = || match email.is_empty() || EmailAddress::is_valid(email) {
        true => Ok(()),
        false => Err(Error::field(
            EMAIL,
            "This is no e-mail address. Write it as in ann@example.com.",
        )),
    };
    let checks = [
        fits(TELEPHONE, telephone, MOST_TELEPHONE).and_then(|()| number()),
        fits(EMAIL, email, MOST_EMAIL).and_then(|()| address()),
    ];
    let mut wrong = Vec::new();
    for check in checks {
        if let Err(Error::Invalid(fields)) = check {
            wrong.extend(fields);
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// What somebody did to a lead, as the audit log keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// Another status.
    Status,
    /// Another owner.
    Owner,
    /// Another status and another owner.
    StatusAndOwner,
    /// A contact record more.
    ContactRecordAdded,
    /// A contact record less.
    ContactRecordRemoved,
    /// A note more.
    NoteWritten,
}

impl Edited {
    const ALL: [Self; 6] = [
        Self::Status,
        Self::Owner,
        Self::StatusAndOwner,
        Self::ContactRecordAdded,
        Self::ContactRecordRemoved,
        Self::NoteWritten,
    ];

    /// The word in the chain.
    pub fn code(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Owner => "owner",
            Self::StatusAndOwner => "status-and-owner",
            Self::ContactRecordAdded => "contact-record-added",
            Self::ContactRecordRemoved => "contact-record-removed",
            Self::NoteWritten => "note-written",
        }
    }

    /// To follow who did it: "changed the owner".
    pub fn deed(self) -> &'static str {
        match self {
            Self::Status => "changed the status",
            Self::Owner => "changed the owner",
            Self::StatusAndOwner => "changed status and owner",
            Self::ContactRecordAdded => "added a contact record",
            Self::ContactRecordRemoved => "removed a contact record",
            Self::NoteWritten => "wrote a note",
        }
    }

    /// The one of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edited| edited.code() == code)
    }
}

/// Why an edit came too late: who did what since its page was read. Of an import nobody is told.
pub fn too_late(since: &[(String, Edited)]) -> String {
    let mut deeds: Vec<String> = Vec::new();
    for (by, edited) in since {
        let deed = format!("{by} {}", edited.deed());
        if !deeds.contains(&deed) {
            deeds.push(deed);
        }
    }
    let what = if deeds.is_empty() {
        "This lead was changed".to_owned()
    } else {
        text::list(&deeds)
    };
    format!(
        "{what} after you looked. See how the lead stands now, then do it again: nothing that you typed is lost."
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn contact(telephone: &str, email: &str) -> Result<LeadChange> {
        LeadChange::AddContactRecord {
            telephone: telephone.into(),
            email: email.into(),
        }
        .check()
    }

    #[test]
    fn a_contact_record_has_a_number_or_an_address() {
        assert!(contact("020 7946 0123", "").is_ok());
        assert!(contact("12", "").is_ok(), "not valid, and kept");
        assert!(contact("", "ann@example.com").is_ok());
        let none = contact(" \u{200B}", " ").unwrap_err();
        assert!(none.of_field(TELEPHONE).is_some());
        let both = contact("call me", "ann@").unwrap_err();
        assert!(both.of_field(TELEPHONE).is_some() && both.of_field(EMAIL).is_some());
        assert!(contact(&"1".repeat(65), "").is_err());
    }

    #[test]
    fn what_is_typed_is_kept_without_what_nobody_sees() {
        let owner = |owner: &str| {
            LeadChange::Details {
                status: LeadStatus::New,
                owner: owner.into(),
            }
            .check()
        };
        let LeadChange::Details { owner: kept, .. } = owner(" P.\n\u{202E}Lane ").unwrap() else {
            panic!("another change");
        };
        assert_eq!(kept, "P. Lane");
        assert!(owner("").is_ok(), "nobody");
        assert!(owner(&"x".repeat(MOST_OWNER + 1)).is_err());
    }

    #[test]
    fn a_note_says_something_and_ends_somewhere() {
        let note = |text: String| LeadChange::WriteNote { text }.check();
        assert!(note(" \n\u{200B}".into()).is_err());
        assert!(note("é".repeat(MOST_NOTE)).is_ok());
        assert!(note("é".repeat(MOST_NOTE + 1)).is_err());
    }

    #[test]
    fn who_comes_too_late_is_told_what_changed() {
        let since = [
            ("Maria Diaz".to_owned(), Edited::Owner),
            ("Maria Diaz".to_owned(), Edited::Owner),
            ("Tom Baker".to_owned(), Edited::NoteWritten),
        ];
        let sentence = too_late(&since);
        assert!(sentence.starts_with(
            "Maria Diaz changed the owner and Tom Baker wrote a note after you looked."
        ));
        assert!(too_late(&[]).starts_with("This lead was changed after you looked."));
    }

    #[test]
    fn each_edit_is_found_by_its_word() {
        for edited in Edited::ALL {
            assert_eq!(Edited::from_code(edited.code()), Some(edited));
        }
    }
}
