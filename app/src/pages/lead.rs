//! Lead.

use leptos::prelude::*;

/// Lead.
#[component]
pub fn LeadPage() -> impl IntoView {}
