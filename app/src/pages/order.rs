//! `/settings/lead-management/orders/ID`: one deletion order, and where each of its leads stands.

use domain::deletion_order::{OrderId, OrderNumbers, OrderPage as Order, OrderPart, OrderRow};
use domain::removal::RemovalId;
use domain::text::{leads, number};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::error::{Error, Result};
use crate::live::{Live, LiveBadge};
use crate::pages::lead_management::undo_removal;
use crate::parts::focus;
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::pages::{Pages, join};
use crate::parts::problem::Problem;
use crate::parts::redact::Redact;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::{Toasts, undo_order};
use crate::{deletion_order, removal};

/// The order that the address names.
#[component]
pub fn OrderPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let part = Memo::new(move |_| {
        let word = query.with(|query| query.get("rows")).unwrap_or_default();
        OrderPart::from_code(&word)
    });
    // Another part of the same order is read by what is shown already.
    let first = Resource::new(
        move || params.with(|params| params.get("id").unwrap_or_default()),
        move |id| {
            let part = part.get_untracked();
            async move { read(&id, part).await }
        },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(order) => view! { <Shown order part /> }.into_any(),
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

async fn read(id: &str, part: Option<OrderPart>) -> Result<Order> {
    let id = id
        .parse()
        .map_err(|_| Error(domain::Error::not_found("deletion order")))?;
    deletion_order::order(OrderId(id), part).await
}

async fn read_pages(id: OrderId, part: Option<OrderPart>, pages: usize) -> Result<Order> {
    let first = deletion_order::order(id, part).await?;
    let next = |order: &Order| order.rows.next;
    join(first, pages, next, async |order, after| {
        let page = deletion_order::order_rows(id, order.rows.part, after).await?;
        order.rows.rows.extend(page.rows);
        order.rows.next = page.next;
        Ok(())
    })
    .await
}

#[component]
fn Shown(order: Order, part: Memo<Option<OrderPart>>) -> impl IntoView {
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
    let pages = Pages::new();
    let reread = move || {
        let part = part.get_untracked();
        pages.read(
            move |pages| read_pages(id, part, pages),
            move |fresh| {
                // One that can't be read leaves what stands; the badge says that it may be old.
                if let Ok(fresh) = fresh {
                    // Once something is undone or blacked out, its button goes.
                    focus::keep("order-why", || _ = order.try_set(fresh));
                }
            },
        );
    };
    paced(1000, move || (shell.changes(), live.sequence.get()), reread);
    Effect::new(move |before: Option<Option<OrderPart>>| {
        let now = part.get();
        if before.is_some_and(|before| before != now) {
            pages.begin_again();
            reread();
        }
        now
    });
    let may_undo = Memo::new(move |_| order.with(|order| order.summary.may_undo));
    let undo = move || {
        may_undo.get().then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| undo_order(id, toasts, shell)>
                    "Undo"
                </button>
            }
        })
    };
    let more = Callback::new(move |()| {
        pages.more();
        reread();
    });
    let redacting = RwSignal::new(None::<Redacting>);
    let on_close = Callback::new(move |()| redacting.set(None));
    let dialog = move || {
        redacting.get().map(|what| match what {
            Redacting::Details => view! {
                <Redact
                    what="The extra details of this order, and what was asked before it, go"
                    said="The details are blacked out. The audit log stays whole."
                    redact=move || deletion_order::redact_details(id)
                    on_close
                />
            }
            .into_any(),
            Redacting::Removal(removal) => view! {
                <Redact
                    what="Why these deletions were removed goes"
                    said="The reason of the removal is blacked out. The audit log stays whole."
                    redact=move || removal::redact_removal(id, removal)
                    on_close
                />
            }
            .into_any(),
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
                    <Numbers
                        numbers=order.summary.numbers
                        leaves=order.summary.leaves.clone()
                        sentences=order.summary.sentences.clone()
                        put_back_by=order.summary.put_back_by
                    />
                    <Facts order redacting />
                }
            }}
            <Rows id order more />
        </div>
        {dialog}
    }
    .into_any()
}

/// What of the page's texts is to be blacked out.
#[derive(Clone, Copy)]
enum Redacting {
    Details,
    Removal(RemovalId),
}

/// The colour of a part in the bar.
fn class(part: OrderPart) -> &'static str {
    match part {
        OrderPart::Waiting => "is-waiting",
        OrderPart::Held => "is-held",
        OrderPart::Failed => "is-failed",
        OrderPart::Erased => "is-erased",
        OrderPart::Skipped => "is-skipped",
        OrderPart::Removed => "is-removed",
    }
}

