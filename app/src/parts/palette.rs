//! The command palette, and the list of shortcuts: one file for the browser, fetched when one of them is first opened.

use std::sync::Arc;

use domain::Permission;
use domain::lead::LeadId;
use domain::palette::{FoundLead, finds_leads, rank};
use domain::text::leads;
use gloo_timers::callback::Timeout;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_split::wasm_split;
use leptos::web_sys::HtmlElement;
use leptos_router::hooks::use_navigate;

use crate::palette::find_leads;
use crate::parts::actions::use_actions;
use crate::parts::dialog::Dialog;
use crate::parts::frame::settings_of;
use crate::parts::icon::Icon;
use crate::parts::overlay::NoCode;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::tools::{Tool, Tools, set_single_keys, single_keys};
use crate::theme::Theme;

/// The one that was asked for, for an [`Overlay`](crate::parts::overlay::Overlay).
#[wasm_split(palette, wasm_split_path = leptos::wasm_split, fallible)]
pub fn tool(which: Tool, on_close: Callback<()>) -> Result<AnyView, NoCode> {
    Ok(match which {
        Tool::Palette => view! { <Palette on_close /> }.into_any(),
        Tool::Shortcuts => view! { <Shortcuts on_close /> }.into_any(),
    })
}

/// One line of the list.
#[derive(Clone)]
struct Item {
    group: &'static str,
    name: String,
    hint: String,
    act: Act,
}

/// What a line does.
#[derive(Clone)]
enum Act {
    /// Goes to an address.
    Go(String),
    /// What the page offers.
    Do(Arc<dyn Fn() + Send + Sync>),
    /// What a button of the frame does.
    Press(String),
    /// Opens the list of shortcuts.
    Shortcuts,
}

const LEADS: &str = "Leads";

fn item(group: &'static str, name: &str, hint: impl Into<String>, act: Act) -> Item {
    Item {
        group,
        name: name.to_owned(),
        hint: hint.into(),
        act,
    }
}

/// All lines but the leads, as the page stands.
fn lines(shell: CurrentShell) -> Vec<Item> {
    let mut items: Vec<Item> = use_actions()
        .list()
        .into_iter()
        .map(|action| {
            item(
                "On this page",
                &action.name,
                action.hint,
                Act::Do(action.run),
            )
        })
        .collect();
    let shell = untrack(|| shell.get());
    for stack in &shell.work_stacks {
        let hint = stack.count.map(leads).unwrap_or_default();
        let to = format!("/work-stacks/{}", stack.id.0);
        items.push(item("Work stacks", &stack.name, hint, Act::Go(to)));
    }
    let go = |to: &str| Act::Go(to.to_owned());
    if shell.may(Permission::SeeLeads) {
        items.push(item("Pages", "All work stacks", "", go("/work-stacks")));
    }
    for (to, name) in settings_of(&shell) {
        items.push(item("Pages", name, "", go(to)));
    }
    items.push(item("Pages", "Account", shell.name.clone(), go("/account")));
    for theme in Theme::ALL {
        items.push(item(
            "You",
            &format!("Theme: {}", theme.label()),
            "",
            Act::Press(format!(".side .theme .{}", theme.code())),
        ));
    }
    items.push(item("You", "Keyboard shortcuts", "?", Act::Shortcuts));
    let sign_out = Act::Press(".side form[action='/sign-out'] button".to_owned());
    items.push(item("You", "Sign out", "", sign_out));
    items
}

/// What fits, the best of each group first. Leads come last: they come late, and nothing above them moves.
fn fitting(lines: &[Item], typed: &str, found: &[FoundLead], shell: CurrentShell) -> Vec<Item> {
    let mut items = Vec::new();
    for group in lines.chunk_by(|a, b| a.group == b.group) {
        let mut fit: Vec<(u8, &Item)> = group
            .iter()
            .filter_map(|item| Some((rank(&item.name, typed)?, item)))
            .collect();
        fit.sort_by_key(|(rank, _)| *rank);
        items.extend(fit.into_iter().map(|(_, item)| item.clone()));
    }
    let may = |permission| untrack(|| shell.may(permission));
    let asked = typed.parse::<LeadId>().ok();
    if let Some(lead) = asked {
        if may(Permission::SeeLeads) {
            // At once: its page says what became of one that isn't found.
            let known = found.iter().find(|found| found.id == lead).map(of_lead);
            let to = Act::Go(format!("/leads/{lead}"));
            items.push(known.unwrap_or_else(|| item(LEADS, &format!("Lead {lead}"), "", to)));
        }
        if may(Permission::SeeQueue) {
            let to = format!("/settings/lead-management?q={lead}");
            let name = format!("Find {lead} in the Deletion Queue");
            items.push(item("Pages", &name, "", Act::Go(to)));
        }
    }
    let others = found.iter().filter(|found| Some(found.id) != asked);
    items.extend(others.map(of_lead));
    items
}

