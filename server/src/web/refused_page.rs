//! A page that was refused leaves a security event, as a server function's refusal does.

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use domain::permission::Actor;

use super::Web;

/// Keeps who asked for it. By the route's own name: what stands in an address is a text that anybody may type.
pub async fn keep(State(web): State<Web>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let actor = request.extensions().get::<Actor>();
    let member = actor.map(|actor| actor.member);
    let answer = next.run(request).await;
    if answer.status() == StatusCode::FORBIDDEN
        && is_page(&answer)
        && let Some(route) = route
    {
        let endpoint = route.as_str().trim_start_matches('/');
        // That it couldn't be kept is in the log; the page is refused all the same.
        _ = web
            .store
            .security_event(member, endpoint, "forbidden")
            .await;
    }
    answer
}

/// Server functions keep theirs themselves.
fn is_page(answer: &Response) -> bool {
    let kind = answer.headers().get(axum::http::header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"))
}
