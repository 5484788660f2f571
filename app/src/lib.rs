//! What a person sees: pages, parts, and the thin server functions that reach the ports.
//!
//! `app` knows only `domain`. The server puts an [`context::Asker`], a
//! [`domain::ports::Backend`] and a [`Theme`] into Leptos' context; everything here is built on these three.

// The type of a page says all its parts, and the compiler walks down it.
#![recursion_limit = "256"]

pub mod account;
pub mod ask_first;
pub mod audit;
pub mod business_hours;
pub mod context;
pub mod deletion_chart;
pub mod deletion_order;
pub mod deletion_queue;
pub mod draft;
pub mod error;
pub mod import;
pub mod lead;
pub mod live;
pub mod member;
pub mod pages;
pub mod palette;
pub mod parts;
pub mod reason;
pub mod removal;
pub mod role;
pub mod routes;
pub mod session;
pub mod theme;
pub mod urgent_deletion;
pub mod who_may;
pub mod wire;
pub mod work_stack;
pub mod work_stack_settings;

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::Router;

use crate::routes::Addresses;
pub use crate::theme::Theme;

/// The nonce of this very answer's scripts: nothing else runs on a page. The server provides it.
#[derive(Debug, Clone, Default)]
pub struct Nonce(pub String);

/// Where this version's files for the browser are: `/pkg/0f1e2d3c4b5a6978`. The server provides it.
#[derive(Debug, Clone, Default)]
pub struct SiteFolder(pub String);

/// The document around the application, rendered by the server alone.
pub fn shell() -> impl IntoView {
    let theme = use_context::<Theme>().unwrap_or_default();
    let Nonce(nonce) = use_context::<Nonce>().unwrap_or_default();
    let SiteFolder(site) = use_context::<SiteFolder>().unwrap_or_default();
    let (styles, script, pages, wasm) = (
        format!("{site}/layer.css"),
        format!("{site}/layer.js"),
        format!("{site}/layer_pages.js"),
        format!("{site}/layer_bg.wasm"),
    );
    // Takes the page over in the browser. Leptos' own component preloads the script without its nonce, which the page's
    // policy refuses.
    let start = format!(
        "import('{script}').then(layer => layer.default({{ module_or_path: '{wasm}' }}).then(() => layer.hydrate()))"
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='none' stroke='%234a62d8' stroke-width='2.4' stroke-linejoin='round' d='m12 3 9 5-9 5-9-5zM3 13l9 5 9-5'/%3E%3C/svg%3E" />
                <link rel="stylesheet" href=styles />
                <link rel="modulepreload" href=script nonce=nonce.clone() />
                <link rel="modulepreload" href=pages nonce=nonce.clone() />
                <link rel="preload" href=wasm r#as="fetch" type="application/wasm" crossorigin="anonymous" />
                <script type="module" nonce=nonce>
                    {start}
                </script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The document's title. The server writes it as it is, so that a `<` in a name would end the title and begin an element.
fn document_title(title: String) -> String {
    if title.is_empty() {
        return "Layer".to_owned();
    }
    title.replace('<', "‹").replace('>', "›") + " · Layer"
}

/// The whole application.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        // While a page is on its way, and has no title yet.
        <Title text="" formatter=document_title />
        <Router>
            <Addresses />
        </Router>
    }
}