fn of_lead(lead: &FoundLead) -> Item {
    let hint = format!("{}, {}, {}", lead.id, lead.source, lead.status.label());
    item(
        LEADS,
        &lead.name,
        hint,
        Act::Go(format!("/leads/{}", lead.id)),
    )
}

fn id_of(line: usize) -> String {
    format!("palette-{line}")
}

#[component]
fn Palette(on_close: Callback<()>) -> impl IntoView {
    let (shell, navigate) = (use_shell(), use_navigate());
    let Tools(tools) = expect_context::<Tools>();
    let lines = StoredValue::new(lines(shell));
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<FoundLead>::new());
    let chosen = RwSignal::new(0_usize);
    let looking = RwSignal::new(false);
    let items = Signal::derive(move || {
        let typed = typed.get();
        lines.with_value(|lines| found.with(|found| fitting(lines, typed.trim(), found, shell)))
    });

    let run = move |item: Item| {
        let navigate = navigate.clone();
        on_close.run(());
        // Once the palette is away, and has given the focus back: what opens next takes it from there.
        set_timeout(
            move || match item.act {
                Act::Go(to) => navigate(&to, Default::default()),
                Act::Do(act) => act(),
                Act::Press(button) => press(&button),
                Act::Shortcuts => tools.set(Some(Tool::Shortcuts)),
            },
            std::time::Duration::ZERO,
        );
    };
    let run = Callback::new(run);

    let waiting = StoredValue::new_local(None::<Timeout>);
    let type_in = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        chosen.set(0);
        let looks = finds_leads(&text) && untrack(|| shell.may(Permission::SeeLeads));
        looking.set(looks);
        if !looks {
            waiting.set_value(None);
            found.set(Vec::new());
            return;
        }
        // Dropping the timeout before it stops it.
        waiting.set_value(Some(Timeout::new(150, move || {
            leptos::task::spawn_local(async move {
                // Where leads can't be looked for, everything else still works.
                let answer = find_leads(text.clone()).await.unwrap_or_default();
                if typed.try_with_untracked(|now| *now == text) == Some(true) {
                    _ = found.try_set(answer);
                    _ = looking.try_set(false);
                }
            });
        })));
    };
    let keys = move |event: KeyboardEvent| {
        let many = items.with_untracked(Vec::len);
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => many.saturating_sub(1),
            "Enter" => {
                event.prevent_default();
                let item = items.with_untracked(|items| items.get(chosen.get_untracked()).cloned());
                if let Some(item) = item {
                    run.run(item);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if many > 0 {
            chosen.update(|chosen| *chosen = (*chosen + step) % many);
            bring_into_sight(chosen.get_untracked());
        }
    };
    let words = move || {
        let many = items.with(Vec::len);
        match (many, looking.get()) {
            (_, true) => "Looking for leads…".to_owned(),
            (0, false) => format!(
                "Nothing is called “{}”.",
                typed.with(|t| t.trim().to_owned())
            ),
            (many, false) => domain::text::count(many as u64, "result", "results"),
        }
    };
    view! {
        <Dialog labelled_by="palette-title" on_close>
            <div class="palette">
                <h1 id="palette-title" class="sr-only">
                    "Go to or do"
                </h1>
                <div class="palette-top">
                    <Icon icon=Icon::Search />
                    <input
                        type="text"
                        role="combobox"
                        aria-label="Go to or do"
                        placeholder="A work stack, a page, a lead, an action"
                        autocomplete="off"
                        autofocus
                        maxlength="200"
                        spellcheck="false"
                        aria-expanded="true"
                        aria-controls="palette-list"
                        aria-autocomplete="list"
                        aria-activedescendant=move || {
                            let chosen = chosen.get();
                            (chosen < items.with(Vec::len)).then(|| id_of(chosen))
                        }
                        on:input=type_in
                        on:keydown=keys
                    />
                    <button type="button" class="button ghost icon" aria-label="Close" on:click=move |_| on_close.run(())>
                        <Icon icon=Icon::X />
                    </button>
                </div>
                <ul id="palette-list" role="listbox" aria-label="Results">
                    {move || groups(items.get(), chosen, run)}
                </ul>
                <p class="hint" aria-live="polite">
                    {words}
                </p>
            </div>
        </Dialog>
    }
    .into_any()
}

/// The lines under the headings of their groups.
fn groups(items: Vec<Item>, chosen: RwSignal<usize>, run: Callback<Item>) -> AnyView {
    let mut first = 0;
    items
        .chunk_by(|a, b| a.group == b.group)
        .map(|group| {
            let from = first;
            first += group.len();
            let name = group[0].group;
            let options = group.iter().cloned().zip(from..).map(|(item, line)| {
                let (name, hint) = (item.name.clone(), item.hint.clone());
                view! {
                    <li
                        role="option"
                        id=id_of(line)
                        aria-selected=move || (chosen.get() == line).to_string()
                        // Not on entering: lines that scroll by under a pointer at rest choose nothing.
                        on:pointermove=move |_| {
                            if chosen.get_untracked() != line {
                                chosen.set(line);
                            }
                        }
                        on:click=move |_| run.run(item.clone())
                    >
                        <span>{name}</span>
                        <span class="hint">{hint}</span>
                    </li>
                }
            });
            view! {
                <li role="presentation">
                    <ul role="group" aria-label=name>
                        <li role="presentation" class="group" aria-hidden="true">
                            {name}
                        </li>
                        {options.collect_view()}
                    </ul>
                </li>
            }
        })
        .collect_view()
        .into_any()
}

fn element(selector: &str) -> Option<HtmlElement> {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|element| element.dyn_into().ok())
}

