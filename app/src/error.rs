//! A server function's error: [`domain::Error`], carried over the wire as it is.

use std::fmt;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::wire::Wire;

/// A newtype, because neither the trait nor `domain::Error` is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error(pub domain::Error);

/// What a server function answers.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<domain::Error> for Error {
    fn from(error: domain::Error) -> Self {
        Self(error)
    }
}

impl FromServerFnError for Error {
    type Encoder = Wire;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr::*;
        Self(match value {
            Request(_) => {
                crate::live::doubt();
                domain::Error::Unreachable
            }
            Args(_)
            | MissingArg(_)
            | Deserialization(_)
            | Serialization(_)
            | UnsupportedRequestMethod(_) => domain::Error::Unreadable,
            Registration(_) | ServerError(_) | MiddlewareError(_) | Response(_) => {
                domain::Error::Internal("-".into())
            }
        })
    }
}
