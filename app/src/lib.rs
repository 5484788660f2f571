//! What a person sees: pages, parts, and the thin server functions that reach the ports.
//!
//! `app` knows only `domain`. The server puts an [`domain::Actor`] (if somebody is signed in), a
//! [`domain::ports::Backend`] and a [`Theme`] into Leptos' context; everything here is built on these three.

// The type of a page says all its parts, and the compiler walks down it.
#![recursion_limit = "256"]

pub mod audit;
pub mod business_hours;
pub mod context;
pub mod deletion_order;
pub mod deletion_queue;
pub mod draft;
pub mod error;
pub mod import;
pub mod lead;
pub mod live;
pub mod member;
pub mod pages;
pub mod parts;
pub mod reason;
pub mod removal;
pub mod session;
pub mod theme;
pub mod urgent_deletion;
pub mod wire;
pub mod work_stack;

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::account::AccountPage;
use crate::pages::audit_log::AuditLogPage;
use crate::pages::business_hours::BusinessHoursPage;
use crate::pages::grid::GridPage;
use crate::pages::home::HomePage;
use crate::pages::import::ImportPage;
use crate::pages::lead::LeadPage;
use crate::pages::lead_management::LeadManagementPage;
use crate::pages::members::MembersPage;
use crate::pages::order::OrderPage;
use crate::pages::orders::OrdersPage;
use crate::pages::reasons::ReasonsPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::work_stack_settings::WorkStackSettingsPage;
use crate::pages::work_stacks::WorkStacksPage;
use crate::parts::frame::Frame;
use crate::parts::page::NotFound;
pub use crate::theme::Theme;

/// The nonce of this very answer's scripts: nothing else runs on a page. The server provides it.
#[derive(Debug, Clone, Default)]
pub struct Nonce(pub String);

/// Takes the page over in the browser. Leptos' own component preloads the script without its nonce, which the page's
/// policy refuses.
const START: &str = "import('/pkg/layer.js').then(layer => layer.default({ module_or_path: '/pkg/layer_bg.wasm' }).then(() => layer.hydrate()))";

/// The document around the application, rendered by the server alone.
pub fn shell() -> impl IntoView {
    let theme = use_context::<Theme>().unwrap_or_default();
    let Nonce(nonce) = use_context::<Nonce>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='none' stroke='%234a62d8' stroke-width='2.4' stroke-linejoin='round' d='m12 3 9 5-9 5-9-5zM3 13l9 5 9-5'/%3E%3C/svg%3E" />
                <link rel="stylesheet" href="/pkg/layer.css" />
                <link rel="modulepreload" href="/pkg/layer.js" nonce=nonce.clone() />
                <link rel="preload" href="/pkg/layer_bg.wasm" r#as="fetch" type="application/wasm" crossorigin="anonymous" />
                <script type="module" nonce=nonce>
                    {START}
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

/// The whole application. Pages are rendered whole before they are sent ([`SsrMode::Async`]): a page never jumps from
/// skeletons to rows while it loads, and its title and status are true.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Effect::new(|| {
        // Tests, and people on slow lines, press buttons only after this: before it nothing would happen.
        if let Some(root) = document().document_element() {
            _ = root.set_attribute("data-hydrated", "true");
        }
    });
    view! {
        <Title formatter=document_title />
        <Router>
            <Routes fallback=|| view! { <NotFound /> }>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("work-stacks") view=WorkStacksPage ssr=SsrMode::Async />
                    <Route path=path!("work-stacks/:id") view=GridPage ssr=SsrMode::Async />
                    <Route path=path!("leads/:id") view=LeadPage ssr=SsrMode::Async />
                    <Route path=path!("settings/lead-management") view=LeadManagementPage ssr=SsrMode::Async />
                    <Route path=path!("settings/lead-management/orders/:id") view=OrderPage ssr=SsrMode::Async />
                    <Route path=path!("settings/business-hours") view=BusinessHoursPage ssr=SsrMode::Async />
                    <Route path=path!("settings/members") view=MembersPage ssr=SsrMode::Async />
                    <Route path=path!("settings/reasons") view=ReasonsPage ssr=SsrMode::Async />
                    <Route path=path!("settings/work-stacks") view=WorkStackSettingsPage ssr=SsrMode::Async />
                    <Route path=path!("audit-log") view=AuditLogPage ssr=SsrMode::Async />
                    <Route path=path!("import") view=ImportPage ssr=SsrMode::Async />
                    <Route path=path!("orders") view=OrdersPage ssr=SsrMode::Async />
                    <Route path=path!("account") view=AccountPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
