//! `/audit-log`: what was done, by whom, why. Searched, exported, verified.

mod log;
mod search;
mod verify;

use domain::Permission;
use domain::audit_log::{AuditRequest, AuditSearch};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::audit;
use crate::error::Error;
use crate::parts::page::PageTop;
use crate::parts::problem::{Empty, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;

use log::{Erased, Log};
use search::Search;
use verify::Verify;

/// The log, newest first. What is looked for stands in the address.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    if !untrack(|| use_shell().may(Permission::ReadAudit)) {
        let error = Error(domain::Error::Forbidden(Permission::ReadAudit));
        return view! {
            <PageTop title="Audit log" />
            <div class="body">
                <Problem error />
            </div>
        }
        .into_any();
    }
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(|query| AuditSearch::read(|name| query.get(name))));
    let choices = Resource::new(|| (), |()| audit::audit_choices());
    let verification = Resource::new(|| (), |()| audit::verification());
    let first = Resource::new(
        move || search.get(),
        |search| {
            audit::audit_log(AuditRequest {
                before: None,
                search,
            })
        },
    );
    view! {
        <PageTop
            title="Audit log"
            hint="What was done, by whom, why. Each entry’s hash covers the one before: a change would show."
        >
            <Export search />
        </PageTop>
        <div class="body audit-log">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match (choices.await, verification.await) {
                        (Ok(choices), Ok(verification)) => {
                            view! {
                                <Verify first=verification />
                                <Search search choices />
                            }
                                .into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
            <Transition fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(page) => {
                            let erased = page.erased.clone().map(|erased| view! { <Erased erased /> });
                            let log = if page.rows.is_empty() {
                                view! { <Empty title="There is no such entry." /> }.into_any()
                            } else {
                                view! { <Log page search=search.get_untracked() /> }.into_any()
                            };
                            view! {
                                {erased}
                                {log}
                            }
                                .into_any()
                        }
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What is looked for, as a file. A form: the browser keeps what it answers.
#[component]
fn Export(search: Memo<AuditSearch>) -> impl IntoView {
    let shell = use_shell();
    let fields = move || {
        search.with(|search| {
            AuditSearch::NAMES
                .into_iter()
                .zip(search.fields())
                .map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> })
                .collect_view()
        })
    };
    move || {
        shell.may(Permission::ExportAudit).then(|| {
            view! {
                <form method="post" action="/audit-log/export">
                    {fields}
                    <button class="button">"Export as CSV"</button>
                </form>
            }
        })
    }
}
