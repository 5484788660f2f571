//! `/settings/work-stacks/ID` and `/settings/work-stacks/new`: one stack, with a live count of what its filter takes.

mod live_count;
mod values;

use domain::error::FieldError;
use domain::lead::LeadStatus;
use domain::work_stack::{Column, Filter, Sort, WorkStackId};
use domain::work_stack_settings::{
    WorkStackEditor as Editor, WorkStackForm, filter_problems, typed_days,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::error::Error;
use crate::parts::form::{Refused, Sending};
use crate::parts::page::PageTop;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;
use crate::work_stack_settings as calls;
use live_count::LiveCount;
use values::Values;

/// The fields that a sentence can stand at; what belongs to none of them stands above the buttons.
const FIELDS: [&str; 8] = [
    "Name",
    "Source",
    "Owner",
    "Added in the last",
    "Added more than",
    "No activity for",
    "Contact",
    "Who sees it",
];

/// Reads the form; each stack gets one of its own.
#[component]
pub fn WorkStackEditorPage() -> impl IntoView {
    let params = use_params_map();
    let which = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let editor = Resource::new(
        move || which.get(),
        |which| async move {
            if which == "new" {
                return calls::edit_work_stack(None).await;
            }
            match which.parse() {
                Ok(id) => calls::edit_work_stack(Some(WorkStackId(id))).await,
                Err(_) => Err(Error(domain::Error::not_found("work stack"))),
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton lines=10 /> }>
            {move || Suspend::new(async move {
                match editor.await {
                    Ok(editor) => view! { <Form editor /> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageTop title="Work stack" />
                            <div class="body">
                                <Problem error />
                                <p>
                                    <a href="/settings/work-stacks">"See all work stacks"</a>
                                </p>
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

/// The form as it is edited: ages are kept as they are typed.
#[derive(Clone, Copy)]
struct Edited {
    form: RwSignal<WorkStackForm>,
    within: RwSignal<String>,
    before: RwSignal<String>,
    idle: RwSignal<String>,
    /// The filter as it reads now, with what is wrong with it.
    filter: Memo<(Filter, Vec<FieldError>)>,
    /// How saving stands.
    sending: Sending,
}

impl Edited {
    fn new(form: WorkStackForm) -> Self {
        let days = |days: Option<u32>| {
            RwSignal::new(days.map_or_else(String::new, |days| days.to_string()))
        };
        let (within, before, idle) = (
            days(form.filter.added_within_days),
            days(form.filter.added_before_days),
            days(form.filter.idle_days),
        );
        let form = RwSignal::new(form);
        let filter = Memo::new(move |_| {
            let mut filter = form.with(|form| form.filter.clone());
            let mut problems = Vec::new();
            let mut days = |field: &str, typed: RwSignal<String>| {
                typed
                    .with(|typed| typed_days(typed))
                    .unwrap_or_else(|message| {
                        problems.push(FieldError {
                            field: field.into(),
                            message: message.into(),
                        });
                        None
                    })
            };
            filter.added_within_days = days("Added in the last", within);
            filter.added_before_days = days("Added more than", before);
            filter.idle_days = days("No activity for", idle);
            problems.extend(filter_problems(&filter));
            (filter, problems)
        });
        Self {
            form,
            within,
            before,
            idle,
            filter,
            sending: Sending::new(),
        }
    }

    /// What is to be saved, or everything that is wrong with it.
    fn read(self) -> Result<WorkStackForm, Error> {
        let (filter, mut problems) = self.filter.get_untracked();
        let form = WorkStackForm {
            filter,
            ..self.form.get_untracked()
        };
        for problem in form.problems() {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if problems.is_empty() {
            Ok(form)
        } else {
            Err(Error(domain::Error::Invalid(problems)))
        }
    }

    /// What is wrong with a field: as it stands, or as saving said.
    fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        let saved = self.sending.wrong(field);
        Signal::derive(move || {
            let now = self.filter.with(|(_, problems)| {
                let problem = problems.iter().find(|problem| problem.field == field);
                problem.map(|problem| problem.message.clone())
            });
            now.or_else(|| saved.get())
        })
    }

    /// A box for a part of the form.
    fn check(
        self,
        label: impl Into<String>,
        is: impl Fn(&WorkStackForm) -> bool + Send + Sync + 'static,
        set: impl Fn(&mut WorkStackForm, bool) + Send + Sync + 'static,
    ) -> AnyView {
        let ticked = Signal::derive(move || self.form.with(|form| is(form)));
        let on_change = Callback::new(move |on| self.form.update(|form| set(form, on)));
        check(label.into(), None, ticked, Some(on_change))
    }
}

/// A box with its label, and how many leads it stands for. Without anything to do it is off.
fn check(
    label: String,
    leads: Option<u64>,
    ticked: Signal<bool>,
    on_change: Option<Callback<bool>>,
) -> AnyView {
    let count =
        leads.map(|leads| view! { " " <span class="hint">{domain::text::number(leads)}</span> });
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=ticked
                checked=ticked.get_untracked()
                disabled=on_change.is_none()
                on:change=move |event| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_checked(&event));
                    }
                }
            />
            <span>{label} {count}</span>
        </label>
    }
    .into_any()
}

/// Puts one in, or takes it out.
fn put<T: PartialEq>(list: &mut Vec<T>, item: T, on: bool) {
    list.retain(|other| *other != item);
    if on {
        list.push(item);
    }
}

#[component]
fn Form(editor: Editor) -> impl IntoView {
    let (shell, toasts, navigate) = (use_shell(), expect_context::<Toasts>(), use_navigate());
    let Editor {
        form,
        is_all,
        roles,
        sources,
        owners,
    } = editor;
    let title = match form.stack {
        Some(_) => format!("Edit {}", form.name),
        None => "New work stack".to_owned(),
    };
    let edited = Edited::new(form);
    let sending = edited.sending;
    let load = Callback::new(|()| _ = window().location().reload());
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !sending.begin() {
            return;
        }
        let form = match edited.read() {
            Ok(form) => form,
            Err(error) => return sending.fail(error),
        };
        let navigate = navigate.clone();
        leptos::task::spawn_local(async move {
            let name = form.name.trim().to_owned();
            match calls::save_work_stack(form).await {
                Ok(_) => {
                    toasts.say(format!("{name} is saved."));
                    shell.refresh();
                    navigate("/settings/work-stacks", Default::default());
                }
                Err(error) => sending.fail(error),
            }
        });
    };
    let name_wrong = edited.wrong("Name");
    let leads = if is_all {
        view! {
            <p>"Every lead. It can’t be narrowed, because Lead stats lead here: make another work stack for a part of them."</p>
        }
        .into_any()
    } else {
        view! { <FilterFields edited sources owners /> }.into_any()
    };
    view! {
        <PageTop title=title />
        <div class="body">
            <form class="settings stack" on:submit=send novalidate>
                <section class="panel pad" aria-labelledby="what">
                    <h2 id="what" class="sr-only">
                        "Name"
                    </h2>
                    <div class="field short">
                        <label for="stack-name">"Name"</label>
                        <input
                            id="stack-name"
                            autocomplete="off"
                            aria-describedby="stack-name-wrong"
                            aria-invalid=move || name_wrong.with(Option::is_some).to_string()
                            prop:value=move || edited.form.with(|form| form.name.clone())
                            value=edited.form.with_untracked(|form| form.name.clone())
                            on:input=move |event| {
                                let name = event_target_value(&event);
                                edited.form.update(|form| form.name = name);
                            }
                        />
                        <FieldProblem id="stack-name-wrong" message=name_wrong />
                    </div>
                </section>
                <section class="panel pad" aria-labelledby="filter">
                    <h2 id="filter">"Which leads"</h2>
                    {leads}
                </section>
                <section class="panel pad" aria-labelledby="seen-by">
                    <h2 id="seen-by">"Who sees it"</h2>
                    <div class="checks">
                        {roles
                            .into_iter()
                            .map(|role| {
                                edited
                                    .check(
                                        role.name,
                                        move |form| form.roles.contains(&role.id),
                                        move |form, on| put(&mut form.roles, role.id, on),
                                    )
                            })
                            .collect_view()}
                    </div>
                    <FieldProblem id="seen-by-wrong" message=edited.wrong("Who sees it") />
                </section>
                <Look edited />
                <Refused sending fields=FIELDS.to_vec() on_load=Some(load) />
                <footer>
                    <LiveCount filter=edited.filter />
                    <a class="button" href="/settings/work-stacks">
                        "Cancel"
                    </a>
                    <button class="button primary" aria-disabled=move || sending.busy()>
                        "Save"
                    </button>
                </footer>
            </form>
        </div>
    }
    .into_any()
}

/// All that a filter can say.
#[component]
fn FilterFields(
    edited: Edited,
    sources: Vec<domain::work_stack_settings::Value>,
    owners: Vec<domain::work_stack_settings::Value>,
) -> impl IntoView {
    let statuses = LeadStatus::ALL.map(|status| {
        edited.check(
            status.label(),
            move |form| form.filter.statuses.contains(&status),
            move |form, on| put(&mut form.filter.statuses, status, on),
        )
    });
    view! {
        <p class="hint">"A lead must fit everything that you choose; of several sources, statuses or owners, one."</p>
        <Values
            edited
            label="Source"
            none="No source"
            offered=sources
            read=|filter| &filter.sources
            write=|filter| &mut filter.sources
        />
        <fieldset>
            <legend>"Status"</legend>
            <div class="checks">{statuses}</div>
        </fieldset>
        <Values
            edited
            label="Owner"
            none="Nobody"
            offered=owners
            read=|filter| &filter.owners
            write=|filter| &mut filter.owners
        />
        <fieldset>
            <legend>"Age and activity"</legend>
            {days(edited, "stack-within", "Added in the last", edited.within, "days")}
            {days(edited, "stack-before", "Added more than", edited.before, "days ago")}
            {days(edited, "stack-idle", "No activity for", edited.idle, "days, or never")}
        </fieldset>
        <fieldset>
            <legend>"Contact"</legend>
            {edited
                .check(
                    "No contact record",
                    |form| form.filter.no_contact_record,
                    |form, on| form.filter.no_contact_record = on,
                )}
            {edited
                .check(
                    "No contact with a valid telephone number",
                    |form| form.filter.no_valid_telephone,
                    |form, on| form.filter.no_valid_telephone = on,
                )}
            {edited
                .check(
                    "Possible duplicate: a copy of a lead that stays",
                    |form| form.filter.possible_duplicate,
                    |form, on| form.filter.possible_duplicate = on,
                )}
            <FieldProblem id="stack-contact-wrong" message=edited.wrong("Contact") />
        </fieldset>
    }
    .into_any()
}

/// A number of days between two words: the field's name is all three.
fn days(
    edited: Edited,
    id: &'static str,
    before: &'static str,
    typed: RwSignal<String>,
    after: &'static str,
) -> AnyView {
    let wrong = edited.wrong(before);
    let wrong_id = format!("{id}-wrong");
    view! {
        <div class="days">
            <label for=id>{before}</label>
            <input
                id=id
                class="control"
                inputmode="numeric"
                autocomplete="off"
                aria-label=format!("{before} … {after}")
                aria-describedby=wrong_id.clone()
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=typed
                value=typed.get_untracked()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <span>{after}</span>
            <span class="wrong" id=wrong_id role="alert">
                {move || wrong.get()}
            </span>
        </div>
    }
    .into_any()
}

/// Columns, sort, and whether deletions are hidden.
#[component]
fn Look(edited: Edited) -> impl IntoView {
    let always = |label: &str| check(label.to_owned(), None, Signal::stored(true), None);
    let columns = Column::ALL.map(|column| {
        edited.check(
            column.label(),
            move |form| form.columns.contains(&column),
            move |form, on| put(&mut form.columns, column, on),
        )
    });
    let begins = edited.form.with_untracked(|form| form.order);
    let sorts = Sort::ALL.map(|sort| {
        view! {
            <option value=sort.code() selected=sort == begins.by>
                {sort.label()}
            </option>
        }
    });
    let direction = move |descending: bool| {
        let dates = edited
            .form
            .with(|form| matches!(form.order.by, Sort::LastActivity | Sort::Added));
        match (dates, descending) {
            (true, true) => "Newest first",
            (true, false) => "Oldest first",
            (false, true) => "Last to first",
            (false, false) => "First to last",
        }
    };
    view! {
        <section class="panel pad" aria-labelledby="look">
            <h2 id="look">"How it looks"</h2>
            <fieldset>
                <legend>"Columns"</legend>
                <div class="checks">{always("Lead")} {always("Status")} {columns}</div>
            </fieldset>
            <div class="pair">
                <div class="field">
                    <label for="stack-sort">"Sort by"</label>
                    <select
                        id="stack-sort"
                        on:change=move |event| {
                            if let Some(sort) = Sort::from_code(&event_target_value(&event)) {
                                edited.form.update(|form| form.order.by = sort);
                            }
                        }
                    >
                        {sorts}
                    </select>
                </div>
                <div class="field">
                    <label for="stack-direction">"Direction"</label>
                    <select
                        id="stack-direction"
                        on:change=move |event| {
                            let descending = event_target_value(&event) == "descending";
                            edited.form.update(|form| form.order.descending = descending);
                        }
                    >
                        {[false, true]
                            .map(|descending| {
                                view! {
                                    <option
                                        value=if descending { "descending" } else { "ascending" }
                                        selected=descending == begins.descending
                                    >
                                        {move || direction(descending)}
                                    </option>
                                }
                            })}
                    </select>
                </div>
            </div>
            {edited
                .check(
                    "Hide deletions",
                    |form| form.hides_deletions,
                    |form, on| form.hides_deletions = on,
                )}
        </section>
    }
    .into_any()
}
