//! `/settings/lead-management/orders/ID`: one deletion order, and where each of its leads stands.

use domain::deletion_order::{OrderId, OrderNumbers, OrderPage as Order, OrderRow};
use domain::text::{leads, number};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::deletion_order;
use crate::error::{Error, Result};
use crate::live::{Live, LiveBadge};
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::{Toasts, undo_order};

/// The order that the address names.
#[component]
pub fn OrderPage() -> impl IntoView {
    let params = use_params_map();
    let first = Resource::new(
        move || params.with(|params| params.get("id").unwrap_or_default()),
        |id| async move { read(&id).await },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(order) => view! { <Shown order /> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageTop title="Deletion order" />
                            <div class="body">
                                <Problem error />
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

async fn read(id: &str) -> Result<Order> {
    let id = id
        .parse()
        .map_err(|_| Error(domain::Error::not_found("deletion order")))?;
    deletion_order::order(OrderId(id)).await
}

#[component]
fn Shown(order: Order) -> impl IntoView {
    let (shell, toasts, live) = (
        use_shell(),
        expect_context::<Toasts>(),
        expect_context::<Live>(),
    );
    let id = order.summary.id;
    let title = format!("{} deleted", leads(order.summary.numbers.confirmed()));
    let hint = format!(
        "{}, {}. {}",
        order.summary.by, order.summary.at, order.summary.reason
    );
    let order = RwSignal::new(order);
    paced(
        1000,
        move || (shell.changes(), live.sequence.get()),
        move || {
            leptos::task::spawn_local(async move {
                // One that can't be read leaves what stands; the badge says that it may be old.
                if let Ok(fresh) = deletion_order::order(id).await {
                    _ = order.try_set(fresh);
                }
            });
        },
    );
    let undo = move || {
        order.with(|order| order.may_undo).then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| undo_order(id, toasts, shell)>
                    "Undo"
                </button>
            }
        })
    };
    view! {
        <PageTop title=title hint=hint>
            <LiveBadge />
            {undo}
        </PageTop>
        <div class="body order">
            {move || {
                let order = order.get();
                view! {
                    <Numbers numbers=order.summary.numbers leaves=order.leaves.clone() />
                    <Facts order=order.clone() />
                    <Rows rows=order.rows more=order.more />
                }
            }}
        </div>
    }
}

/// What the colours of the bar mean, and the numbers.
fn parts(numbers: OrderNumbers) -> [(&'static str, &'static str, u64); 6] {
    [
        ("Waiting", "is-waiting", numbers.waiting),
        ("On hold", "is-held", numbers.held),
        ("Failed", "is-failed", numbers.failed),
        ("Deleted", "is-erased", numbers.erased),
        ("Kept", "is-skipped", numbers.skipped),
        ("Removed", "is-removed", numbers.removed),
    ]
}

/// The numbers, that always add up to what was confirmed: as a bar to see and a table to read.
#[component]
fn Numbers(numbers: OrderNumbers, leaves: Option<String>) -> impl IntoView {
    let all = numbers.confirmed();
    let share = move |n: u64| (n * 1000).checked_div(all).unwrap_or_default();
    let bar = parts(numbers)
        .into_iter()
        .filter(|(.., n)| *n > 0)
        .map(|(_, class, n)| view! { <b class=class style=format!("flex-grow:{}", share(n).max(8))></b> })
        .collect_view();
    let rows = parts(numbers)
        .into_iter()
        .map(|(label, class, n)| {
            view! {
                <tr class:none=n == 0>
                    <th scope="row">
                        <i class=class></i>
                        {label}
                    </th>
                    <td>{number(n)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel pad numbers" aria-labelledby="order-numbers">
            <h2 id="order-numbers">"Where they stand"</h2>
            {leaves.map(|leaves| view! { <p>{leaves} "."</p> })}
            <div class="sum" aria-hidden="true">
                {bar}
            </div>
            <table>
                <tbody>
                    {rows} <tr class="total">
                        <th scope="row">"Confirmed"</th>
                        <td>{number(all)}</td>
                    </tr>
                </tbody>
            </table>
        </section>
    }
}

#[component]
fn Facts(order: Order) -> impl IntoView {
    let other = |label: &'static str, id: Option<OrderId>| {
        id.map(|id| {
            view! {
                <dt>{label}</dt>
                <dd>
                    <a class="link" href=format!("/settings/lead-management/orders/{id}")>"the other order"</a>
                </dd>
            }
        })
    };
    let left_out = (!order.left_out.is_empty()).then(|| {
        view! {
            <dt>"Left out"</dt>
            <dd>{order.left_out.join(" ")}</dd>
        }
    });
    view! {
        <section class="panel pad" aria-labelledby="order-why">
            <h2 id="order-why">"Why"</h2>
            <dl class="pairs">
                <dt>"Reason"</dt>
                <dd>{order.summary.reason}</dd>
                <dt>"Extra details"</dt>
                <dd class="details">{order.details.unwrap_or_else(|| "None were written.".into())}</dd>
                <dt>"Ordered by"</dt>
                <dd>{format!("{}, {}", order.summary.by, order.summary.at)}</dd>
                <dt>"From"</dt>
                <dd>
                    {if order.urgent {
                        "Lead Management, with the X".to_owned()
                    } else {
                        order.work_stack.unwrap_or_else(|| "Selected leads".into())
                    }}
                </dd>
                {left_out}
                {other("Puts back what was removed from", order.puts_back)}
                {other("Put back by", order.put_back_by)}
                <dt>"Audit log"</dt>
                <dd>{format!("Entry {}", order.audit_sequence)}</dd>
            </dl>
        </section>
    }
}

#[component]
fn Rows(rows: Vec<OrderRow>, more: u64) -> impl IntoView {
    let row = |row: OrderRow| {
        view! {
            <tr>
                <td>
                    {row.name.map(|name| view! { <a class="who" href=format!("/leads/{}", row.lead)>{name}</a> })}
                    <span class="ref">{row.lead.to_string()}</span>
                </td>
                <td>{row.state}</td>
            </tr>
        }
    };
    view! {
        <section class="panel rows" aria-labelledby="order-leads">
            <h2 id="order-leads">"Leads"</h2>
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Lead"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
            {(more > 0).then(|| view! { <p class="hint pad">{format!("And {} more.", number(more))}</p> })}
        </section>
    }
}
