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

/// The database answers; and whether deletions wait for a Layer Admin.
pub async fn readyz(State(web): State<Web>) -> Response {
    match web.store.frame().await {
        Ok(frame) => Json(json!({
            "ready": true,
            "failed": frame.stats.failed,
            "overdue": frame.stats.overdue,
        }))
        .into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "ready": false })),
        )
            .into_response(),
    }
}
