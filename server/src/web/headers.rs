//! Headers of every answer, and the answer to a panic.

use std::any::Any;
use std::cell::RefCell;
use std::panic;

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What isn't a page loads and runs nothing.
const BARE_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What a page may load and run: its own files, and scripts with this very answer's nonce.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Adds them. What may be kept says so itself; everything else may hold personal data and isn't.
pub async fn secure(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    let always = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, BARE_POLICY),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    answer
}

thread_local! {
    /// Where this thread last panicked: the answer is made on the thread that did.
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on the log has of a panic where it was, and never its message, which may quote what a person typed.
pub fn log_panics_by_place() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "panic");
        // A thread that ends has no place for it any more.
        _ = PANICKED_AT.try_with(|at| at.replace(place));
    }));
}

/// What a person sees of a panic: nothing of its cause. The log has the same number with the place.
pub fn broken(_: Box<dyn Any + Send>) -> Response {
    let place = PANICKED_AT.take();
    let number = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    tracing::error!(
        number,
        place = place.as_deref().unwrap_or("unknown"),
        "a request ended in a panic"
    );
    let error = domain::Error::Internal(number);
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
}
