//! To be written.

use leptos::prelude::*;

/// To be written.
#[component]
pub fn BusinessHoursPage() -> impl IntoView {
    view! { <h1>"BusinessHoursPage"</h1> }
}
