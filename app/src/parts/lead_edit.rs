//! The forms in a lead: status and owner, a contact record more or less, a note. What was typed stays when a form is
//! closed or refused; it goes once it is saved.

use domain::lead::{ContactRecord, LeadStatus};
use domain::lead_edit::{EMAIL, LeadChange, LeadEdit, MOST_NOTE, NOTE, OWNER, TELEPHONE};
use domain::text::number;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use crate::error::Error;
use crate::lead;
use crate::parts::icon::Icon;
use crate::parts::lead_panel::Shown;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::toast::Toasts;

/// A form: its fields are texts, two at most.
#[derive(Clone, Copy)]
struct Edit {
    shown: Shown,
    open: RwSignal<bool>,
    typed: (RwSignal<String>, RwSignal<String>),
    failed: RwSignal<Option<Error>>,
    pending: RwSignal<bool>,
    /// The revision that was shown when the form opened.
    seen: StoredValue<i64>,
    /// The form writes over what it showed: the revision of its opening counts. What adds something can be sent beside
    /// whatever changed and is shown by now.
    writes_over: bool,
    /// The ids of the button that opens it and of its first field.
    ids: (&'static str, &'static str),
    shell: CurrentShell,
    toasts: Toasts,
}

impl Edit {
    fn new(shown: Shown, writes_over: bool, ids: (&'static str, &'static str)) -> Self {
        Self {
            shown,
            open: RwSignal::new(false),
            typed: (RwSignal::new(String::new()), RwSignal::new(String::new())),
            failed: RwSignal::new(None),
            pending: RwSignal::new(false),
            seen: StoredValue::new(0),
            writes_over,
            ids,
            shell: use_shell(),
            toasts: expect_context(),
        }
    }

    fn revision(self) -> i64 {
        self.shown.page.with_untracked(|page| page.revision)
    }

    fn open(self) {
        self.seen.set_value(self.revision());
        self.failed.set(None);
        self.open.set(true);
        focus(self.ids.1);
    }

    fn close(self) {
        self.open.set(false);
        focus(self.ids.0);
    }

    fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.failed.with(|error| {
                let error = error.as_ref()?;
                error.0.of_field(field).map(str::to_owned)
            })
        })
    }

    fn send(self, change: LeadChange) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.failed.set(None);
        let edit = LeadEdit {
            lead: self.shown.page.with_untracked(|page| page.row.id),
            revision: if self.writes_over {
                self.seen.get_value()
            } else {
                self.revision()
            },
            change,
        };
        leptos::task::spawn_local(async move {
            let answer = lead::edit_lead(edit).await;
            // The lead may be closed by now; then there is nothing to show it in.
            if self.pending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(message) => {
                    self.typed.0.set(String::new());
                    self.typed.1.set(String::new());
                    self.toasts.say(message);
                    self.close();
                }
                Err(error) => {
                    let stale = matches!(error.0.status(), 404 | 409 | 410);
                    self.failed.set(Some(error));
                    if !stale {
                        return;
                    }
                    // How it stands now is shown beside what was typed, and the next try has seen it.
                    self.shown.read().await;
                    if let Some(page) = self.shown.page.try_get_untracked() {
                        self.seen.set_value(page.revision);
                    }
                }
            }
            self.shell.refresh();
        });
    }
}

/// Gives the focus to what will stand there.
fn focus(id: &'static str) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            _ = element.focus();
        }
    });
}

/// The button that opens a form, or the form.
#[component]
fn Form(
    edit: Edit,
    /// What the button says.
    opens: &'static str,
    /// What is typed, as a change.
    change: fn(Edit) -> LeadChange,
    /// The fields.
    fields: fn(Edit) -> AnyView,
) -> impl IntoView {
    let form = move || {
        let send = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            edit.send(change(edit));
        };
        // Esc closes the form, not the panel around it.
        let keys = move |event: leptos::ev::KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                edit.close();
            }
        };
        let elsewhere = move || {
            let of_a_field = |error: &Error| error.0.status() == 422;
            edit.failed.get().filter(|error| !of_a_field(error))
        };
        view! {
            <form class="lead-form" aria-label=opens novalidate on:submit=send on:keydown=keys>
                {fields(edit)} {move || elsewhere().map(|error| view! { <Problem error /> })}
                <footer>
                    <button type="button" class="button" on:click=move |_| edit.close()>
                        "Cancel"
                    </button>
                    <button class="button primary" aria-disabled=move || edit.pending.get().to_string()>
                        "Save"
                    </button>
                </footer>
            </form>
        }
        .into_any()
    };
    move || {
        if edit.open.get() {
            form()
        } else {
            view! {
                <button type="button" class="button" id=edit.ids.0 on:click=move |_| edit.open()>
                    {opens}
                </button>
            }
            .into_any()
        }
    }
}

/// One line to type.
fn text_field(
    edit: Edit,
    (label, id, wrong_id): (&'static str, &'static str, &'static str),
    value: RwSignal<String>,
    (mode, list): (&'static str, Option<&'static str>),
) -> AnyView {
    let wrong = edit.wrong(label);
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type="text"
                inputmode=mode
                list=list
                autocomplete="off"
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                aria-describedby=wrong_id
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            <FieldProblem id=wrong_id message=wrong />
        </div>
    }
    .into_any()
}

