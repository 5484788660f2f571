//! Sources or owners: those that most leads have to tick, and any other to type.

use domain::work_stack::Filter;
use domain::work_stack_settings::Value;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{Edited, check, put};
use crate::parts::problem::FieldProblem;

/// The boxes, and the field for others.
#[component]
pub(super) fn Values(
    edited: Edited,
    label: &'static str,
    /// What stands for an empty one.
    none: &'static str,
    offered: Vec<Value>,
    read: fn(&Filter) -> &Vec<String>,
    write: fn(&mut Filter) -> &mut Vec<String>,
) -> impl IntoView {
    let chosen = edited
        .form
        .with_untracked(|form| read(&form.filter).clone());
    let mut all: Vec<(String, Option<u64>)> = offered
        .into_iter()
        .map(|value| (value.value, Some(value.leads)))
        .collect();
    for value in chosen {
        if all.iter().all(|(known, _)| *known != value) {
            all.push((value, None));
        }
    }
    let shown = RwSignal::new(all);
    let typed = RwSignal::new(String::new());
    let tick = move |value: String, on: bool| {
        edited
            .form
            .update(|form| put(write(&mut form.filter), value, on));
    };
    let add = move || {
        let value = domain::text::plain(&typed.get_untracked());
        if value.is_empty() {
            return;
        }
        if shown.with_untracked(|shown| shown.iter().all(|(known, _)| *known != value)) {
            shown.update(|shown| shown.push((value.clone(), None)));
        }
        tick(value, true);
        typed.set(String::new());
    };
    let keys = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    let one = move |(value, leads): (String, Option<u64>)| {
        let words = if value.is_empty() {
            none.to_owned()
        } else {
            value.clone()
        };
        let is = value.clone();
        let ticked =
            Signal::derive(move || edited.form.with(|form| read(&form.filter).contains(&is)));
        let on_change = Callback::new(move |on| tick(value.clone(), on));
        check(words, leads, ticked, Some(on_change))
    };
    let id = format!("other-{}", label.to_lowercase());
    let wrong = edited.wrong(label);
    view! {
        <fieldset>
            <legend>{label}</legend>
            <div class="checks">
                <For each=move || shown.get() key=|(value, _)| value.clone() children=one />
            </div>
            <div class="other">
                <input
                    id=id.clone()
                    class="control"
                    autocomplete="off"
                    maxlength="200"
                    aria-label=format!("Other {}", label.to_lowercase())
                    placeholder=format!("Other {}", label.to_lowercase())
                    aria-invalid=move || wrong.with(Option::is_some).to_string()
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:keydown=keys
                />
                <button
                    type="button"
                    class="button"
                    aria-label=format!("Add {}", label.to_lowercase())
                    on:click=move |_| add()
                >
                    "Add"
                </button>
            </div>
            <FieldProblem id=if label == "Source" { "source-wrong" } else { "owner-wrong" } message=wrong />
        </fieldset>
    }
    .into_any()
}
