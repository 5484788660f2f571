//! `/settings/reasons`: the reasons that the dialog offers, with what each asks for.

use domain::reason::{ReasonForm, ReasonSetting};
use domain::text::count;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use crate::parts::form::{FormDialog, Sending, TextField, Tick};
use crate::parts::icon::Icon;
use crate::parts::list::{List, ListTable, ReadList, Reading};
use crate::parts::page::PageTop;
use crate::reason;

/// The list.
#[component]
pub fn ReasonsPage() -> impl IntoView {
    view! { <ReadList title=TITLE hint=HINT read shown=|reasons| view! { <Shown reasons /> }.into_any() /> }
}

fn read() -> Reading<Vec<ReasonSetting>> {
    Box::pin(reason::reasons())
}

const TITLE: &str = "Reasons";
const HINT: &str = "Why leads are deleted: what the dialog offers, and what each reason asks for.";

/// The dialog that is open: for a new one, for the reason of that code.
#[derive(Clone)]
enum Open {
    New,
    Edit(String),
    Delete(String),
}

type Page = List<Vec<ReasonSetting>, Open>;

fn find(page: Page, code: &str) -> Option<ReasonSetting> {
    page.shown
        .with(|reasons| reasons.iter().find(|r| r.reason.code == code).cloned())
}

#[component]
fn Shown(reasons: Vec<ReasonSetting>) -> impl IntoView {
    let page = Page::new(reasons, read);
    let dialog = page.dialog(move |open| {
        Some(match open {
            Open::New => view! { <Edit page reason=None /> }.into_any(),
            Open::Edit(code) => {
                let reason = Some(find(page, &code)?);
                view! { <Edit page reason /> }.into_any()
            }
            Open::Delete(code) => {
                let reason = find(page, &code)?;
                view! { <Delete page reason /> }.into_any()
            }
        })
    });
    view! {
        <PageTop title=TITLE hint=HINT>
            <button type="button" class="button primary" on:click=move |_| page.open(Open::New)>
                "Add a reason"
            </button>
        </PageTop>
        <ListTable columns=&["Reason", "What it asks for", "In the dialog", "Orders"]>
            <For
                each=move || page.shown.get()
                key=|reason| reason.reason.code.clone()
                children=move |reason| view! { <Row page code=reason.reason.code /> }
            />
        </ListTable>
        {dialog}
    }
    .into_any()
}

#[component]
fn Row(page: Page, code: String) -> impl IntoView {
    let code = StoredValue::new(code);
    let place = Memo::new(move |_| {
        page.shown.with(|reasons| {
            let at = code.with_value(|code| reasons.iter().position(|r| r.reason.code == *code));
            (at, reasons.len())
        })
    });
    let setting = Memo::new(move |_| {
        let at = place.get().0?;
        page.shown.with(|reasons| reasons.get(at).cloned())
    });
    let cells = move || {
        setting.get().map(|ReasonSetting { reason, orders, .. }| {
            let asks = [
                Some(if reason.must_be_carried_out {
                    "Deleted all the same if the lead changed"
                } else {
                    "Kept if the lead changed"
                }),
                reason.details_demanded.then_some("Details demanded"),
            ];
            view! {
                <td>
                    <span class="who">{reason.label}</span>
                    <span class="ref">{reason.code}</span>
                </td>
                <td class="wrap">
                    {asks.into_iter().flatten().collect::<Vec<_>>().join(". ")}
                    {reason.sentence.map(|sentence| view! { <p class="hint">"Tick: “" {sentence} "”"</p> })}
                </td>
                <td>
                    {if reason.offered {
                        view! { <span class="badge good">"Offered"</span> }
                    } else {
                        view! { <span class="badge">"Not offered"</span> }
                    }}
                </td>
                <td>{if orders == 0 { "No orders".into() } else { count(orders, "order", "orders") }}</td>
            }
        })
    };
    let label = move |what: &str| {
        setting.with(|s| s.as_ref().map(|s| format!("{what}: {}", s.reason.label)))
    };
    let go = move |up: bool| {
        let id = move_id(up, &code.get_value());
        leptos::task::spawn_local(async move {
            match reason::move_reason(code.get_value(), up).await {
                Ok(()) => {
                    page.reread().await;
                    // The row was taken out and put in elsewhere, which takes the focus away.
                    request_animation_frame(move || {
                        let button = document().get_element_by_id(&id);
                        if let Some(button) =
                            button.and_then(|it| it.dyn_into::<HtmlElement>().ok())
                        {
                            _ = button.focus();
                        }
                    });
                }
                Err(error) => page.toasts().fail(&error),
            }
        });
    };
    let mover = move |up: bool| {
        let (what, icon) = if up {
            ("Move up", Icon::Up)
        } else {
            ("Move down", Icon::Down)
        };
        let at_end = move || {
            let (at, all) = place.get();
            at == if up { Some(0) } else { all.checked_sub(1) }
        };
        view! {
            <button
                type="button"
                class="button ghost icon"
                id=move_id(up, &code.get_value())
                aria-label=move || label(what)
                aria-disabled=move || at_end().to_string()
                on:click=move |_| if !untrack(at_end) { go(up) }
            >
                <Icon icon />
            </button>
        }
        .into_any()
    };
    let opener = move |what: &'static str, open: fn(String) -> Open| {
        view! {
            <button
                type="button"
                class="button ghost"
                aria-label=move || label(what)
                on:click=move |_| page.open(open(code.get_value()))
            >
                {what}
            </button>
        }
        .into_any()
    };
    view! {
        <tr>
            {cells}
            <td>
                <div class="acts">{mover(true)} {mover(false)} {opener("Edit", Open::Edit)} {opener("Delete", Open::Delete)}</div>
            </td>
        </tr>
    }
    .into_any()
}

