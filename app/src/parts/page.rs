//! The top of a page, and the page that isn't there.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::parts::icon::Icon;

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
    // The server puts the document's title in once the page is rendered, when the signal may be gone already.
    let rendered = title.get_untracked();
    let document = move || title.try_get().unwrap_or_else(|| rendered.clone());
    view! {
        <Title text=document />
        <header class="top">
            <div>
                <h1>{move || title.get()}</h1>
                <p>{move || hint.get()}</p>
            </div>
            {children.map(|children| children())}
        </header>
    }
}

/// Where a page was meant to stand: its heading says why there is none.
#[component]
fn Nothing(title: &'static str, hint: &'static str) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon icon=Icon::Empty />
            <h1>{title}</h1>
            <p class="hint">{hint}</p>
        </div>
    }
}

/// A page whose code could not be fetched: the line is down, or the server has a newer version than what runs here.
#[component]
pub fn NotLoaded() -> impl IntoView {
    let location = use_location();
    let here = move || format!("{}?{}", location.pathname.get(), location.search.get());
    view! {
        <div class="lonely">
            <Title text="Not loaded" />
            <Nothing
                title="This page could not be loaded."
                hint="Check the connection, then reload. Layer may also have been updated since you opened it."
            />
            <a class="button" href=here rel="external">
                "Reload"
            </a>
        </div>
    }
}

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="lonely">
            <Title text="Not found" />
            <Nothing title="There is no such page." hint="Check the address, or go back to your work stacks." />
            <a class="button" href="/">
                "Go to the work stacks"
            </a>
        </main>
    }
}
