//! `/`: leads on to where this person works.

use domain::Permission;
use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::parts::shell::use_shell;

/// The first work stack; who sees none goes to Lead Management.
#[component]
pub fn HomePage() -> impl IntoView {
    let shell = use_shell();
    // Once: where one works doesn't change while one is sent there.
    let path = untrack(|| {
        shell.with(|shell| match shell.work_stacks.first() {
            Some(stack) => format!("/work-stacks/{}", stack.id.0),
            None if shell.may(Permission::SeeQueue) => "/settings/lead-management".to_owned(),
            None => "/work-stacks".to_owned(),
        })
    });
    view! { <Redirect path /> }
}
