//! `GET /import/refusals?id=…`: the refused rows of an uploaded file, as CSV. It writes nothing and tells no more than the file
//! did that the person brought.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::import::ImportId;
use domain::permission::{Actor, ImportLeads};
use domain::{Error, Granted};
use futures::stream;
use serde::Deserialize;
use uuid::Uuid;

use crate::store::Store;

/// The route. Its request carries the [`Actor`] in its extensions.
pub fn router<S: Clone + Send + Sync + 'static>(store: Arc<Store>) -> Router<S> {
    Router::new()
        .route("/import/refusals", get(refusals))
        .with_state(store)
}

/// Which import.
#[derive(Debug, Deserialize)]
struct Which {
    id: Uuid,
}

async fn refusals(
    State(store): State<Arc<Store>>,
    actor: Option<Extension<Actor>>,
    Query(Which { id }): Query<Which>,
) -> Response {
    let member = actor.as_ref().map(|actor| actor.member);
    let found = async {
        let Extension(actor) = actor.ok_or(Error::SignedOut)?;
        let by: Granted<ImportLeads> = actor.granted()?;
        store.import_refusals(by, ImportId(id)).await
    };
    match found.await {
        Ok(pieces) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (
                    CONTENT_DISPOSITION,
                    "attachment; filename=\"refused-rows.csv\"",
                ),
            ];
            let pieces = stream::try_unfold(pieces, |mut pieces| async move {
                match pieces.recv().await {
                    Some(piece) => Ok(piece?.map(|piece| (piece, pieces))),
                    None => Err(Error::Internal("the file was cut off".into())),
                }
            });
            (headers, Body::from_stream(pieces)).into_response()
        }
        Err(error) => {
            if matches!(error, Error::Forbidden(_) | Error::SignedOut) {
                // That it couldn't be kept is in the log; the call is refused all the same.
                _ = store
                    .security_event(member, "import/refusals", error.code())
                    .await;
            }
            let status = StatusCode::from_u16(error.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, error.to_string()).into_response()
        }
    }
}
