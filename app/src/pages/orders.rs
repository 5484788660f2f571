//! `/orders`: what one has deleted and asked about, and how it stands.

use domain::ask_first::{Answer, AskedDraft};
use domain::deletion_order::{OrderId, OrderSummary, OrdersPage as Mine};
use domain::text::{leads, number};
use leptos::prelude::*;

use crate::error::{Error, Result};
use crate::live::{Live, LiveBadge};
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::pages::{Pages, join};
use crate::parts::problem::{Empty, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::{Toasts, undo_order};
use crate::{ask_first, deletion_order};

/// One's own orders, newest first, above them what one asked about.
#[component]
pub fn OrdersPage() -> impl IntoView {
    let first = Resource::new(|| (), |()| deletion_order::my_orders(None));
    view! {
        <PageTop title="My deletions" hint="What you have deleted, newest first. What still waits can be undone.">
            <LiveBadge />
        </PageTop>
        <div class="body">
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(mine) => view! { <Shown mine /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

async fn read_pages(pages: usize) -> Result<Mine> {
    let first = deletion_order::my_orders(None).await?;
    join(
        first,
        pages,
        |all: &Mine| all.next,
        async |all, after| {
            let page = deletion_order::my_orders(Some(after)).await?;
            all.orders.extend(page.orders);
            all.next = page.next;
            Ok(())
        },
    )
    .await
}

/// Signals, so that a change redraws what changed and nothing that somebody is pointing at.
#[component]
fn Shown(mine: Mine) -> impl IntoView {
    let (shell, live) = (use_shell(), expect_context::<Live>());
    let mine = RwSignal::new(mine);
    let pages = Pages::new();
    let problem = RwSignal::new(None::<Error>);
    let reread = move || {
        pages.read(read_pages, move |read| match read {
            Ok(fresh) => {
                _ = mine.try_set(fresh);
                _ = problem.try_set(None);
            }
            Err(error) => _ = problem.try_set(Some(error)),
        });
    };
    paced(1000, move || (shell.changes(), live.sequence.get()), reread);
    // Who looks at the answers has seen them: the badge lets them go.
    let answers = Memo::new(move |_| {
        mine.with(|mine| {
            let answered = |asked: &&AskedDraft| asked.answer != Answer::Waiting;
            mine.asked.iter().filter(answered).count()
        })
    });
    Effect::new(move || {
        if answers.get() > 0 && untrack(|| shell.with(|shell| shell.needs_me > 0)) {
            leptos::task::spawn_local(async move {
                // One that fails leaves the badge, and the next visit tries again.
                if ask_first::answers_seen().await.is_ok() {
                    shell.reread();
                }
            });
        }
    });
    let asked = Memo::new(move |_| mine.with(|mine| mine.asked.clone()));
    let none = Memo::new(move |_| mine.with(|mine| mine.orders.is_empty()));
    let orders = move || {
        if none.get() {
            view! {
                <Empty
                    title="You have deleted nothing yet."
                    hint="Select leads in a work stack and press Delete."
                />
            }
            .into_any()
        } else {
            view! { <Orders mine /> }.into_any()
        }
    };
    let more = move |_| {
        pages.more();
        reread();
    };
    view! {
        {move || problem.get().map(|error| view! { <Problem error /> })}
        {move || {
            let asked = asked.get();
            (!asked.is_empty()).then(|| view! { <Asked asked /> })
        }}
        {orders}
        {move || {
            mine.with(|mine| mine.next.is_some())
                .then(|| {
                    view! {
                        <button type="button" class="button more-rows" on:click=more>
                            "Show more"
                        </button>
                    }
                })
        }}
    }
    .into_any()
}

/// What one asked the Layer Admins about, and their answers.
#[component]
fn Asked(asked: Vec<AskedDraft>) -> impl IntoView {
    let one = |asked: AskedDraft| {
        let badge = match asked.answer {
            Answer::Waiting
            | Answer::Deleted {
                leaves: Some(_), ..
            } => "badge accent",
            Answer::Deleted { left: 1.., .. } => "badge good",
            Answer::Deleted { .. } | Answer::Dismissed { .. } => "badge",
            Answer::RanOut { .. } => "badge warn",
        };
        let label = asked.answer.label();
        let from = asked
            .work_stack
            .as_ref()
            .map(|stack| format!(", {stack}"))
            .unwrap_or_default();
        let what = match asked.answer {
            Answer::Waiting => format!("Waiting for a Layer Admin, until {}.", asked.until),
            _ => asked.answer.words(),
        };
        let more = match asked.answer {
            Answer::Deleted { order, .. } => view! {
                <a class="link" href=format!("/settings/lead-management/orders/{order}")>"See the order"</a>
            }
            .into_any(),
            Answer::Dismissed {
                words: Some(words), ..
            } => view! { <p class="said">{words}</p> }.into_any(),
            _ => ().into_any(),
        };
        view! {
            <li>
                <div>
                    <b>{leads(asked.leads)}</b>
                    " "
                    <span class=badge>{label}</span>
                    " "
                    <span class="hint">{format!("{}{from}", asked.at)}</span>
                </div>
                {asked.words.map(|words| view! { <p class="said">{words}</p> })}
                <p>{what}</p>
                {more}
            </li>
        }
    };
    view! {
        <section class="panel asked" aria-labelledby="asked">
            <h2 id="asked">"Asked"</h2>
            <ul>{asked.into_iter().map(one).collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Orders(mine: RwSignal<Mine>) -> impl IntoView {
    view! {
        <div class="panel scroll">
            <table class="cards orders">
                <thead>
                    <tr>
                        <th scope="col">"Order"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Where they stand"</th>
                        <th scope="col"><span class="sr-only">"What you can do"</span></th>
                    </tr>
                </thead>
                <tbody>
                    // An order whose words changed is another row: the others stay as they are.
                    <For
                        each=move || mine.with(|mine| mine.orders.clone())
                        key=|order| (order.id, key(order))
                        let(order)
                    >
                        <Row order />
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What of an order can change while it is shown.
fn key(order: &OrderSummary) -> (String, Option<String>, Vec<String>, Option<OrderId>) {
    let n = order.numbers;
    let numbers = [n.waiting, n.held, n.failed, n.erased, n.skipped, n.removed];
    (
        numbers.map(|n| n.to_string()).join(" "),
        order.leaves.clone(),
        order.sentences.clone(),
        order.put_back_by,
    )
}

#[component]
fn Row(order: OrderSummary) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let (id, numbers) = (order.id, order.numbers);
    let badges = [
        ("waiting", "badge", numbers.waiting),
        ("on hold", "badge warn", numbers.held),
        ("failed", "badge danger", numbers.failed),
        ("deleted", "badge good", numbers.erased),
        ("kept", "badge", numbers.skipped),
        ("removed from the queue", "badge", numbers.removed),
    ];
    let badges = badges
        .into_iter()
        .filter(|(.., n)| *n > 0)
        .map(|(label, class, n)| view! { <span class=class>{format!("{} {label}", number(n))}</span> " " })
        .collect_view();
    let from = order.from().to_owned();
    let sentences = order
        .leaves
        .map(|leaves| format!("{leaves}."))
        .into_iter()
        .chain(order.sentences)
        .map(|sentence| view! { <p class="hint">{sentence}</p> })
        .collect_view();
    let put_back = order.put_back_by.map(|other| {
        view! {
            <p class="hint">
                "Put back since: "
                <a class="link" href=format!("/settings/lead-management/orders/{other}")>
                    "see the other order"
                </a>
            </p>
        }
    });
    let undo = order.may_undo.then(|| {
        view! {
            <button type="button" class="button" on:click=move |_| undo_order(id, toasts, shell)>
                "Undo"
            </button>
        }
    });
    view! {
        <tr>
            <td class="wrap">
                <a class="who" href=format!("/settings/lead-management/orders/{id}")>
                    {leads(numbers.confirmed())}
                </a>
                <p class="hint">{from}</p>
            </td>
            <td>{order.reason}</td>
            <td>{order.at}</td>
            <td class="wrap">{badges} {sentences} {put_back}</td>
            <td class="acts">{undo}</td>
        </tr>
    }
}