/// The menu has these as plain forms, on a phone too, where it isn't drawn.
fn press(button: &str) {
    if let Some(button) = element(button) {
        button.click();
    }
}

fn bring_into_sight(line: usize) {
    let (Some(line), Some(list)) = (
        element(&format!("#{}", id_of(line))),
        element("#palette-list"),
    ) else {
        return;
    };
    let (line, seen) = (
        line.get_bounding_client_rect(),
        list.get_bounding_client_rect(),
    );
    if line.top() < seen.top() {
        list.set_scroll_top(list.scroll_top() - (seen.top() - line.top()).ceil() as i32);
    } else if line.bottom() > seen.bottom() {
        list.set_scroll_top(list.scroll_top() + (line.bottom() - seen.bottom()).ceil() as i32);
    }
}

/// Keys that work on every page.
const EVERYWHERE: [(&str, &str); 4] = [
    ("Ctrl+K", "Go to or do (⌘ K on a Mac)"),
    ("/", "Search on this page"),
    ("?", "Show these shortcuts"),
    ("Esc", "Close what is open"),
];

#[component]
fn Shortcuts(on_close: Callback<()>) -> impl IntoView {
    let single = RwSignal::new(single_keys());
    let list = |name: &'static str, keys: &'static [(&'static str, &'static str)]| {
        let row = |(key, what): &(&'static str, &'static str)| {
            view! {
                <div>
                    <dt>{key.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                    <dd>{*what}</dd>
                </div>
            }
        };
        (!keys.is_empty()).then(|| {
            view! {
                <h2>{name}</h2>
                <dl class="keys">{keys.iter().map(row).collect_view()}</dl>
            }
        })
    };
    let page = list("On this page", use_actions().keys());
    let turn = move |event| {
        let on = event_target_checked(&event);
        set_single_keys(on);
        single.set(on);
    };
    view! {
        <Dialog labelled_by="shortcuts" on_close>
            <div class="shortcuts">
                <h1 id="shortcuts">"Keyboard shortcuts"</h1>
                {page}
                {list("Everywhere", &EVERYWHERE)}
                <label class="check">
                    <input type="checkbox" prop:checked=move || single.get() on:change=turn />
                    <span>"Single keys (/ and ?) work outside of fields"</span>
                </label>
                <footer>
                    <button type="button" class="button" autofocus on:click=move |_| on_close.run(())>
                        "Close"
                    </button>
                </footer>
            </div>
        </Dialog>
    }
    .into_any()
}
