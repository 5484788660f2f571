//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn LeadManagementPage() -> impl IntoView {
    view! { <h1>"LeadManagementPage"</h1> }
}
