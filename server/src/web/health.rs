//! Whether the process lives, and whether it can serve.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Web;

/// The process lives.
pub async fn livez() -> &'static str {
    "alive\n"
}

/// Whether this node can serve: the database answers, is up to date and takes writes. Beside it, how the Deletion Queue is
/// and what waits for a Layer Admin.
pub async fn readyz(State(web): State<Web>) -> Response {
    let Ok(health) = web.store.health().await else {
        let unreachable = Json(json!({ "ready": false, "database": "unreachable" }));
        return (StatusCode::SERVICE_UNAVAILABLE, unreachable).into_response();
    };
    let status = if health.ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mut body = json!({
        "ready": health.ready(),
        "database": "reachable",
        "migrated": health.migrated,
        "writable": health.writable,
        "queue": health.queue,
        "failed": health.failed,
        "overdue": health.overdue,
    });
    if let Some(trouble) = health.trouble {
        body["trouble"] = trouble.into();
    }
    (status, Json(body)).into_response()
}
