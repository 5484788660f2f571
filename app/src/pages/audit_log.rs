//! `/audit-log`: what was done, by whom, why.

use domain::audit::{Act, AuditPage, AuditRequest, AuditRow};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::audit;
use crate::error::Error;
use crate::parts::page::PageTop;
use crate::parts::problem::{Empty, Problem};
use crate::parts::skeleton::Skeleton;

/// The log, newest first. Which acts it shows stands in the address.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    let query = use_query_map();
    let act = Memo::new(move |_| query.with(|query| query.get("act")).unwrap_or_default());
    let first = Resource::new(
        move || act.get(),
        |act| audit::audit_log(AuditRequest { before: None, act }),
    );
    view! {
        <PageTop
            title="Audit log"
            hint="What was done, by whom, why. Each entry’s hash covers the one before: a change would show."
        >
            <Filter act />
        </PageTop>
        <div class="body">
            <Transition fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(page) if page.rows.is_empty() => view! { <Empty title="There is no such entry." /> }.into_any(),
                        Ok(page) => view! { <Log page act=act.get_untracked() /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Filter(act: Memo<String>) -> impl IntoView {
    let navigate = use_navigate();
    let change = move |event| {
        let act: String = event_target_value(&event);
        let to = if act.is_empty() {
            "/audit-log".to_owned()
        } else {
            format!("/audit-log?act={act}")
        };
        navigate(&to, Default::default());
    };
    let option = move |(code, label): (&'static str, &'static str)| {
        view! {
            <option value=code selected=move || act.with(|act| act == code)>
                {label}
            </option>
        }
    };
    let options = Act::ALL.iter().map(|act| (act.code(), act.label()));
    view! {
        <label>
            <span class="sr-only">"Show"</span>
            <select class="control" on:change=change prop:value=act>
                {std::iter::once(("", "Every act")).chain(options).map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn Log(page: AuditPage, act: String) -> impl IntoView {
    let rows = RwSignal::new(page.rows);
    let next = RwSignal::new(page.next);
    let failed = RwSignal::new(None::<Error>);
    let pending = RwSignal::new(false);
    let act = StoredValue::new(act);
    let more = move |_| {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        let request = AuditRequest {
            before: next.get_untracked(),
            act: act.get_value(),
        };
        leptos::task::spawn_local(async move {
            match audit::audit_log(request).await {
                Ok(mut page) => {
                    _ = rows.try_update(|rows| rows.append(&mut page.rows));
                    _ = next.try_set(page.next);
                    _ = failed.try_set(None);
                }
                Err(error) => _ = failed.try_set(Some(error)),
            }
            _ = pending.try_set(false);
        });
    };
    view! {
        <div class="panel scroll">
            <table class="cards audit">
                <thead>
                    <tr>
                        <th scope="col">"Entry"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"About"</th>
                        <th scope="col">"Hash"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.sequence let(row)>
                        <Entry row />
                    </For>
                </tbody>
            </table>
        </div>
        {move || failed.get().map(|error| view! { <Problem error /> })}
        {move || {
            next.get()
                .map(|_| {
                    view! {
                        <button type="button" class="button more-rows" on:click=more>
                            "Show more"
                        </button>
                    }
                })
        }}
    }
}

#[component]
fn Entry(row: AuditRow) -> impl IntoView {
    let order = row.order.map(|order| {
        view! {
            " "
            <a class="link" href=format!("/settings/lead-management/orders/{order}")>"See the order"</a>
        }
    });
    view! {
        <tr>
            <td class="entry">{row.sequence}</td>
            <td class="when">{row.at}</td>
            <td class="by">{row.by}</td>
            <td class="act">
                <span class="who">{row.act}</span>
            </td>
            <td class="wrap about">{row.about} {order}</td>
            <td class="hash">
                <code>{row.hash}</code>
            </td>
        </tr>
    }
}
