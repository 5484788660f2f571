//! The top of a page, and the page that isn't there.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::parts::problem::Empty;

/// Heading, a sentence under it, and what stands to the right.
#[component]
pub fn PageTop(
    /// The heading, also the document's title.
    #[prop(into)]
    title: Signal<String>,
    /// The sentence under it.
    #[prop(into, optional)]
    hint: Signal<String>,
    /// What stands to the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=move || title.get() />
        <header class="top">
            <div>
                <h1>{move || title.get()}</h1>
                <p>{move || hint.get()}</p>
            </div>
            {children.map(|children| children())}
        </header>
    }
}

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="lonely">
            <Title text="Not found" />
            <Empty title="There is no such page." hint="Check the address, or go back to your work stacks." />
            <a class="button" href="/">
                "Go to the work stacks"
            </a>
        </main>
    }
}
