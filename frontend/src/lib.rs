//! The browser's entry point.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered. Called by the script that Leptos puts into it.
#[wasm_bindgen]
pub fn hydrate() {
    if cfg!(debug_assertions) {
        // A release says only "unreachable": its bytes are its start-up time.
        std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    }
    leptos::mount::hydrate_body(app::App);
}