/// The numbers, that always add up to what was confirmed: as a bar to see and a table to read.
#[component]
fn Numbers(
    numbers: OrderNumbers,
    leaves: Option<String>,
    sentences: Vec<String>,
    put_back_by: Option<OrderId>,
) -> impl IntoView {
    let all = numbers.confirmed();
    let share = move |n: u64| (n * 1000).checked_div(all).unwrap_or_default();
    let parts = OrderPart::ALL.map(|part| (part, part.of(&numbers)));
    let bar = parts
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(part, n)| view! { <b class=class(part) style=format!("flex-grow:{}", share(n).max(8))></b> })
        .collect_view();
    let rows = parts
        .into_iter()
        .map(|(part, n)| {
            view! {
                <tr class:none=n == 0>
                    <th scope="row">
                        <i class=class(part)></i>
                        {part.label()}
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
            {sentences.into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
            {put_back_by
                .map(|other| {
                    view! {
                        <p>
                            "Put back since: "
                            <a class="link" href=format!("/settings/lead-management/orders/{other}")>
                                "see the other order"
                            </a>
                        </p>
                    }
                })}
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
fn Facts(order: Order, redacting: RwSignal<Option<Redacting>>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
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
    let details = match (order.details, &order.redacted) {
        (Some(details), _) => details,
        (None, Some(redacted)) => redacted.clone(),
        (None, None) => "None were written.".into(),
    };
    let asked_by = order.asked_by.map(|by| {
        let words = order.asked_words.or(order.redacted);
        view! {
            <dt>"Asked first by"</dt>
            <dd>{by}</dd>
            {words
                .map(|words| {
                    view! {
                        <dt>"The question"</dt>
                        <dd class="details">{words}</dd>
                    }
                })}
        }
    });
    let from = order.summary.from().to_owned();
    let removals = order.removals.into_iter().map(|removal| {
        let id = removal.removal;
        let undo = removal.may_undo.then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| undo_removal(id, toasts, shell)>
                    "Undo"
                </button>
            }
        });
        let others = removal.of_others.then(|| {
            view! { <p class="hint">"It took deletions of other orders too: Undo puts those back with these."</p> }
        });
        let redact = removal.may_redact.then(|| {
            view! {
                <button
                    type="button"
                    class="button"
                    on:click=move |_| redacting.set(Some(Redacting::Removal(id)))
                >
                    "Redact"
                </button>
            }
        });
        view! {
            <dt>"Removed from the queue"</dt>
            <dd>
                <div class="act">{removal.what} {undo}</div>
                {others}
            </dd>
            <dt>"Why they were removed"</dt>
            <dd>
                <div class="act">
                    <span class="details">{removal.note}</span>
                    {redact}
                </div>
            </dd>
        }
    });
    let removals = removals.collect_view();
    let redact = order.may_redact.then(|| {
        view! {
            <div>
                <button type="button" class="button" on:click=move |_| redacting.set(Some(Redacting::Details))>
                    "Redact details"
                </button>
            </div>
        }
    });
    view! {
        <section class="panel pad" aria-labelledby="order-why">
            <h2 id="order-why" tabindex="-1">
                "Why"
            </h2>
            <dl class="pairs">
                <dt>"Reason"</dt>
                <dd>{order.summary.reason}</dd>
                <dt>"Extra details"</dt>
                <dd class="details">{details}</dd>
                <dt>"Ordered by"</dt>
                <dd><bdi>{order.summary.by}</bdi> ", " {order.summary.at}</dd>
                <dt>"From"</dt>
                <dd>{from}</dd>
                {asked_by}
                {other("Puts back what was removed from", order.puts_back)}
                {removals}
                <dt>"Audit log"</dt>
                <dd>{format!("Entry {}", order.audit_sequence)}</dd>
            </dl>
            {redact}
        </section>
    }
}

/// The parts that have deletions, and the rows of one of them.
#[component]
fn Rows(id: OrderId, order: RwSignal<Order>, more: Callback<()>) -> impl IntoView {
    let numbers = Memo::new(move |_| order.with(|order| order.summary.numbers));
    let shown = Memo::new(move |_| order.with(|order| order.rows.part));
    let tabs = move || {
        let numbers = numbers.get();
        OrderPart::ALL
            .into_iter()
            .filter(|part| part.of(&numbers) > 0 || *part == shown.get_untracked())
            .map(|part| {
                view! {
                    <a
                        href=format!("/settings/lead-management/orders/{id}?rows={}", part.code())
                        aria-current=move || (shown.get() == part).then_some("page")
                    >
                        {part.label()}
                        " "
                        <span>{number(part.of(&numbers))}</span>
                    </a>
                }
            })
            .collect_view()
    };
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
    let is_empty = move || order.with(|order| order.rows.rows.is_empty());
    view! {
        <section class="panel rows" aria-labelledby="order-leads">
            <h2 id="order-leads">"Leads"</h2>
            <div class="tabs">
                <nav aria-label="Leads by state">{tabs}</nav>
            </div>
            <table class="cards" hidden=is_empty>
                <thead>
                    <tr>
                        <th scope="col">"Lead"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || order.with(|order| order.rows.rows.clone())
                        key=|row| (row.lead, row.state.clone(), row.name.is_some())
                        children=row
                    />
                </tbody>
            </table>
            <p class="hint pad" hidden=move || !is_empty()>
                "None of them stands so any more."
            </p>
            {move || {
                order
                    .with(|order| order.rows.next.is_some())
                    .then(|| {
                        view! {
                            <button type="button" class="button more-rows" on:click=move |_| more.run(())>
                                "Show more"
                            </button>
                        }
                    })
            }}
        </section>
    }
    .into_any()
}
