//! Times are the company's: where the browser lives elsewhere, the frame says so.

use js_sys::{Array, Intl, Object, Reflect};
use leptos::prelude::*;

use crate::parts::shell::use_shell;

/// "Times are in Europe/London.", where the browser's zone is another.
#[component]
pub fn Zone() -> impl IntoView {
    let shell = use_shell();
    // The server doesn't know where the browser is.
    let here = RwSignal::new(None::<String>);
    Effect::new(move || here.set(zone_of_browser()));
    move || {
        let zone = shell.with(|shell| shell.clock.zone.clone());
        let elsewhere = here.with(|here| here.as_ref().is_some_and(|here| *here != zone));
        elsewhere.then(|| view! { <p class="zone">{format!("Times are in {zone}.")}</p> })
    }
}

fn zone_of_browser() -> Option<String> {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}
