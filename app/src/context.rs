//! What the server puts into Leptos' context for every request, page and server function alike.

use std::sync::Arc;

use domain::permission::Right;
use domain::ports::Backend;
use domain::{Actor, Error, Granted, Result};
use leptos::prelude::use_context;

/// Who asks in this request; `None` where nobody is signed in. The server provides it for every request: a context that is
/// missing would be looked for further out.
#[derive(Debug, Clone)]
pub struct Asker(pub Option<Actor>);

/// Who asks; [`Error::SignedOut`] where nobody is signed in.
pub fn actor() -> Result<Actor> {
    let asker = use_context::<Asker>().and_then(|Asker(actor)| actor);
    asker.ok_or(Error::SignedOut)
}

/// The ports.
pub fn backend() -> Result<Backend> {
    use_context::<Backend>().ok_or_else(|| Error::Internal("no backend".into()))
}

/// The proof that who asks may do `P`, with the ports to hand it to. Server functions name it with its whole path:
/// their bodies aren't compiled for the browser, and an import would be unused there.
pub fn granted<P: Right>() -> Result<(Granted<P>, Backend)> {
    Ok((actor()?.granted()?, backend()?))
}

/// What was typed as the e-mail address in a sign-in that failed just now. The server provides it for the sign-in page; in
/// the browser there is none, and what was rendered stays.
#[derive(Clone)]
pub struct TypedEmail(pub String);

/// Sets the HTTP status of the page that is being rendered. The server provides it; in the browser there is none.
#[derive(Clone)]
pub struct PageStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// The page that is being rendered tells of this error: its status is the error's.
pub fn page_fails_with(error: &Error) {
    if let Some(PageStatus(set)) = use_context() {
        set(error.status());
    }
}

/// Tells the browser early which file the page that is being rendered needs. The server provides it; in the browser there
/// is none.
#[derive(Clone)]
pub struct PageFile(pub Arc<dyn Fn(&'static str) + Send + Sync>);

/// The code of the page that is being rendered is in this file.
pub fn page_has_file(name: &'static str) {
    if let Some(PageFile(tell)) = use_context() {
        tell(name);
    }
}
