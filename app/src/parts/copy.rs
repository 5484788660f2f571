//! A button that puts a text on the clipboard, and says so.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};

/// Copies a text; "Copied" stands beside it then, and is heard.
#[component]
pub fn Copy(
    /// What the button says.
    label: &'static str,
    /// How it looks.
    #[prop(default = "button")]
    class: &'static str,
    /// What is copied.
    text: impl Fn() -> String + Send + 'static,
    /// What to do where the browser doesn't let it.
    by_hand: fn(&str) -> String,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let press = move |_| {
        let text = text();
        let by_hand = by_hand(&text);
        // Said again, it is heard again.
        said.set(String::new());
        if copy(&text, said, by_hand.clone()).is_none() {
            said.set(by_hand);
        }
    };
    view! {
        <button type="button" class=class on:click=press>
            {label}
        </button>
        " "
        <span class="hint" role="status">
            {move || said.get()}
        </span>
    }
    .into_any()
}

/// Puts it on the clipboard, which only addresses with https, and this machine, have: `None` elsewhere.
fn copy(text: &str, said: RwSignal<String>, by_hand: String) -> Option<()> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let done: Promise = write
        .call1(&clipboard, &text.into())
        .ok()?
        .dyn_into()
        .ok()?;
    let well = Closure::once(move |_: JsValue| _ = said.try_set("Copied".into()));
    let badly = Closure::once(move |_: JsValue| _ = said.try_set(by_hand));
    _ = done.then2(&well, &badly);
    // One of them is called once, when the dialog may be gone.
    well.forget();
    badly.forget();
    Some(())
}
