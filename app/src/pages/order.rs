//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn OrderPage() -> impl IntoView {
    view! { <h1>"OrderPage"</h1> }
}
