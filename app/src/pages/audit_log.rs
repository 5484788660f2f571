//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    view! { <h1>"AuditLogPage"</h1> }
}
