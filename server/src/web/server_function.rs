//! Server functions over HTTP: only JSON is taken, and the answer's status is the true one.
//!
//! Leptos answers every error with 500. The error's code stands in the body, also that of arguments that can't be read.

use app::error::Error;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Actor;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

use super::Web;

/// Where server functions live.
pub const PREFIX: &str = "/api/";

/// An error has at most so many bytes.
const MOST: usize = 64 << 10;

/// Sets the status that the error says, and keeps refused calls.
pub async fn true_status(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if !path.starts_with(PREFIX) {
        return next.run(request).await;
    }
    // A plain form can't send JSON: nothing that a foreign page can post gets through.
    if !is_json(request.headers()) {
        return refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            domain::Error::Unreadable,
        );
    }
    // To an `Accept` of HTML, Leptos answers with a redirect to the Referer.
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    let member = request
        .extensions()
        .get::<Actor>()
        .map(|actor| actor.member);
    let answer = next.run(request).await;
    if !answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        if answer.status() == StatusCode::NOT_FOUND
            || answer.status() == StatusCode::METHOD_NOT_ALLOWED
        {
            return refused(answer.status(), domain::Error::Unreadable);
        }
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, MOST).await.unwrap_or_default();
    let error = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Error(domain::Error::Internal("-".into())));
    let status =
        StatusCode::from_u16(error.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::TOO_MANY_REQUESTS
    ) {
        let endpoint = path.trim_start_matches(PREFIX);
        // That it couldn't be kept is in the log; the call is refused all the same.
        _ = web
            .store
            .security_event(member, endpoint, error.0.code())
            .await;
    }
    parts.status = status;
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn refused(status: StatusCode, error: domain::Error) -> Response {
    (status, axum::Json(Error(error))).into_response()
}
