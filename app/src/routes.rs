//! The addresses. The code of the pages is in files of their own, fetched when a page is first opened: the first page costs
//! only what it needs, however many pages there are. Pages that are used together share a file: what several files need
//! becomes a file too, and with one file a page those would be more requests than they save.

use leptos::prelude::*;
use leptos::wasm_split::wasm_split;
use leptos_router::components::{ParentRoute, Route, Routes};
use leptos_router::{Lazy, LazyRoute, SsrMode, path};

use crate::context::page_has_file;
use crate::pages::account::AccountPage;
use crate::pages::asked::AskedPage;
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
use crate::pages::roles::RolesPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::work_stack_editor::WorkStackEditorPage;
use crate::pages::work_stack_settings::WorkStackSettingsPage;
use crate::pages::work_stacks::WorkStacksPage;
use crate::parts::frame::Frame;
use crate::parts::overlay::{NoCode, shown};
use crate::parts::page::NotFound;

/// Makes a route of each page. Leptos' own `#[lazy_route]` would end the whole application where a file can't be had;
/// here the page says so.
macro_rules! pages {
    ($($route:ident: $page:ident in $file:ident, $load:ident, $preload:ident;)*) => {$(
        #[wasm_split($file, wasm_split_path = leptos::wasm_split, preload($preload), fallible)]
        fn $load() -> Result<AnyView, NoCode> {
            Ok(view! { <$page /> }.into_any())
        }

        struct $route;

        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                page_has_file(stringify!($file));
                shown($load().await)
            }

            async fn preload() {
                // One that fails is asked for again by `view`, which says so.
                _ = $preload().await;
            }
        }
    )*};
}

pages! {
    WorkStacks: WorkStacksPage in stacks, work_stacks, preload_work_stacks;
    Grid: GridPage in stacks, grid, preload_grid;
    Lead: LeadPage in overlay, lead, preload_lead;
    LeadManagement: LeadManagementPage in queue, lead_management, preload_lead_management;
    Order: OrderPage in records, order, preload_order;
    Asked: AskedPage in queue, asked_draft, preload_asked_draft;
    BusinessHours: BusinessHoursPage in settings, business_hours, preload_business_hours;
    Members: MembersPage in settings, members, preload_members;
    Roles: RolesPage in settings, roles, preload_roles;
    Reasons: ReasonsPage in settings, reasons, preload_reasons;
    WorkStackSettings: WorkStackSettingsPage in settings, work_stack_settings, preload_work_stack_settings;
    WorkStackEditor: WorkStackEditorPage in settings, work_stack_editor, preload_work_stack_editor;
    AuditLog: AuditLogPage in records, audit_log, preload_audit_log;
    Import: ImportPage in records, import, preload_import;
    Orders: OrdersPage in records, my_orders, preload_my_orders;
    Account: AccountPage in settings, account, preload_account;
}

/// All addresses. Pages are rendered whole before they are sent ([`SsrMode::Async`]): a page never jumps from skeletons to
/// rows while it loads, and its title and status are true.
#[component]
pub fn Addresses() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFound /> }>
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                <Route path=path!("") view=HomePage ssr=SsrMode::Async />
                <Route path=path!("work-stacks") view={Lazy::<WorkStacks>::new()} ssr=SsrMode::Async />
                <Route path=path!("work-stacks/:id") view={Lazy::<Grid>::new()} ssr=SsrMode::Async />
                <Route path=path!("leads/:id") view={Lazy::<Lead>::new()} ssr=SsrMode::Async />
                <Route path=path!("settings/lead-management") view={Lazy::<LeadManagement>::new()} ssr=SsrMode::Async />
                <Route
                    path=path!("settings/lead-management/orders/:id")
                    view={Lazy::<Order>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=path!("settings/lead-management/asked/:id")
                    view={Lazy::<Asked>::new()}
                    ssr=SsrMode::Async
                />
                <Route path=path!("settings/business-hours") view={Lazy::<BusinessHours>::new()} ssr=SsrMode::Async />
                <Route path=path!("settings/members") view={Lazy::<Members>::new()} ssr=SsrMode::Async />
                <Route path=path!("settings/members/roles") view={Lazy::<Roles>::new()} ssr=SsrMode::Async />
                <Route path=path!("settings/reasons") view={Lazy::<Reasons>::new()} ssr=SsrMode::Async />
                <Route path=path!("settings/work-stacks") view={Lazy::<WorkStackSettings>::new()} ssr=SsrMode::Async />
                <Route
                    path=path!("settings/work-stacks/:id")
                    view={Lazy::<WorkStackEditor>::new()}
                    ssr=SsrMode::Async
                />
                <Route path=path!("audit-log") view={Lazy::<AuditLog>::new()} ssr=SsrMode::Async />
                <Route path=path!("import") view={Lazy::<Import>::new()} ssr=SsrMode::Async />
                <Route path=path!("orders") view={Lazy::<Orders>::new()} ssr=SsrMode::Async />
                <Route path=path!("account") view={Lazy::<Account>::new()} ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}
