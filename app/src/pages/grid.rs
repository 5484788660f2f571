//! Grid.

use leptos::prelude::*;

/// Grid.
#[component]
pub fn GridPage() -> impl IntoView {}
