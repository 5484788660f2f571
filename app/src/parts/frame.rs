//! The frame around every page of who is signed in: the menu, the banner, the messages; on a phone a bar of tabs.

use std::cell::Cell;

use domain::Permission;
use domain::session::Shell;
use domain::text::number;
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::use_location;
use leptos_router::location::Url;

use crate::live::{Connection, Live, provide_live};
use crate::parts::actions::Actions;
use crate::parts::icon::Icon;
use crate::parts::pace::paced;
use crate::parts::problem::Problem;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::{ToastRegion, Toasts};
use crate::parts::tools::{GoTo, OpenTool, Tools};
use crate::parts::zone::Zone;
use crate::session;
use crate::theme::Theme;

/// Reads the shell once; what changes later comes by [`CurrentShell::reread`], so that no page is built twice.
#[component]
pub fn Frame() -> impl IntoView {
    let shell = Resource::new(|| (), |()| session::shell());
    // Not `Suspense`: that one would take the whole frame away for a moment whenever a page comes that waits for something.
    view! {
        <Transition fallback=|| {
            view! {
                <div class="lonely">
                    <Skeleton />
                </div>
            }
        }>
            {move || Suspend::new(async move {
                match shell.await {
                    Ok(shell) => view! { <SignedIn shell /> }.into_any(),
                    Err(error) => {
                        view! {
                            <main class="lonely">
                                <Problem error />
                            </main>
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn SignedIn(shell: Shell) -> impl IntoView {
    let live = provide_live(shell.sequence, shell.clock.clone());
    let shell = CurrentShell::provide(shell);
    Toasts::provide();
    Actions::provide();
    Tools::provide();
    // Every frame, also one of the same sequence: a deletion becomes overdue by the clock, a stack is counted in the
    // background, both without an act.
    let frames = Cell::new(0_u32);
    let heard = move || {
        live.frame.track();
        frames.set(frames.get().wrapping_add(1));
        (live.sequence.get(), frames.get())
    };
    paced(1000, heard, move || shell.reread());
    // The server is there again: the pages read what they missed.
    Effect::new(move |was_away: Option<bool>| {
        let away = live.connection.get() == Connection::Away;
        if was_away == Some(true) && !away {
            shell.refresh();
        }
        away
    });
    let signed_out = move || live.connection.get() == Connection::SignedOut;
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to the content"
        </a>
        <div class="app">
            <Menu />
            <main class="main" class:signed-out=signed_out id="main" tabindex="-1">
                <Gone />
                <Banner />
                <Outlet />
            </main>
            <div class="phone-only">
                <Zone />
            </div>
            <TabBar />
        </div>
        <ToastRegion />
        <OpenTool />
    }
    .into_any()
}

#[component]
fn Banner() -> impl IntoView {
    let shell = use_shell();
    move || {
        shell.with(|shell| shell.banner.clone()).map(|banner| {
            view! {
                <div class="banner" role="status">
                    <Icon icon=Icon::Warning />
                    <span>{banner}</span>
                    <a href="/settings/lead-management">"Open Lead Management"</a>
                </div>
            }
        })
    }
}

/// The page can't be kept up: from when it is, and what to do.
#[component]
fn Gone() -> impl IntoView {
    let live = expect_context::<Live>();
    let location = use_location();
    move || {
        let (words, act) = match live.connection.get() {
            Connection::Away => (
                "The server can’t be reached.",
                view! {
                    <button type="button" class="button" on:click=move |_| live.ask()>
                        "Retry"
                    </button>
                }
                .into_any(),
            ),
            Connection::SignedOut => {
                let here = address(location.pathname.get(), location.search.get());
                let to = format!("/sign-in?next={}", Url::escape(&here));
                (
                    "You are signed out.",
                    view! { <a href=to rel="external">"Sign in"</a> }.into_any(),
                )
            }
            _ => return None,
        };
        let words = format!("{words} What you see is from {}.", live.heard_at());
        Some(view! {
            <div class="banner gone" role="alert">
                <Icon icon=Icon::Warning />
                <span>{words}</span>
                {act}
            </div>
        })
    }
}

fn address(path: String, search: String) -> String {
    if search.is_empty() {
        path
    } else {
        format!("{path}?{search}")
    }
}

/// The pages under Settings, each with the permission that shows it.
const SETTINGS: [(&str, &str, Permission); 8] = [
    (
        "/settings/lead-management",
        "Lead Management",
        Permission::SeeQueue,
    ),
    ("/orders", "My deletions", Permission::DeleteLeads),
    ("/import", "Import", Permission::ImportLeads),
    ("/audit-log", "Audit log", Permission::ReadAudit),
    (
        "/settings/work-stacks",
        "Work stacks",
        Permission::EditSettings,
    ),
    ("/settings/reasons", "Reasons", Permission::EditSettings),
    (
        "/settings/business-hours",
        "Business hours",
        Permission::EditSettings,
    ),
    (
        "/settings/members",
        "Members and roles",
        Permission::EditMembers,
    ),
];

/// The pages that this person may open: address and name.
pub fn settings_of(shell: &Shell) -> impl Iterator<Item = (&'static str, &'static str)> {
    let may = |permission: Permission| shell.may(permission);
    SETTINGS
        .into_iter()
        .filter(move |(.., permission)| may(*permission))
        .map(|(href, label, _)| (href, label))
}

#[component]
fn Menu() -> impl IntoView {
    let location = use_location();
    // Many work stacks reach below the menu's edge: where one is must be seen.
    Effect::new(move || {
        location.pathname.track();
        request_animation_frame(show_current);
    });
    view! {
        <nav class="side" aria-label="Menu">
            <a class="brand" href="/">
                <Icon icon=Icon::Layers />
                "Layer"
            </a>
            <GoTo />
            <div class="links">
                <StackLinks />
                <SettingLinks />
            </div>
            <Person />
        </nav>
    }
}

/// Scrolls the menu to the entry of the page that is open, where it is out of sight.
fn show_current() {
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    let (Some(links), Some(current)) = (find(".side .links"), find(".side .links [aria-current]"))
    else {
        return;
    };
    let (seen, at) = (
        links.get_bounding_client_rect(),
        current.get_bounding_client_rect(),
    );
    if at.top() < seen.top() || at.bottom() > seen.bottom() {
        current.scroll_into_view_with_bool(false);
    }
}

/// The work stacks with their counts.
#[component]
pub fn StackLinks() -> impl IntoView {
    let shell = use_shell();
    move || {
        let stacks = shell.with(|shell| shell.work_stacks.clone());
        (!stacks.is_empty()).then(|| {
            view! {
                <small>"Work stacks"</small>
                <ul aria-label="Work stacks">
                    {stacks
                        .into_iter()
                        .map(|stack| {
                            view! {
                                <li>
                                    <A href=format!("/work-stacks/{}", stack.id.0) exact=true>
                                        {stack.name}
                                        {stack.count.map(|count| view! { " " <span>{number(count)}</span> })}
                                    </A>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            }
        })
    }
}

/// What this person may open under Settings, with the badge of what is open in the Deletion Queue.
#[component]
pub fn SettingLinks() -> impl IntoView {
    let shell = use_shell();
    move || {
        let links: Vec<_> = SETTINGS
            .into_iter()
            .filter(|(.., permission)| shell.may(*permission))
            .collect();
        let (open, asked, needs_me) =
            shell.with(|shell| (shell.open_deletions, shell.asked, shell.needs_me));
        (!links.is_empty()).then(|| {
            view! {
                <small>"Settings"</small>
                <ul aria-label="Settings">
                    {links
                        .into_iter()
                        .map(|(href, label, permission)| {
                            let asked = (permission == Permission::SeeQueue && asked > 0)
                                .then(|| {
                                    view! {
                                        " "
                                        <span class="open" title="Asked first: they wait for an answer">
                                            {format!("{} ?", number(asked))}
                                        </span>
                                    }
                                });
                            let count = match permission {
                                Permission::SeeQueue => open,
                                Permission::DeleteLeads => needs_me,
                                _ => 0,
                            };
                            let badge = (count > 0).then(|| view! { " " <span class="open">{number(count)}</span> });
                            view! {
                                <li>
                                    <A href=href>{label} {asked} {badge}</A>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            }
        })
    }
}

#[component]
fn Person() -> impl IntoView {
    let shell = use_shell();
    view! {
        <div class="person">
            <A href="/account">
                <b>{move || shell.with(|shell| shell.name.clone())}</b>
                <span>{move || shell.with(|shell| shell.role.clone())}</span>
            </A>
            <ThemeSwitch />
            <SignOut />
            <Zone />
        </div>
    }
}

/// Light, dark, or as the system says: plain forms, because the server renders the theme.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let location = use_location();
    let back = move || address(location.pathname.get(), location.search.get());
    view! {
        // A form with a name is a landmark, and this one stands twice on the account's page.
        <form method="post" action="/theme">
            <input type="hidden" name="back" value=back prop:value=back />
            <div class="theme" role="group" aria-label="Theme">
                {Theme::ALL
                    .map(|theme| {
                        view! {
                            <button name="theme" value=theme.code() class=theme.code()>
                                {theme.label()}
                            </button>
                        }
                    })}
            </div>
        </form>
    }
}

/// Ends the session.
#[component]
pub fn SignOut() -> impl IntoView {
    view! {
        <form method="post" action="/sign-out">
            <button class="button ghost">"Sign out"</button>
        </form>
    }
}

/// The badge on a tab of what waits for this person.
fn needs(count: u64, title: &'static str) -> AnyView {
    if count == 0 {
        return ().into_any();
    }
    view! {
        " "
        <span class="open" title=title>
            {number(count)}
        </span>
    }
    .into_any()
}

/// The bar at the bottom of a phone.
#[component]
fn TabBar() -> impl IntoView {
    let shell = use_shell();
    let tab = move |permission: Permission, href: &'static str, label: &'static str, icon: Icon| {
        shell.may(permission).then(|| {
            let asked = shell.with(|shell| shell.asked);
            let badge = (permission == Permission::SeeQueue)
                .then(|| needs(asked, "Asked first: they wait for an answer"));
            view! {
                <A href=href>
                    <Icon icon />
                    {label}
                    {badge}
                </A>
            }
        })
    };
    view! {
        <nav class="tabbar" aria-label="Tabs">
            {move || tab(Permission::SeeLeads, "/work-stacks", "Stacks", Icon::Layers)}
            {move || tab(Permission::SeeQueue, "/settings/lead-management", "Queue", Icon::Queue)}
            {move || tab(Permission::ReadAudit, "/audit-log", "Audit", Icon::Audit)}
            <GoTo />
            <A href="/account">
                <Icon icon=Icon::More />
                "More"
                {move || needs(shell.with(|shell| shell.needs_me), "My deletions: something needs you")}
            </A>
        </nav>
    }
}
