//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn OrdersPage() -> impl IntoView {
    view! { <h1>"OrdersPage"</h1> }
}
