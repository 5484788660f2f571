//! `/account`: who one is and may, the password, and signing out; on a phone also the rest of the menu.

use domain::account::{AccountPage as Account, PasswordChange};
use domain::password::Password;
use leptos::prelude::*;

use crate::account;
use crate::parts::form::{PasswordField, Sending};
use crate::parts::frame::{SettingLinks, SignOut, ThemeSwitch};
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;

/// Name, role, what the role may, password, theme, and Sign out.
#[component]
pub fn AccountPage() -> impl IntoView {
    let shell = use_shell();
    let mine = Resource::new(|| (), |()| account::account());
    let name = Signal::derive(move || shell.with(|shell| shell.name.clone()));
    let role = Signal::derive(move || shell.with(|shell| shell.role.clone()));
    let deeds = move || {
        shell.with(|shell| {
            shell
                .permissions
                .iter()
                .map(|permission| view! { <li>{permission.deed()}</li> })
                .collect_view()
        })
    };
    view! {
        <PageTop title=name hint=role />
        <div class="body account">
            <nav class="panel more" aria-label="More">
                <SettingLinks />
            </nav>
            <section class="panel pad">
                <h2>"Your role may"</h2>
                <ul class="plain">{deeds}</ul>
                <p class="hint">"A Layer Admin decides who has which role."</p>
            </section>
            <Suspense fallback=|| view! { <Skeleton lines=3 /> }>
                {move || Suspend::new(async move {
                    match mine.await {
                        Ok(account) => view! { <ChangePassword account /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
            <section class="panel pad">
                <h2>"Theme"</h2>
                <ThemeSwitch />
            </section>
            <Everywhere />
        </div>
    }
    .into_any()
}

#[component]
fn ChangePassword(account: Account) -> impl IntoView {
    let sending = Sending::new();
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    if !account.has_password {
        return view! {
            <section class="panel pad" aria-labelledby="password">
                <h2 id="password">"Password"</h2>
                <p>"You sign in as " {account.email} " with one click, without a password."</p>
            </section>
        }
        .into_any();
    }
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !sending.begin() {
            return;
        }
        let change = PasswordChange {
            current: Password(current.get_untracked()),
            new: Password(new.get_untracked()),
        };
        leptos::task::spawn_local(async move {
            match account::change_password(change).await {
                Ok(()) => leave("password"),
                Err(error) => sending.fail(error),
            }
        });
    };
    view! {
        <section class="panel pad" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <p class="hint">"You sign in as " {account.email} ". With a new password you are signed out everywhere."</p>
            <form class="stacked" on:submit=send novalidate>
                <PasswordField
                    id="current-password"
                    label="Current password"
                    value=current
                    sending
                    autocomplete="current-password"
                />
                <PasswordField
                    id="new-password"
                    label="New password"
                    value=new
                    sending
                    hint="At least 10 characters."
                    autocomplete="new-password"
                />
                {move || {
                    sending
                        .elsewhere(&["Current password", "New password"])
                        .map(|error| view! { <Problem error /> })
                }}
                <div>
                    <button class="button" aria-disabled=move || sending.busy()>
                        "Change password"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// Signed out: the sign-in page says why.
fn leave(done: &str) {
    _ = window()
        .location()
        .set_href(&format!("/sign-in?done={done}"));
}

#[component]
fn Everywhere() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let sending = Sending::new();
    let press = move |_| {
        if !sending.begin() {
            return;
        }
        leptos::task::spawn_local(async move {
            match account::sign_out_everywhere().await {
                Ok(()) => leave("everywhere"),
                Err(error) => {
                    toasts.fail(&error);
                    sending.done();
                }
            }
        });
    };
    view! {
        <section class="panel pad" aria-labelledby="sign-out">
            <h2 id="sign-out">"Signing out"</h2>
            <div class="acts start">
                <SignOut />
                <button type="button" class="button" aria-disabled=move || sending.busy() on:click=press>
                    "Sign out everywhere"
                </button>
            </div>
            <p class="hint">"Everywhere: in every browser in which you are signed in, this one too."</p>
        </section>
    }
    .into_any()
}
