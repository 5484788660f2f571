//! What opens above a page or beside it. Its code is a file of its own, fetched once the page stands, so that a first page
//! doesn't wait for it.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::parts::page::NotLoaded;

/// The code of a page or an overlay could not be fetched.
pub struct NoCode;

impl From<SplitLoaderError> for NoCode {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// Shows it once its code is there.
#[component]
pub fn Overlay<F>(
    /// A function in the file `overlay`, called.
    code: F,
) -> impl IntoView
where
    F: Future<Output = Result<AnyView, NoCode>> + Send + 'static,
{
    overlay(Box::pin(code))
}

/// Once for all of them: what is made of it is big.
fn overlay(code: Pin<Box<dyn Future<Output = Result<AnyView, NoCode>> + Send>>) -> AnyView {
    let shown = Suspend::new(async move { shown(code.await) });
    view! { <Suspense fallback=|| ()>{shown}</Suspense> }.into_any()
}

/// What came, or that it didn't.
pub fn shown(code: Result<AnyView, NoCode>) -> AnyView {
    code.unwrap_or_else(|NoCode| view! { <NotLoaded /> }.into_any())
}

/// Fetches the file now, from a page that will want it: then nobody waits when it opens. In effects only.
pub fn fetch_overlays() {
    leptos::task::spawn_local(async {
        // One that fails is fetched again by whatever opens, which says so.
        _ = fetch().await;
    });
}

/// A file has a function by which it is asked for.
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, preload(fetch), fallible)]
fn anchor() -> Result<(), NoCode> {
    Ok(())
}
