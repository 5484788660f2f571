//! `POST /import/upload`: the form of the page Import. Answers with the import's preview, or with why there is none.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use domain::permission::{Actor, ImportLeads};
use domain::{Error, Granted};
use tower_http::timeout::RequestBodyDeadlineLayer;

use crate::import::decode::Unreadable;
use crate::import::{self, MOST_BYTES};
use crate::store::Store;

/// Whoever uploads one has so long for it.
const SLOWEST: Duration = Duration::from_secs(600);

/// The route. Its request carries the [`Actor`] in its extensions.
pub fn router<S: Clone + Send + Sync + 'static>(store: Arc<Store>) -> Router<S> {
    // The form around the file takes some bytes too.
    let limit = DefaultBodyLimit::max(MOST_BYTES + (1 << 16));
    Router::new()
        .route("/import/upload", post(upload))
        .layer(limit)
        .layer(RequestBodyDeadlineLayer::new(SLOWEST))
        .with_state(store)
}

/// Why an upload has no preview.
enum Refused {
    /// By Layer's rules.
    Error(Error),
    /// By what the file is.
    File(Unreadable),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Unreadable> for Refused {
    fn from(unreadable: Unreadable) -> Self {
        Self::File(unreadable)
    }
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::File(Unreadable::TooLarge)
        } else {
            Self::Error(Error::Unreadable)
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => {
                let status = StatusCode::from_u16(error.status());
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, error.to_string()).into_response()
            }
            // A form was sent: the page says it.
            Self::File(unreadable) => {
                Redirect::to(&format!("/import?wrong={}", unreadable.code())).into_response()
            }
        }
    }
}

async fn upload(
    State(store): State<Arc<Store>>,
    actor: Option<Extension<Actor>>,
    form: Multipart,
) -> Result<Redirect, Refused> {
    let member = actor.as_ref().map(|actor| actor.member);
    let granted = actor
        .ok_or(Error::SignedOut)
        .and_then(|Extension(actor)| actor.granted());
    let by: Granted<ImportLeads> = match granted {
        Ok(by) => by,
        Err(error) => {
            // That it couldn't be kept is in the log; the call is refused all the same.
            _ = store
                .security_event(member, "import/upload", error.code())
                .await;
            return Err(error.into());
        }
    };
    let (name, bytes) = file_of(form).await?;
    let file = tokio::task::spawn_blocking(move || import::readable(bytes))
        .await
        .map_err(|_| Error::Unreadable)??;
    let id = store.keep_upload(by, &name, file).await?;
    Ok(Redirect::to(&format!("/import?id={}", id.0)))
}

/// The form's file, by its field `file`.
async fn file_of(mut form: Multipart) -> Result<(String, Vec<u8>), Refused> {
    while let Some(field) = form.next_field().await? {
        if field.name() == Some("file") {
            let name = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await?;
            if bytes.len() > MOST_BYTES {
                return Err(Unreadable::TooLarge.into());
            }
            return Ok((name, bytes.into()));
        }
    }
    Err(Unreadable::Empty.into())
}
