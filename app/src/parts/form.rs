//! Forms: what is wrong stands under each field, all at once, and what belongs to none above the buttons.

use leptos::prelude::*;

use crate::error::Error;
use crate::parts::dialog::Dialog;
use crate::parts::problem::Problem;

/// How a form stands: on its way, or refused.
#[derive(Clone, Copy)]
pub struct Sending {
    pending: RwSignal<bool>,
    failed: RwSignal<Option<Error>>,
}

impl Sending {
    /// A form that nobody has sent yet.
    pub fn new() -> Self {
        Self {
            pending: RwSignal::new(false),
            failed: RwSignal::new(None),
        }
    }

    /// It is sent now; `false` where it is on its way already.
    pub fn begin(self) -> bool {
        if self.pending.get_untracked() {
            return false;
        }
        self.pending.set(true);
        self.failed.set(None);
        true
    }

    /// It was taken, and another may be sent.
    pub fn done(self) {
        _ = self.pending.try_set(false);
    }

    /// What it was refused for is of no interest any more.
    pub fn forget(self) {
        self.failed.set(None);
    }

    /// It was refused.
    pub fn fail(self, error: Error) {
        _ = self.failed.try_set(Some(error));
        _ = self.pending.try_set(false);
    }

    /// Whether it is on its way, as the button says it.
    pub fn busy(self) -> String {
        self.pending.get().to_string()
    }

    /// What is wrong with this field.
    pub fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.failed.with(|error| {
                let error = error.as_ref()?;
                error.0.of_field(field).map(str::to_owned)
            })
        })
    }

    /// What went wrong with none of these fields.
    pub fn elsewhere(self, fields: &[&'static str]) -> Option<Error> {
        let mut error = self.failed.get()?;
        if let domain::Error::Invalid(wrong) = &mut error.0 {
            wrong.retain(|wrong| !fields.contains(&wrong.field.as_str()));
            if wrong.is_empty() {
                return None;
            }
        }
        Some(error)
    }
}

impl Default for Sending {
    fn default() -> Self {
        Self::new()
    }
}

/// A form in a dialog. Its first field gets the focus; where it takes something away, Cancel.
#[component]
pub fn FormDialog(
    /// What it asks, or what it is about.
    #[prop(into)]
    heading: String,
    /// A sentence under it.
    #[prop(into, optional)]
    hint: String,
    /// What the button says.
    #[prop(into)]
    action: String,
    /// The button takes something away.
    #[prop(optional)]
    danger: bool,
    /// The names of its fields.
    #[prop(optional)]
    fields: Vec<&'static str>,
    /// How it stands.
    sending: Sending,
    /// Sends it.
    on_send: Callback<()>,
    /// Esc or Cancel was pressed: stop rendering it.
    on_close: Callback<()>,
    /// Shows what is there now in place of what is typed: for where somebody else was quicker.
    #[prop(optional, into)]
    on_load: Option<Callback<()>>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if sending.begin() {
            on_send.run(());
        }
    };
    let class = if danger {
        "button danger solid"
    } else {
        "button primary"
    };
    view! {
        <Dialog labelled_by="form-dialog" on_close>
            <form on:submit=send novalidate>
                <div>
                    <h1 id="form-dialog">{heading}</h1>
                    {(!hint.is_empty()).then(|| view! { <p class="hint">{hint}</p> })}
                </div>
                {children()}
                <Refused sending fields on_load />
                <footer>
                    <button type="button" class="button" autofocus=danger on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button class=class aria-disabled=move || sending.busy()>
                        {action}
                    </button>
                </footer>
            </form>
        </Dialog>
    }
    .into_any()
}

/// What went wrong with none of the fields. Where somebody else was quicker, what was typed stays until one wants to see
/// what they did.
#[component]
pub fn Refused(
    /// How the form stands.
    sending: Sending,
    /// The names of its fields.
    fields: Vec<&'static str>,
    /// Shows what is there now in place of what is typed.
    on_load: Option<Callback<()>>,
) -> impl IntoView {
    move || {
        sending.elsewhere(&fields).map(|error| {
            let stale = matches!(error.0, domain::Error::TooLate(_));
            let load = on_load.filter(|_| stale).map(|on_load| {
                view! {
                    <div>
                        <button type="button" class="button" on:click=move |_| on_load.run(())>
                            "Load what is there now"
                        </button>
                    </div>
                }
            });
            view! {
                <Problem error />
                {load}
            }
        })
    }
}

/// A line of text. Its label is the field's name in errors.
#[component]
pub fn TextField(
    /// The input's id.
    id: &'static str,
    /// What it is.
    label: &'static str,
    /// What is typed.
    value: RwSignal<String>,
    /// How the form stands.
    sending: Sending,
    /// A sentence under it.
    #[prop(optional)]
    hint: &'static str,
    /// `text`, `email`.
    #[prop(default = "text")]
    kind: &'static str,
) -> impl IntoView {
    let wrong = sending.wrong(label);
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type=kind
                autocomplete="off"
                aria-describedby=format!("{hint_id} {wrong_id}")
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
            <span class="wrong" id=wrong_id role="alert">
                {move || wrong.get()}
            </span>
            <span class="hint" id=hint_id>
                {hint}
            </span>
        </div>
    }
    .into_any()
}

/// A password, hidden until one wants to see it.
#[component]
pub fn PasswordField(
    /// The input's id.
    id: &'static str,
    /// What it is.
    label: &'static str,
    /// What is typed.
    value: RwSignal<String>,
    /// How the form stands.
    sending: Sending,
    /// A sentence under it.
    #[prop(optional)]
    hint: &'static str,
    /// `current-password`, `new-password`.
    autocomplete: &'static str,
) -> impl IntoView {
    let wrong = sending.wrong(label);
    let shown = RwSignal::new(false);
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="password">
                <input
                    id=id
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    spellcheck="false"
                    aria-describedby=format!("{hint_id} {wrong_id}")
                    aria-invalid=move || wrong.with(Option::is_some).to_string()
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || shown.get().to_string()
                    aria-label=format!("Show: {label}")
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    "Show"
                </button>
            </div>
            <span class="wrong" id=wrong_id role="alert">
                {move || wrong.get()}
            </span>
            <span class="hint" id=hint_id>
                {hint}
            </span>
        </div>
    }
    .into_any()
}

/// A box to tick.
#[component]
pub fn Tick(
    /// What it says.
    #[prop(into)]
    label: String,
    /// Its name in errors.
    field: &'static str,
    /// Whether it is ticked.
    value: RwSignal<bool>,
    /// How the form stands.
    sending: Sending,
    /// A sentence under it.
    #[prop(optional)]
    hint: &'static str,
    /// It can't be changed.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let wrong = sending.wrong(field);
    let id = format!("wrong-{}", field.to_lowercase().replace(' ', "-"));
    view! {
        <div class="tick">
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=value
                    checked=value.get_untracked()
                    disabled=disabled
                    aria-describedby=id.clone()
                    aria-invalid=move || wrong.with(Option::is_some).to_string()
                    on:change=move |event| value.set(event_target_checked(&event))
                />
                <span>{label} {(!hint.is_empty()).then(|| view! { <small class="hint">{hint}</small> })}</span>
            </label>
            <span class="wrong" id=id role="alert">
                {move || wrong.get()}
            </span>
        </div>
    }
    .into_any()
}
