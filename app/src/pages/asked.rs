//! `/settings/lead-management/asked/ID`: what somebody asked before deleting, for a Layer Admin to answer.

use domain::ask_first::{ANSWERING, Answer, AskedLead, AskedPage as Asked, Dismissal};
use domain::draft::{DraftId, LeftOutCause};
use domain::permission::Permission;
use domain::text::leads;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ask_first;
use crate::error::{Error, Result};
use crate::live::{Live, LiveBadge};
use crate::parts::dialog::Dialog;
use crate::parts::draft_dialog::asked_dialog;
use crate::parts::draft_facts::Facts;
use crate::parts::focus;
use crate::parts::overlay::{Overlay, fetch_overlays};
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::pages::{Pages, join};
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::redact::Redact;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;

/// The asked draft that the address names.
#[component]
pub fn AskedPage() -> impl IntoView {
    let params = use_params_map();
    let first = Resource::new(
        move || params.with(|params| params.get("id").unwrap_or_default()),
        |id| async move { read(&id).await },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(asked) => view! { <Shown asked /> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageTop title="Asked" />
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

async fn read(id: &str) -> Result<Asked> {
    let id = id
        .parse()
        .map_err(|_| Error(domain::Error::not_found("asked draft")))?;
    ask_first::asked(DraftId(id)).await
}

/// What is open above the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Delete,
    Dismiss,
    Redact,
}

#[component]
fn Shown(asked: Asked) -> impl IntoView {
    let (shell, live) = (use_shell(), expect_context::<Live>());
    let draft = asked.asked.draft;
    let title = format!("{} asks about {}", asked.asked.by, leads(asked.asked.leads));
    let from = (asked.asked.work_stack.as_ref())
        .map(|stack| format!(" From the work stack {stack}."))
        .unwrap_or_default();
    let hint = format!("Asked {}.{from}", asked.asked.at);
    let page = RwSignal::new(asked);
    let pages = Pages::new();
    let reread = move || {
        pages.read(
            move |pages| read_pages(draft, pages),
            move |fresh| {
                // One that can't be read leaves what stands; the badge says that it may be old.
                if let Ok(fresh) = fresh {
                    // Once it is answered its buttons go.
                    focus::keep("question", || _ = page.try_set(fresh));
                }
            },
        );
    };
    paced(1000, move || (shell.changes(), live.sequence.get()), reread);
    Effect::new(fetch_overlays);
    let open = RwSignal::new(Open::Nothing);
    let close = Callback::new(move |()| {
        open.set(Open::Nothing);
        focus::unless_held("question");
    });
    let waits = Memo::new(move |_| page.with(|page| page.asked.answer == Answer::Waiting));
    let may_delete = untrack(|| shell.may(Permission::DeleteLeads));
    let buttons = move || {
        waits.get().then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| open.set(Open::Dismiss)>
                    "Dismiss"
                </button>
                {may_delete
                    .then(|| {
                        view! {
                            <button type="button" class="button danger" on:click=move |_| open.set(Open::Delete)>
                                "Delete"
                            </button>
                        }
                    })}
            }
        })
    };
    let above = move || match open.get() {
        Open::Nothing => ().into_any(),
        Open::Delete => {
            let done = Callback::new(move |()| reread());
            view! { <Overlay code=asked_dialog(draft, close, done) /> }.into_any()
        }
        Open::Dismiss => view! { <Dismiss draft on_close=close /> }.into_any(),
        Open::Redact => view! {
            <Redact
                what="The question and its answer go"
                said="The question is blacked out. The audit log stays whole."
                redact=move || ask_first::redact_asked(draft)
                on_close=close
            />
        }
        .into_any(),
    };
    let more = move || {
        pages.more();
        reread();
    };
    view! {
        <PageTop title=title hint=hint>
            <LiveBadge />
            {buttons}
        </PageTop>
        <div class="body">
            <section class="panel pad" aria-labelledby="question">
                <h2 id="question" tabindex="-1">
                    "The question"
                </h2>
                <p class="said">
                    {move || page.with(|page| page.asked.words.clone().unwrap_or_else(|| "It was redacted.".into()))}
                </p>
                {move || {
                    page.with(|page| page.asked.reason.clone())
                        .map(|reason| view! { <p>"The reason that was chosen: " <b>{reason}</b></p> })
                }}
                {move || page.with(|page| answer(&page.asked.answer, &page.asked.until))}
                {move || {
                    page.with(|page| page.may_redact)
                        .then(|| {
                            view! {
                                <div>
                                    <button type="button" class="button" on:click=move |_| open.set(Open::Redact)>
                                        "Redact the question"
                                    </button>
                                </div>
                            }
                        })
                }}
            </section>
            {move || {
                waits
                    .get()
                    .then(|| {
                        view! {
                            {move || view! { <Facts counts=page.with(|page| page.counts.clone()) /> }}
                            <Rows page more=Callback::new(move |()| more()) />
                        }
                    })
            }}
        </div>
        {above}
    }
    .into_any()
}

