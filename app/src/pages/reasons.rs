//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn ReasonsPage() -> impl IntoView {
    view! { <h1>"ReasonsPage"</h1> }
}
