//! Rendering goes on to its end, also when who asked has gone: an aborted request would leak its reactive owner.
//! And it goes on apart from every other request's.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::channel::mpsc;
use leptos::prelude::Owner;
use tokio::time::timeout;

/// A page that isn't there by then won't come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Renders in a task of its own, and reads the answer to its end whether somebody still waits or not.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    match timeout(PATIENCE, tokio::spawn(apart(next.run(request)))).await {
        Ok(Ok(answer)) => {
            let (parts, body) = answer.into_parts();
            Response::from_parts(parts, read_on(body.into_data_stream()))
        }
        Ok(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Ok(Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn read_on(mut body: BodyDataStream) -> Body {
    let (send, receive) = mpsc::unbounded();
    tokio::spawn(apart(async move {
        while let Some(piece) = body.next().await {
            _ = send.unbounded_send(piece);
        }
    }));
    Body::from_stream(receive)
}

/// Keeps one request's context from another's. Leptos leaves a page's owner on the thread that began to render it; whatever
/// that thread polls next would find there who asked for that page, and end when it ends.
async fn apart<T>(answering: impl Future<Output = T>) -> T {
    let mut answering = pin!(answering);
    poll_fn(|context| {
        leave_owner();
        let polled = answering.as_mut().poll(context);
        leave_owner();
        polled
    })
    .await
}

fn leave_owner() {
    if let Some(owner) = Owner::current() {
        owner.unset();
    }
}