fn move_id(up: bool, code: &str) -> String {
    format!("move-{}-{code}", if up { "up" } else { "down" })
}

#[component]
fn Edit(page: Page, reason: Option<ReasonSetting>) -> impl IntoView {
    let sending = Sending::new();
    let new = reason.is_none();
    let used = reason.as_ref().is_some_and(|reason| reason.orders > 0);
    let version = reason.as_ref().and_then(|reason| reason.version);
    let reason = reason.map(|reason| reason.reason);
    let old = reason.as_ref();
    let code = RwSignal::new(old.map(|r| r.code.clone()).unwrap_or_default());
    let label = RwSignal::new(old.map(|r| r.label.clone()).unwrap_or_default());
    let sentence = RwSignal::new(old.and_then(|r| r.sentence.clone()).unwrap_or_default());
    let details = RwSignal::new(old.is_some_and(|r| r.details_demanded));
    let must = RwSignal::new(old.is_some_and(|r| r.must_be_carried_out));
    let offered = RwSignal::new(old.is_none_or(|r| r.offered));
    let again = old.map_or(Open::New, |reason| Open::Edit(reason.code.clone()));
    let heading = match old {
        Some(reason) => format!("Edit “{}”", reason.label),
        None => "Add a reason".into(),
    };
    let hint = if used {
        "Orders that have it show the new name, and keep what it asked for when they were made."
    } else {
        ""
    };
    let send = Callback::new(move |()| {
        let form = ReasonForm {
            new,
            version,
            code: code.get_untracked(),
            label: label.get_untracked(),
            details_demanded: details.get_untracked(),
            must_be_carried_out: must.get_untracked(),
            sentence: sentence.get_untracked(),
            offered: offered.get_untracked(),
        };
        let said = format!("The reason {} is saved.", form.label.trim());
        leptos::task::spawn_local(async move {
            match reason::save_reason(form).await {
                Ok(()) => page.done(said),
                Err(error) => sending.fail(error),
            }
        });
    });
    let fields = vec![
        "Name",
        "Code",
        "Sentence to confirm",
        "Offered in the dialog",
    ];
    view! {
        <FormDialog
            heading
            hint
            action="Save"
            fields
            sending
            on_send=send
            on_close=page.close()
            on_load=page.load(again, sending)
        >
            <TextField id="reason-name" label="Name" value=label sending />
            {new
                .then(|| {
                    view! {
                        <TextField
                            id="reason-code"
                            label="Code"
                            value=code
                            sending
                            hint="For the audit log and the command line. It never changes. Left empty, it is made from the name."
                        />
                    }
                })}
            <Tick label="Details demanded" field="Details demanded" value=details sending />
            <Tick
                label="Must be carried out"
                field="Must be carried out"
                value=must
                sending
                hint="Also when the lead changes before it leaves. Otherwise a changed lead is kept."
            />
            <TextField
                id="reason-sentence"
                label="Sentence to confirm"
                value=sentence
                sending
                hint="Whoever deletes must tick it. Empty: nothing to tick."
            />
            <Tick label="Offered in the dialog" field="Offered in the dialog" value=offered sending />
        </FormDialog>
    }
    .into_any()
}

#[component]
fn Delete(page: Page, reason: ReasonSetting) -> impl IntoView {
    let sending = Sending::new();
    let ReasonSetting {
        reason,
        version,
        orders,
    } = reason;
    let again = page.load(Open::Delete(reason.code.clone()), sending);
    let used = orders > 0;
    let (heading, hint, action) = if !used {
        (
            format!("Delete the reason “{}”?", reason.label),
            "No order has it. No lead is deleted by this.".to_owned(),
            "Delete the reason",
        )
    } else {
        (
            format!("“{}” can’t be deleted", reason.label),
            format!(
                "{} it. Stop offering it instead: it stays with them, and nobody can choose it any more.",
                count(orders, "order has", "orders have")
            ),
            "Stop offering",
        )
    };
    let send = Callback::new(move |()| {
        let reason = reason.clone();
        leptos::task::spawn_local(async move {
            let label = reason.label.clone();
            let (answer, said) = if used {
                let form = ReasonForm {
                    new: false,
                    version,
                    code: reason.code,
                    label: reason.label,
                    details_demanded: reason.details_demanded,
                    must_be_carried_out: reason.must_be_carried_out,
                    sentence: reason.sentence.unwrap_or_default(),
                    offered: false,
                };
                (
                    reason::save_reason(form).await,
                    format!("The reason {label} is not offered any more."),
                )
            } else {
                (
                    reason::delete_reason(reason.code).await,
                    format!("The reason {label} is deleted."),
                )
            };
            match answer {
                Ok(()) => page.done(said),
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog heading hint action danger=!used sending on_send=send on_close=page.close() on_load=again>
            ""
        </FormDialog>
    }
    .into_any()
}
