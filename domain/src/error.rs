//! What can go wrong, in words a person can act on.
//!
//! Three tiers: this closed enum for what a person meets (its `Display` is the sentence on the page, and it goes over
//! the wire as it is); `anyhow` with context in the worker and the command line; and [`Error::Internal`] where the two
//! meet, which says nothing of the cause but a number under which the log has it.

use serde::{Deserialize, Serialize};

use crate::erased_lead::ErasedLead;
use crate::permission::Permission;

/// The result of everything a person can ask for.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An answer that isn't the one asked for. Its `Display` is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", content = "about", rename_all = "kebab-case")]
pub enum Error {
    /// No session, an expired one, or a deactivated person.
    #[error("You are signed out. Sign in and try again.")]
    SignedOut,
    /// The right is missing; nothing was done.
    #[error("Your role may not {}. Ask a Layer Admin.", .0.deed())]
    Forbidden(Permission),
    /// Not there, or not for this person: both answer alike, so that nobody can probe for what exists.
    #[error("There is no such {0}, or it isn't in one of your work stacks.")]
    NotFound(String),
    /// A lead was there and is erased; said to who could have seen it.
    #[error("{}", .0.sentence())]
    Gone(Box<ErasedLead>),
    /// The thing was there and is over: an expired draft, another's draft.
    #[error("{0}")]
    Conflict(String),
    /// Somebody was quicker: it was sent over something that isn't there any more as it was seen. Looking again helps.
    #[error("{0}")]
    TooLate(String),
    /// What was sent doesn't fit; each field with its sentence, all at once.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldError>),
    /// Asked too often.
    #[error("That was asked too often. Wait a minute and try again.")]
    TooMany,
    /// The database or the program failed. The number finds the cause in the log.
    #[error(
        "Something went wrong here, and nothing was changed. Try again; if it stays, give a Layer Admin the number {0}."
    )]
    Internal(String),
    /// Others were at the same rows, or had the database's lock for too long. Trying again is all it needs.
    #[error("Somebody else is at the same just now. Nothing was changed; press again.")]
    Busy,
    /// The database takes no changes, and why, a full sentence.
    #[error("{0}")]
    Unavailable(String),
    /// The call didn't reach the server, or its answer not the page. Nothing is known of its effect.
    #[error("The server can't be reached. What you see is as it was; try again.")]
    Unreachable,
    /// The request couldn't be read: garbage, or a page of another version.
    #[error("The server could not read this request. Reload the page and try again.")]
    Unreadable,
}

/// One field of a form and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's accessible name, such as `Reason`.
    pub field: String,
    /// What is wrong and what to do, a full sentence.
    pub message: String,
}

impl Error {
    /// One field is wrong.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// There is no such `thing` (a lower-case noun).
    pub fn not_found(thing: &str) -> Self {
        Self::NotFound(thing.into())
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::Gone(_) => 410,
            Self::Conflict(_) | Self::TooLate(_) => 409,
            Self::Invalid(_) => 422,
            Self::TooMany => 429,
            Self::Internal(_) => 500,
            Self::Busy | Self::Unavailable(_) | Self::Unreachable => 503,
            Self::Unreadable => 400,
        }
    }

    /// The machine's word for it: the wire's tag, and what the security log keeps.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not-found",
            Self::Gone(_) => "gone",
            Self::Conflict(_) => "conflict",
            Self::TooLate(_) => "too-late",
            Self::Invalid(_) => "invalid",
            Self::TooMany => "too-many",
            Self::Internal(_) => "internal",
            Self::Busy => "busy",
            Self::Unavailable(_) => "unavailable",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
        }
    }

    /// What is wrong with `field`, if that is what went wrong.
    pub fn of_field(&self, field: &str) -> Option<&str> {
        match self {
            Self::Invalid(fields) => fields
                .iter()
                .find(|f| f.field == field)
                .map(|f| f.message.as_str()),
            _ => None,
        }
    }
}

/// Collects what is wrong with a form, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct Wrong(Vec<FieldError>);

impl Wrong {
    /// `field` is wrong.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// `field` is wrong where there is a sentence that says so.
    pub fn add_if(&mut self, field: &str, message: Option<String>) {
        if let Some(message) = message {
            self.add(field, message);
        }
    }

    /// What a further check found; what isn't about fields is an error at once.
    pub fn take(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Err(Error::Invalid(mut fields)) => {
                self.0.append(&mut fields);
                Ok(())
            }
            other => other,
        }
    }

    /// Nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses where something is wrong.
    pub fn end(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

fn join(fields: &[FieldError]) -> String {
    fields
        .iter()
        .map(|f| f.message.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
