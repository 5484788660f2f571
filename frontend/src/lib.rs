//! The browser's entry point.

use leptos::tachys::dom::{body, document};
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered. Called by the script in it.
#[wasm_bindgen]
pub async fn hydrate() {
    if cfg!(debug_assertions) {
        // A release says only "unreachable": its bytes are its start-up time.
        std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    }
    // The page's own code is another file: waiting for it is part of taking over.
    leptos::mount::hydrate_from_async(body(), app::App)
        .await
        .forget();
    // Tests, and people on slow lines, press buttons only after this: before it nothing would happen.
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-hydrated", "true");
    }
}
