//! Skeletons: the shape of what is coming, while it comes.

use leptos::prelude::*;

/// Grey lines in the shape of rows.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 8)]
    lines: usize,
    /// In two columns, a narrow one and a wide one, where there is room.
    #[prop(default = false)]
    beside: bool,
) -> impl IntoView {
    view! {
        <div class="skeleton" class:beside=beside aria-busy="true">
            <p class="sr-only">"Loading"</p>
            {std::iter::repeat_with(|| view! { <span></span> }).take(lines).collect_view()}
        </div>
    }
}
