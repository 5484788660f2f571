//! The entries, newest first, and what is said of a lead that is gone.

use domain::audit_log::{AuditPage, AuditRequest, AuditRow, AuditSearch};
use domain::deletion_order::OrderId;
use domain::erased_lead::ErasedLead;
use leptos::prelude::*;

use crate::audit;
use crate::error::Error;
use crate::parts::problem::Problem;

/// Who deleted the lead that was looked for, when and why.
#[component]
pub fn Erased(erased: ErasedLead) -> impl IntoView {
    let sentence = erased.sentence();
    let order = erased.order.map(|order| {
        view! {
            <a class="link" href=format!("/settings/lead-management/orders/{order}")>
                "See the order"
            </a>
        }
    });
    view! {
        <p class="erased-lead">
            <b>{erased.lead.to_string()}</b>
            ": "
            {sentence}
            " "
            {order}
        </p>
    }
}

/// The table, a page more at a time.
#[component]
pub fn Log(page: AuditPage, search: AuditSearch) -> impl IntoView {
    let rows = RwSignal::new(page.rows);
    let next = RwSignal::new(page.next);
    let failed = RwSignal::new(None::<Error>);
    let pending = RwSignal::new(false);
    let search = StoredValue::new(search);
    let more = move |_| {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        let request = AuditRequest {
            before: next.get_untracked(),
            search: search.get_value(),
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
    let one = row.orders.len() == 1;
    let link = move |(place, order): (usize, OrderId)| {
        let words = if one {
            "See the order".to_owned()
        } else {
            format!("See order {}", place + 1)
        };
        view! {
            " "
            <a class="link" href=format!("/settings/lead-management/orders/{order}")>{words}</a>
        }
    };
    let orders: Vec<_> = row.orders.into_iter().enumerate().map(link).collect();
    let more = row.more_orders.then_some(" and others");
    let note = row.note.map(|note| view! { <p class="said">{note}</p> });
    view! {
        <tr>
            <td class="entry">{row.sequence}</td>
            <td class="when">{row.at}</td>
            <td class="by">{row.by}</td>
            <td class="what">
                <span class="who">{row.act}</span>
            </td>
            <td class="wrap about">
                {row.about} {orders} {more} {note}
            </td>
            <td class="hash">
                <code>{row.hash}</code>
            </td>
        </tr>
    }
}
