//! How far a lead has come, and its telephone, as a row shows them.

use domain::lead::{LeadStatus, Telephone};
use leptos::prelude::*;

/// The status as a badge.
#[component]
pub fn Status(
    /// Which one.
    status: LeadStatus,
) -> impl IntoView {
    let class = match status {
        LeadStatus::New | LeadStatus::Lost => "badge",
        LeadStatus::Contacted => "badge accent",
        LeadStatus::Qualified | LeadStatus::Converted => "badge good",
    };
    view! { <span class=class>{status.label()}</span> }
}

/// The first valid number, or why there is none.
#[component]
pub fn Phone(
    /// What the row knows of it.
    telephone: Telephone,
) -> impl IntoView {
    match telephone {
        Telephone::Valid(number) => number.into_any(),
        Telephone::NotValid => view! { <span class="badge warn">"not valid"</span> }.into_any(),
        Telephone::NoContact => view! { <span class="badge warn">"no contact"</span> }.into_any(),
    }
}
