//! The browser's files, embedded in the program (a debug build reads them from `target/site`).

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../target/site/"]
#[allow_missing = true]
struct Site;

/// `/pkg/…`
pub async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("pkg/{path}");
    let Some(plain) = Site::get(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = plain.metadata.mimetype().to_owned();
    let (file, encoding) = smallest(&path, plain, &headers);
    // A file keeps its name over versions: browsers ask each time, and get it only when it changed.
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let mut answer = if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known == tag.as_str())
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(file.data.into_owned()))
    };
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    };
    put(CONTENT_TYPE, &kind);
    put(ETAG, &tag);
    put(CACHE_CONTROL, "no-cache");
    put(VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        put(CONTENT_ENCODING, encoding);
    }
    answer
}

/// The file as it is, or compressed beforehand where the browser takes that.
fn smallest(
    path: &str,
    plain: EmbeddedFile,
    headers: &HeaderMap,
) -> (EmbeddedFile, Option<&'static str>) {
    let accepted = headers
        .get(ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok())
        .unwrap_or("");
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        let takes = accepted.split(',').any(|word| {
            word.split(';')
                .next()
                .is_some_and(|word| word.trim() == encoding)
        });
        if takes && let Some(file) = Site::get(&format!("{path}.{ending}")) {
            return (file, Some(encoding));
        }
    }
    (plain, None)
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
