//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn ImportPage() -> impl IntoView {
    view! { <h1>"ImportPage"</h1> }
}