/// Status and owner.
#[component]
pub fn EditDetails(
    /// The lead.
    shown: Shown,
) -> impl IntoView {
    let edit = Edit::new(shown, true, ("edit-lead", "lead-status"));
    let change = |edit: Edit| LeadChange::Details {
        status: LeadStatus::from_number(edit.typed.0.get_untracked().parse().unwrap_or_default()),
        owner: edit.typed.1.get_untracked(),
    };
    let fields = |edit: Edit| {
        let (status, owner) = edit.typed;
        // Opened anew, it begins with what is so.
        let (row, owners) = edit
            .shown
            .page
            .with_untracked(|page| (page.row.clone(), page.owners.clone()));
        status.set(row.status.number().to_string());
        owner.set(row.owner);
        let options = LeadStatus::ALL.map(|it| {
            view! {
                <option value=it.number().to_string() selected=it == row.status>
                    {it.label()}
                </option>
            }
        });
        view! {
            <div class="field">
                <label for="lead-status">"Status"</label>
                <select id="lead-status" on:change=move |event| status.set(event_target_value(&event))>
                    {options}
                </select>
            </div>
            {text_field(edit, (OWNER, "lead-owner", "lead-owner-wrong"), owner, ("text", Some("lead-owners")))}
            <datalist id="lead-owners">
                {owners.into_iter().map(|owner| view! { <option value=owner></option> }).collect_view()}
            </datalist>
        }
        .into_any()
    };
    view! { <Form edit opens="Edit status and owner" change fields /> }
}

/// A contact record more.
#[component]
pub fn AddContactRecord(
    /// The lead.
    shown: Shown,
) -> impl IntoView {
    let edit = Edit::new(shown, false, (ADD, "lead-telephone"));
    let change = |edit: Edit| LeadChange::AddContactRecord {
        telephone: edit.typed.0.get_untracked(),
        email: edit.typed.1.get_untracked(),
    };
    let fields = |edit: Edit| {
        let (telephone, email) = edit.typed;
        view! {
            {text_field(edit, (TELEPHONE, "lead-telephone", "lead-telephone-wrong"), telephone, ("tel", None))}
            {text_field(edit, (EMAIL, "lead-email", "lead-email-wrong"), email, ("email", None))}
        }
        .into_any()
    };
    view! { <Form edit opens="Add a contact record" change fields /> }
}

/// The id of the button that adds a contact record: it has the focus once another is gone.
const ADD: &str = "add-contact-record";

/// A note more.
#[component]
pub fn WriteNote(
    /// The lead.
    shown: Shown,
) -> impl IntoView {
    let mut edit = Edit::new(shown, false, ("write-note", "lead-note"));
    edit.typed.0 = shown.note;
    let change = |edit: Edit| LeadChange::WriteNote {
        text: edit.typed.0.get_untracked(),
    };
    let fields = |edit: Edit| {
        let (note, wrong) = (edit.typed.0, edit.wrong(NOTE));
        let left = move || {
            let length = note.with(|note| note.chars().count());
            (length + 500 > MOST_NOTE).then(|| {
                let (length, most) = (number(length as u64), number(MOST_NOTE as u64));
                format!("{length} of {most} characters.")
            })
        };
        view! {
            <div class="field">
                <label for="lead-note">{NOTE}</label>
                <textarea
                    id="lead-note"
                    rows="4"
                    aria-invalid=move || wrong.with(Option::is_some).to_string()
                    aria-describedby="lead-note-wrong lead-note-hint"
                    prop:value=move || note.get()
                    on:input=move |event| note.set(event_target_value(&event))
                ></textarea>
                <FieldProblem id="lead-note-wrong" message=wrong />
                <span class="hint" id="lead-note-hint">
                    {left}
                </span>
            </div>
        }
        .into_any()
    };
    view! { <Form edit opens="Write a note" change fields /> }
}

/// A contact record less: asked once more in its place.
#[derive(Clone, Copy)]
pub struct Removing {
    edit: Edit,
    /// The whole record: one that became another in its place isn't the one that was asked about.
    record: RwSignal<Option<ContactRecord>>,
}

impl Removing {
    /// Of this lead's contact records.
    pub fn new(shown: Shown) -> Self {
        Self {
            edit: Edit::new(shown, false, (ADD, "keep-contact-record")),
            record: RwSignal::new(None),
        }
    }

    /// The button beside a record and, once it was pressed, the question.
    pub fn offer(self, of: ContactRecord) -> AnyView {
        let Self { edit, record } = self;
        let what = match of.telephone.as_str() {
            "" => of.email.clone(),
            telephone => telephone.to_owned(),
        };
        let label = format!("Remove contact record {what}");
        let n = of.n;
        let (is_asked, asked) = (of.clone(), of);
        let ask = move |_| {
            record.set(Some(asked.clone()));
            edit.open();
        };
        let keep = move |_| {
            record.set(None);
            edit.close();
        };
        let question = move || {
            (edit.open.get() && record.with(|record| record.as_ref() == Some(&is_asked))).then(|| {
                view! {
                    <div class="lead-form" role="group" aria-label="Remove this contact record?">
                        <p>"Remove this contact record?"</p>
                        {move || edit.failed.get().map(|error| view! { <Problem error /> })}
                        <footer>
                            <button type="button" class="button" id="keep-contact-record" on:click=keep>
                                "Keep"
                            </button>
                            <button
                                type="button"
                                class="button danger"
                                on:click=move |_| edit.send(LeadChange::RemoveContactRecord { n })
                            >
                                "Remove"
                            </button>
                        </footer>
                    </div>
                }
            })
        };
        view! {
            <button type="button" class="button ghost icon" aria-label=label title="Remove" on:click=ask>
                <Icon icon=Icon::X />
            </button>
            {question}
        }
        .into_any()
    }
}
