//! The browser's files, embedded in the program (a debug build reads them from `target/site`).
//!
//! They stand in a folder that is named by what is in them: `/pkg/0f1e2d3c4b5a6978/layer.js`. A page that was opened before
//! an update asks for a file of its own version, gets none, and says so; it never gets a piece of another version.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../target/site/"]
#[allow_missing = true]
struct Site;

/// Where this version's files are: `/pkg/0f1e2d3c4b5a6978`.
pub fn folder() -> String {
    let version = Site::get("version").map_or(Cow::Borrowed(&b""[..]), |file| file.data);
    format!("/pkg/{}", String::from_utf8_lossy(&version))
}

/// What the browser may fetch early for this page, as values of `Link` headers: the page's code would else be asked for only
/// once the rest is running.
pub fn early(page: &str) -> Vec<String> {
    let folder = folder();
    let pages: HashMap<String, Vec<String>> = Site::get(&format!("{}/pages.json", &folder[1..]))
        .and_then(|file| serde_json::from_slice(&file.data).ok())
        .unwrap_or_default();
    let early =
        |file| format!("<{folder}/{file}.wasm>; rel=preload; as=fetch; crossorigin=anonymous");
    pages.get(page).into_iter().flatten().map(early).collect()
}

/// `/pkg/…`
pub async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if path.split('/').any(|part| part == "..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let path = format!("pkg/{path}");
    let Some(plain) = Site::get(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = plain.metadata.mimetype().to_owned();
    let (file, encoding) = smallest(&path, plain, &headers);
    let mut answer = Response::new(Body::from(file.data.into_owned()));
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    };
    put(CONTENT_TYPE, &kind);
    // Its name says its content.
    put(CACHE_CONTROL, "public, max-age=31536000, immutable");
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
