//! `/settings/lead-management/orders/ID`: one deletion order, and where each of its leads stands.

use domain::deletion_order::{OrderId, OrderNumbers, OrderPage as Order, OrderPart, OrderRow};
use domain::text::{leads, number};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::deletion_order;
use crate::error::{Error, Result};
use crate::live::{Live, LiveBadge};
use crate::parts::dialog::Dialog;
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::{Toasts, undo_order};

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

/// The page with the first so many pages of rows as one.
async fn read_pages(id: OrderId, part: Option<OrderPart>, pages: usize) -> Result<Order> {
    let mut order = deletion_order::order(id, part).await?;
    for _ in 1..pages {
        let Some(after) = order.rows.next else { break };
        let page = deletion_order::order_rows(id, order.rows.part, after).await?;
        order.rows.rows.extend(page.rows);
        order.rows.next = page.next;
    }
    Ok(order)
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
    let pages = StoredValue::new(1_usize);
    // Counts what was looked at: an answer for something else is dropped.
    let turn = StoredValue::new(0_u32);
    let reread = move || {
        let (mine, part, pages) = (turn.get_value(), part.get_untracked(), pages.get_value());
        leptos::task::spawn_local(async move {
            // One that can't be read leaves what stands; the badge says that it may be old.
            if let Ok(fresh) = read_pages(id, part, pages).await
                && turn.try_get_value() == Some(mine)
            {
                _ = order.try_set(fresh);
            }
        });
    };
    let look = move |wanted: usize| {
        turn.update_value(|turn| *turn += 1);
        pages.set_value(wanted);
        reread();
    };
    paced(1000, move || (shell.changes(), live.sequence.get()), reread);
    Effect::new(move |before: Option<Option<OrderPart>>| {
        let now = part.get();
        if before.is_some_and(|before| before != now) {
            look(1);
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
    let more = Callback::new(move |()| look(pages.get_value() + 1));
    let redacting = RwSignal::new(false);
    let dialog = move || {
        redacting
            .get()
            .then(|| view! { <Redact id on_close=Callback::new(move |()| redacting.set(false)) /> })
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
fn Numbers(numbers: OrderNumbers, leaves: Option<String>, sentences: Vec<String>) -> impl IntoView {
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
fn Facts(order: Order, redacting: RwSignal<bool>) -> impl IntoView {
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
    let redact = order.may_redact.then(|| {
        view! {
            <div>
                <button type="button" class="button" on:click=move |_| redacting.set(true)>
                    "Redact details"
                </button>
            </div>
        }
    });
    view! {
        <section class="panel pad" aria-labelledby="order-why">
            <h2 id="order-why">"Why"</h2>
            <dl class="pairs">
                <dt>"Reason"</dt>
                <dd>{order.summary.reason}</dd>
                <dt>"Extra details"</dt>
                <dd class="details">{details}</dd>
                <dt>"Ordered by"</dt>
                <dd><bdi>{order.summary.by}</bdi> ", " {order.summary.at}</dd>
                <dt>"From"</dt>
                <dd>
                    {if order.urgent {
                        "Lead Management, with the X".to_owned()
                    } else {
                        order.work_stack.unwrap_or_else(|| "Selected leads".into())
                    }}
                </dd>
                {asked_by}
                {other("Puts back what was removed from", order.puts_back)}
                {other("Put back by", order.put_back_by)}
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

/// The dialog of `Redact details`.
#[component]
fn Redact(id: OrderId, on_close: Callback<()>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Error>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        leptos::task::spawn_local(async move {
            match deletion_order::redact_details(id).await {
                Ok(()) => {
                    toasts.say("The details are blacked out. The audit log stays whole.");
                    on_close.run(());
                    shell.refresh();
                }
                Err(error) => {
                    _ = problem.try_set(Some(error));
                    _ = pending.try_set(false);
                }
            }
        });
    };
    view! {
        <Dialog labelled_by="redact" on_close>
            <form on:submit=send>
                <div>
                    <h1 id="redact">"Black out what was typed?"</h1>
                    <p class="hint">
                        "The extra details of this order, and what was asked before it, go for good. The page then says who blacked them out and when, and the audit log can still be verified."
                    </p>
                </div>
                {move || problem.get().map(|error| view! { <Problem error /> })}
                <footer>
                    <button type="button" class="button" autofocus on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button class="button danger solid" aria-disabled=move || pending.get().to_string()>
                        "Redact"
                    </button>
                </footer>
            </form>
        </Dialog>
    }
    .into_any()
}
