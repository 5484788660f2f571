//! A dialog on the native element: the browser keeps the focus inside, closes it with Esc, and gives the focus back.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlDialogElement, HtmlElement};

/// A modal dialog. It is open as long as it is there: render it when it is wanted.
///
/// What gets the focus carries `autofocus`: the first field of a form, and where something is deleted the button that does
/// no harm. The heading carries `id=labelled_by`.
#[component]
pub fn Dialog(
    /// The id of the heading.
    labelled_by: &'static str,
    /// Esc was pressed, or the dialog was closed in another way: stop rendering it.
    #[prop(into)]
    on_close: Callback<()>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        let before = StoredValue::new_local(
            document()
                .active_element()
                .and_then(|element| element.dyn_into::<HtmlElement>().ok()),
        );
        show(dialog, StoredValue::new(()), LOOKED_AFTER);
        // The browser gives the focus back when a dialog is closed, not when it is taken away. Once it is away: while it
        // stands, nothing around it takes the focus.
        on_cleanup(move || {
            if let Some(element) = before.try_update_value(Option::take).flatten() {
                queue_microtask(move || _ = element.focus());
            }
        });
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby=labelled_by on:close=move |_| on_close.run(())>
            {children()}
        </dialog>
    }
    .into_any()
}

/// For so many frames after it opened, a dialog is looked after.
const LOOKED_AFTER: u8 = 20;

/// Opens it, once it stands in the page: where its code was still on its way, it is drawn before that, and a browser
/// refuses to open what stands nowhere. Where a page around it comes at the same moment, it may be taken out and put back:
/// then it is drawn and yet not open, or has lost the focus. `wanted` goes with the dialog.
fn show(dialog: HtmlDialogElement, wanted: StoredValue<()>, frames: u8) {
    let mut left = frames;
    if dialog.is_connected() {
        left -= 1;
        if dialog.matches(":modal") != Ok(true) {
            dialog.set_open(false);
            // Fails only where it is open already.
            _ = dialog.show_modal();
            // It is read from its top, wherever the focus is.
            dialog.set_scroll_top(0);
        } else if !dialog.contains(document().active_element().as_deref()) {
            focus_first(&dialog);
        }
    }
    if left > 0 {
        request_animation_frame(move || {
            if wanted.try_get_value().is_some() {
                show(dialog, wanted, left);
            }
        });
    }
}

/// The one that carries `autofocus`; where none does, the first, as the browser has it.
fn focus_first(dialog: &HtmlDialogElement) {
    let find = |selector: &str| dialog.query_selector(selector).ok().flatten();
    let first = find("[autofocus]").or_else(|| find("input, select, textarea, button"));
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        _ = first.focus();
    }
}
