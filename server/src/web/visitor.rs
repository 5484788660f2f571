//! Who asks: the session's member with the rights of this moment. Who isn't signed in is sent to the sign-in page.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use super::Web;
use super::server_function::PREFIX;
use super::sign_in::{actor_of, encode};

/// The page that anybody may open.
const OPEN: &str = "/sign-in";
/// Whoever signed out in another tab is led to that page too.
const SIGN_OUT: &str = "/sign-out";
/// Routes beside the server functions that keep whom they refused. What is only read isn't among them: nobody on the network
/// makes the server write without a session.
const KEPT: [&str; 2] = ["/audit-log/export", "/import/upload"];
/// Reading these is no page: nobody is led to the sign-in page from them.
const NO_PAGES: [&str; 2] = ["/import/refusals", "/live"];

/// Puts the [`domain::Actor`] into the request.
pub async fn is_known(
    State(web): State<Web>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let actor = match actor_of(&web, &session).await {
        Ok(actor) => actor,
        Err(error) => return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    };
    let path = request.uri().path();
    match actor {
        Some(actor) => {
            request.extensions_mut().insert(actor);
            let answer = next.run(request).await;
            touch(web, &session);
            answer
        }
        // Server functions answer for themselves: the page says that one is signed out.
        None if path == OPEN || path == SIGN_OUT || path.starts_with(PREFIX) => {
            next.run(request).await
        }
        None if !NO_PAGES.contains(&path)
            && (request.method() == Method::GET || request.method() == Method::HEAD) =>
        {
            let wanted = request
                .uri()
                .path_and_query()
                .map_or("/", |wanted| wanted.as_str());
            Redirect::to(&format!("{OPEN}?next={}", encode(wanted))).into_response()
        }
        None => {
            let error = domain::Error::SignedOut;
            // By the route's own name: any other path is a text that anybody may type.
            if let Some(route) = KEPT.iter().find(|route| path == **route) {
                let endpoint = route.trim_start_matches('/');
                // That it couldn't be kept is in the log; the call is refused all the same.
                _ = web.store.security_event(None, endpoint, error.code()).await;
            }
            (StatusCode::UNAUTHORIZED, error.to_string()).into_response()
        }
    }
}

/// Puts off the session's end, after the answer.
fn touch(web: Web, session: &Session) {
    let Some(id) = session.id() else { return };
    tokio::spawn(async move {
        // It says itself in the log what went wrong; the session then ends earlier.
        _ = web.store.touch_session(&id).await;
    });
}