async fn read_pages(draft: DraftId, pages: usize) -> Result<Asked> {
    let first = ask_first::asked(draft).await?;
    let next = |all: &Asked| all.leads.next;
    join(first, pages, next, async |all, after| {
        let page = ask_first::asked_leads(draft, after).await?;
        all.leads.rows.extend(page.rows);
        all.leads.next = page.next;
        Ok(())
    })
    .await
}

/// How it stands: what was answered, or until when it waits.
fn answer(answer: &Answer, until: &str) -> AnyView {
    match answer {
        Answer::Waiting => view! {
            <p class="hint">{format!("Any Layer Admin can answer, until {until}. Until then nothing is deleted.")}</p>
        }
        .into_any(),
        Answer::Deleted { order, .. } => view! {
            <p>
                {answer.words()} " "
                <a class="link" href=format!("/settings/lead-management/orders/{order}")>"See the order"</a>
            </p>
        }
        .into_any(),
        Answer::Dismissed { words, .. } => view! {
            <p>{answer.words()}</p>
            {words.clone().map(|words| view! { <p class="said">{words}</p> })}
        }
        .into_any(),
        Answer::RanOut { .. } => view! { <p>{answer.words()}</p> }.into_any(),
    }
}

/// The frozen leads, each with why it would stay.
#[component]
fn Rows(page: RwSignal<Asked>, more: Callback<()>) -> impl IntoView {
    let row = |row: AskedLead| {
        let state = match row.stays {
            None => view! { <span class="badge">"Goes"</span> }.into_any(),
            Some(why) => {
                let why = match why {
                    LeftOutCause::Changed => "changed since the question",
                    other => other.words(),
                };
                view! { <span class="badge warn">{format!("Stays: {why}")}</span> }.into_any()
            }
        };
        view! {
            <tr>
                <td>
                    {row.name.map(|name| view! { <a class="who" href=format!("/leads/{}", row.lead)>{name}</a> })}
                    <span class="ref">{row.lead.to_string()}</span>
                </td>
                <td>{row.source}</td>
                <td>{state}</td>
            </tr>
        }
    };
    view! {
        <section class="panel rows" aria-labelledby="asked-leads">
            <h2 id="asked-leads">"Leads"</h2>
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Lead"</th>
                        <th scope="col">"Source"</th>
                        <th scope="col">"If you delete"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || page.with(|page| page.leads.rows.clone())
                        key=|row| (row.lead, row.stays)
                        children=row
                    />
                </tbody>
            </table>
            {move || {
                page.with(|page| page.leads.next.is_some())
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
}

/// The dialog of `Dismiss`.
#[component]
fn Dismiss(draft: DraftId, on_close: Callback<()>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let words = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    let wrong = Signal::derive(move || {
        failed.with(|error| {
            let error = error.as_ref()?;
            error.0.of_field(ANSWERING).map(str::to_owned)
        })
    });
    let elsewhere = move || {
        failed
            .get()
            .filter(|error| error.0.of_field(ANSWERING).is_none())
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        failed.set(None);
        let dismissal = Dismissal {
            draft,
            words: words.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            match ask_first::dismiss(dismissal).await {
                Ok(()) => {
                    toasts.say("Dismissed. Nothing was deleted; who asked is told.");
                    on_close.run(());
                    shell.refresh();
                }
                Err(error) => {
                    _ = failed.try_set(Some(error));
                    _ = pending.try_set(false);
                    shell.refresh();
                }
            }
        });
    };
    view! {
        <Dialog labelled_by="dismiss" on_close>
            <form on:submit=send novalidate>
                <div>
                    <h1 id="dismiss">"Dismiss this?"</h1>
                    <p class="hint">"The leads stay. Who asked finds your answer under My deletions."</p>
                </div>
                <div class="field">
                    <span>
                        <label for="dismiss-words">{ANSWERING}</label>
                        " "
                        <span class="hint">"optional"</span>
                    </span>
                    <textarea
                        id="dismiss-words"
                        rows="3"
                        aria-invalid=move || wrong.with(Option::is_some).to_string()
                        aria-describedby="dismiss-wrong dismiss-hint"
                        prop:value=move || words.get()
                        on:input=move |event| words.set(event_target_value(&event))
                    ></textarea>
                    <FieldProblem id="dismiss-wrong" message=wrong />
                    <span class="hint" id="dismiss-hint">"Leave out names and numbers."</span>
                </div>
                {move || elsewhere().map(|error| view! { <Problem error /> })}
                <footer>
                    <button type="button" class="button" on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button class="button primary" aria-disabled=move || pending.get().to_string()>
                        "Dismiss"
                    </button>
                </footer>
            </form>
        </Dialog>
    }
    .into_any()
}
