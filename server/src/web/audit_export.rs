//! `POST /audit-log/export`: the form of the page Audit log. Answers with the entries that are looked for, as CSV.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Form, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::audit_log::AuditSearch;
use domain::permission::{Actor, ExportAudit};
use domain::{Error, Granted};

use crate::store::Store;

/// The route. Its request carries the [`Actor`] in its extensions.
pub fn router<S: Clone + Send + Sync + 'static>(store: Arc<Store>) -> Router<S> {
    Router::new()
        .route("/audit-log/export", post(export))
        .with_state(store)
}

async fn export(
    State(store): State<Arc<Store>>,
    actor: Option<Extension<Actor>>,
    Form(search): Form<AuditSearch>,
) -> Response {
    let member = actor.as_ref().map(|actor| actor.member);
    let begun = async {
        let Extension(actor) = actor.ok_or(Error::SignedOut)?;
        let by: Granted<ExportAudit> = actor.granted()?;
        store.begin_export(by, &search).await
    };
    let export = match begun.await {
        Ok(export) => export,
        Err(error) => {
            if matches!(error, Error::Forbidden(_)) {
                // That it couldn't be kept is in the log; the call is refused all the same.
                _ = store
                    .security_event(member, "audit-log/export", error.code())
                    .await;
            }
            let status = StatusCode::from_u16(error.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, error.to_string()).into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", export.file_name()),
        ),
    ];
    (headers, Body::from_stream(export.pieces())).into_response()
}
