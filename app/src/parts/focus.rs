//! The focus, where what had it goes: without care it would be nowhere, and the keyboard begin at the page's top again.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// Makes a change that may take away what has the focus: then it goes to the element of that id.
pub fn keep(id: &'static str, change: impl FnOnce()) {
    let held = is_held();
    change();
    if held {
        unless_held(id);
    }
}

/// Gives the focus to the element of that id once the page is drawn, unless something has it.
pub fn unless_held(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok())
            && !is_held()
        {
            _ = element.focus();
        }
    });
}

/// Where the heading of that id stands in the lower half of the window or below it, brings it to the top with what follows it,
/// and gives it the focus: on a phone, what a press changed is further down. It jumps there, for whoever wants less motion too.
pub fn show(id: &'static str) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(id);
        let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        let height = window().inner_height().ok();
        let middle = height.and_then(|height| height.as_f64()).unwrap_or(0.0) / 2.0;
        if element.get_bounding_client_rect().top() > middle {
            element.scroll_into_view();
            _ = element.focus();
        }
    });
}

/// Where nothing has the focus, the body is what is active.
fn is_held() -> bool {
    let active = document().active_element();
    active.is_some_and(|active| active.tag_name() != "BODY")
}
