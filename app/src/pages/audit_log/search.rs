//! The search above the log: every field acts at once, and stands in the address.

use domain::audit::Act;
use domain::audit_log::{AuditChoices, AuditSearch, COMMAND_LINE, Choice, QUEUE};
use js_sys::{Array, Intl, Object, Reflect};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::params::ParamsMap;

/// The fields.
#[component]
pub fn Search(search: Memo<AuditSearch>, choices: AuditChoices) -> impl IntoView {
    let navigate = use_navigate();
    // Puts one field of the address.
    let put = move |place: usize, value: String| {
        let mut query = ParamsMap::new();
        search.with_untracked(|search| {
            for (other, (name, old)) in AuditSearch::NAMES
                .into_iter()
                .zip(search.fields())
                .enumerate()
            {
                let value = if other == place { value.trim() } else { old };
                if !value.is_empty() {
                    query.insert(name, value.to_owned());
                }
            }
        });
        let to = format!("/audit-log{}", query.to_query_string());
        navigate(&to, Default::default());
    };
    let value = move |place: usize| search.with(|search| search.fields()[place].to_owned());
    let put_choice = put.clone();
    let select =
        move |place: usize, label: &'static str, all: &'static str, choices: Vec<Choice>| {
            let (put, id) = (put_choice.clone(), id_of(place));
            let option = move |choice: Choice| {
                let code = choice.code.clone();
                view! {
                    <option value=choice.code selected=move || value(place) == code>
                        {choice.label}
                    </option>
                }
            };
            let first = Choice {
                code: String::new(),
                label: all.into(),
            };
            view! {
                <div class="field">
                    <label for={id.clone()}>{label}</label>
                    <select
                        id=id
                        name=AuditSearch::NAMES[place]
                        prop:value=move || value(place)
                        on:change=move |event| put(place, event_target_value(&event))
                    >
                        {std::iter::once(first).chain(choices).map(option).collect_view()}
                    </select>
                </div>
            }
            .into_any()
        };
    let input = move |place: usize, label: &'static str, kind: &'static str, hint: &'static str| {
        let (put, id) = (put.clone(), id_of(place));
        view! {
            <div class="field">
                <label for={id.clone()}>{label}</label>
                <input
                    id=id
                    type=kind
                    name=AuditSearch::NAMES[place]
                    placeholder=hint
                    autocomplete="off"
                    value=move || value(place)
                    prop:value=move || value(place)
                    on:change=move |event| put(place, event_target_value(&event))
                />
            </div>
        }
        .into_any()
    };
    let people = [(QUEUE, "The queue"), (COMMAND_LINE, "Command line")]
        .map(|(code, label)| choice(code, label))
        .into_iter()
        .chain(choices.people)
        .collect();
    let acts = Act::ALL
        .iter()
        .map(|act| choice(act.code(), act.label()))
        .collect();
    let any = move || search.with(|search| search.fields().iter().any(|field| !field.is_empty()));
    view! {
        // The fields have acted by the time it is sent: the button is for who looks for one, and for a browser without
        // scripts.
        <form
            class="panel pad search"
            role="search"
            aria-label="Search the audit log"
            action="/audit-log"
            on:submit=move |event| event.prevent_default()
        >
            {select(0, "Person", "Everybody", people)}
            {select(1, "Act", "Every act", acts)}
            {select(2, "Reason", "Every reason", choices.reasons)}
            {input(3, "From", "date", "")}
            {input(4, "To", "date", "")}
            {input(5, "Lead", "text", "L-20418")}
            <p class="hint">
                <Zone zone=choices.zone />
                {move || any().then(|| view! { <a class="link" href="/audit-log">"Show everything"</a> })}
            </p>
            <button class="button">"Search"</button>
        </form>
    }
}

/// A field's id, that its label names.
fn id_of(place: usize) -> String {
    format!("audit-{}", AuditSearch::NAMES[place])
}

fn choice(code: &str, label: &str) -> Choice {
    Choice {
        code: code.into(),
        label: label.into(),
    }
}

/// Names the company's zone to who is in another.
#[component]
fn Zone(zone: String) -> impl IntoView {
    let foreign = RwSignal::new(false);
    let company = zone.clone();
    Effect::new(move || foreign.set(here().is_some_and(|here| here != company)));
    move || {
        foreign
            .get()
            .then(|| view! { <span>{format!("Days and times are those of {zone}. ")}</span> })
    }
}

/// The browser's time zone.
fn here() -> Option<String> {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()?
        .as_string()
}
