//! What the server puts into Leptos' context for every request, page and server function alike.

use domain::ports::Backend;
use domain::{Actor, Error, Result};
use leptos::prelude::use_context;

/// Who asks; [`Error::SignedOut`] where nobody is signed in.
pub fn actor() -> Result<Actor> {
    use_context::<Actor>().ok_or(Error::SignedOut)
}

/// The ports.
pub fn backend() -> Result<Backend> {
    use_context::<Backend>().ok_or_else(|| Error::Internal("no backend".into()))
}
