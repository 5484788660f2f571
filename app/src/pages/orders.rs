//! `/orders`: what one has deleted, and how it stands.

use domain::deletion_order::OrderSummary;
use domain::text::number;
use leptos::prelude::*;

use crate::deletion_order;
use crate::parts::page::PageTop;
use crate::parts::problem::{Empty, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;

/// One's own orders, newest first.
#[component]
pub fn OrdersPage() -> impl IntoView {
    let shell = use_shell();
    let orders = Resource::new(move || shell.changes(), |_| deletion_order::my_orders());
    view! {
        <PageTop title="My deletions" hint="What you have deleted, newest first. What still waits can be undone." />
        <div class="body">
            <Transition fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match orders.await {
                        Ok(orders) if orders.is_empty() => {
                            view! {
                                <Empty
                                    title="You have deleted nothing yet."
                                    hint="Select leads in a work stack and press Delete."
                                />
                            }
                                .into_any()
                        }
                        Ok(orders) => view! { <Orders orders /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Orders(orders: Vec<OrderSummary>) -> impl IntoView {
    let row = |order: OrderSummary| {
        let numbers = order.numbers;
        view! {
            <tr>
                <td>
                    <a class="who" href=format!("/settings/lead-management/orders/{}", order.id)>
                        {domain::text::leads(numbers.confirmed())}
                    </a>
                </td>
                <td>{order.reason}</td>
                <td>{order.at}</td>
                <td class="wrap">
                    {[
                        ("waiting", "badge", numbers.waiting),
                        ("on hold", "badge warn", numbers.held),
                        ("failed", "badge danger", numbers.failed),
                        ("deleted", "badge good", numbers.erased),
                        ("kept", "badge", numbers.skipped),
                        ("removed", "badge", numbers.removed),
                    ]
                        .into_iter()
                        .filter(|(.., n)| *n > 0)
                        .map(|(label, class, n)| view! { <span class=class>{format!("{} {label}", number(n))}</span> " " })
                        .collect_view()}
                </td>
            </tr>
        }
    };
    view! {
        <div class="panel scroll">
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Order"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Where they stand"</th>
                    </tr>
                </thead>
                <tbody>{orders.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
