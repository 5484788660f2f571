//! What is everywhere: the command palette and the list of shortcuts, with the keys that open them. Their code is a file of
//! its own ([`palette`](crate::parts::palette)), fetched when one of them is first opened.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement, Storage};

use crate::parts::icon::Icon;
use crate::parts::overlay::Overlay;
use crate::parts::palette::tool;

/// Which one is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// The command palette.
    Palette,
    /// The list of shortcuts.
    Shortcuts,
}

/// The one that is open, as a context.
#[derive(Clone, Copy)]
pub struct Tools(pub RwSignal<Option<Tool>>);

/// Where the browser keeps that single keys are off.
const SINGLE_KEYS: &str = "layer-single-keys";

impl Tools {
    /// Provides it to all below, and listens for the keys.
    pub fn provide() {
        let open = RwSignal::new(None);
        provide_context(Self(open));
        // What belongs to one thread is made in the effect.
        Effect::new(move || {
            let heard = window_event_listener(leptos::ev::keydown, move |event| key(&event, open));
            let held = StoredValue::new_local(Some(heard));
            on_cleanup(move || {
                if let Some(heard) = held.try_update_value(Option::take).flatten() {
                    heard.remove();
                }
            });
        });
    }
}

/// Whether keys without Ctrl do something: who speaks to the machine, or types with a stick, turns them off.
pub fn single_keys() -> bool {
    let kept = storage().and_then(|kept| kept.get_item(SINGLE_KEYS).ok().flatten());
    kept.as_deref() != Some("off")
}

/// Turns them on or off, in this browser.
pub fn set_single_keys(on: bool) {
    if let Some(kept) = storage() {
        // Refused where the browser keeps nothing: then they are on again with the next page.
        _ = kept.set_item(SINGLE_KEYS, if on { "on" } else { "off" });
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn key(event: &KeyboardEvent, open: RwSignal<Option<Tool>>) {
    if event.default_prevented() || event.is_composing() || event.alt_key() {
        return;
    }
    let covered = find("dialog[open]").is_some();
    let pressed = event.key();
    if event.ctrl_key() || event.meta_key() {
        let palette = pressed.eq_ignore_ascii_case("k") && !event.shift_key();
        if palette && !covered {
            event.prevent_default();
            open.set(Some(Tool::Palette));
        }
        return;
    }
    if covered || is_typing(event) {
        return;
    }
    match pressed.as_str() {
        "?" if single_keys() => {
            event.prevent_default();
            open.set(Some(Tool::Shortcuts));
        }
        "/" if single_keys() => {
            let search = find("main input[type=search]");
            if let Some(search) = search.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                event.prevent_default();
                _ = search.focus();
            }
        }
        _ => {}
    }
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// Whether a letter would go into a field.
fn is_typing(event: &KeyboardEvent) -> bool {
    const FIELDS: &str =
        "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.closest(FIELDS).ok().flatten().is_some())
}

/// What is open, above the page.
#[component]
pub fn OpenTool() -> impl IntoView {
    let Tools(open) = expect_context::<Tools>();
    move || {
        open.get().map(|which| {
            // One may open the other: only what is still open closes.
            let on_close = Callback::new(move |()| {
                if open.try_get_untracked() == Some(Some(which)) {
                    open.set(None);
                }
            });
            view! { <Overlay code=tool(which, on_close) /> }
        })
    }
}

/// The button in the menu, and on a phone among the tabs.
#[component]
pub fn GoTo() -> impl IntoView {
    let Tools(open) = expect_context::<Tools>();
    view! {
        <button
            type="button"
            class="go-to"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |_| open.set(Some(Tool::Palette))
        >
            <Icon icon=Icon::Search />
            <span>"Go to…"</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </button>
    }
}
