//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn MembersPage() -> impl IntoView {
    view! { <h1>"MembersPage"</h1> }
}
