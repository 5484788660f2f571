//! `GET /metrics`, for Prometheus: how the queue stands, in numbers alone. On the same port as everything else, so it asks
//! for the token that `--metrics-token` sets; where none is set there is no such page.

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::Web;
use crate::store::metrics::Numbers;

/// The numbers.
pub async fn metrics(State(web): State<Web>, headers: HeaderMap) -> Response {
    let Some(token) = &web.metrics_token else {
        let why = "Metrics are off. Start layer serve with --metrics-token.\n";
        return (StatusCode::NOT_FOUND, why).into_response();
    };
    if !bears(&headers, token) {
        let why = "Send the token of --metrics-token: Authorization: Bearer TOKEN.\n";
        return (StatusCode::UNAUTHORIZED, why).into_response();
    }
    match web.store.metrics().await {
        Ok(numbers) => {
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            let text = text(&numbers, web.frames.clients());
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Digests are compared, so that the time it takes says nothing of the token.
fn bears(headers: &HeaderMap, token: &str) -> bool {
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    given.is_some_and(|given| Sha256::digest(given.trim()) == Sha256::digest(token))
}

fn text(numbers: &Numbers, clients: usize) -> String {
    let stats = &numbers.stats;
    let mut out = String::new();
    let mut add = |name: &str, kind: &str, help: &str, values: &[(String, f64)]| {
        out += &format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in values {
            out += &format!("{name}{labels} {value}\n");
        }
    };
    let one = |value: u64| [(String::new(), value as f64)];
    let state = |state: &str, value: u64| (format!("{{state=\"{state}\"}}"), value as f64);
    add(
        "layer_queue_depth",
        "gauge",
        "Open deletions by state.",
        &[
            state("waiting", stats.deletions_waiting),
            state("held", stats.held),
            state("failed", stats.failed),
        ],
    );
    add(
        "layer_deletions_failed",
        "gauge",
        "Deletions that failed after five tries.",
        &one(stats.failed),
    );
    let failures: Vec<(String, f64)> = numbers
        .failures
        .iter()
        .map(|(code, failed)| (format!("{{code=\"{code}\"}}"), *failed as f64))
        .collect();
    add(
        "layer_deletions_failed_by_code",
        "gauge",
        "The same by why the database refused.",
        &failures,
    );
    add(
        "layer_deletions_overdue",
        "gauge",
        "Deletions open for more than 48 hours, without the failed.",
        &one(stats.overdue),
    );
    add(
        "layer_oldest_deletion_age_seconds",
        "gauge",
        "Age of the oldest open deletion; 0 where none is open.",
        &one(numbers.oldest_seconds),
    );
    add(
        "layer_leads_erased_total",
        "counter",
        "Leads erased so far.",
        &one(stats.deleted),
    );
    add(
        "layer_leads",
        "gauge",
        "Leads not yet erased.",
        &one(stats.leads),
    );
    add(
        "layer_queue_paused",
        "gauge",
        "1 while the queue is paused.",
        &one(u64::from(numbers.paused)),
    );
    add(
        "layer_batches_total",
        "counter",
        "Batches that this node's worker committed.",
        &one(numbers.batches),
    );
    add(
        "layer_batch_seconds_total",
        "counter",
        "How long they took together.",
        &[(String::new(), numbers.batch_time.as_secs_f64())],
    );
    add(
        "layer_audit_entries_total",
        "counter",
        "Entries of the audit log.",
        &one(numbers.entries),
    );
    add(
        "layer_live_clients",
        "gauge",
        "Open live streams of this node.",
        &one(clients as u64),
    );
    out
}
