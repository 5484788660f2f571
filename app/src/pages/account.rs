//! `/account`: who one is and may; on a phone also the rest of the menu.

use leptos::prelude::*;

use crate::parts::frame::{SettingLinks, SignOut, ThemeSwitch};
use crate::parts::page::PageTop;
use crate::parts::shell::use_shell;

/// Name, role, what the role may, theme, and Sign out.
#[component]
pub fn AccountPage() -> impl IntoView {
    let shell = use_shell();
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
            <section class="panel pad">
                <h2>"Theme"</h2>
                <ThemeSwitch />
            </section>
            <SignOut />
        </div>
    }
    .into_any()
}
