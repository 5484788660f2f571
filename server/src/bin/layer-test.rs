//! The same program with a clock that the end-to-end tests set: `POST /test/clock`, `POST /test/drain`. In no release.

use std::process::ExitCode;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use clap::Parser;
use domain::audit::ActorRef;
use domain::time::Millis;
use serde::Deserialize;
use server::clock::SetClock;
use server::command::{self, Cli, Command};
use server::database::Priority;
use server::store::{Store, sql};
use server::worker;

/// Tuesday 24 November 2026, 10:00 in London: within business hours.
const START: Millis = Millis(1_795_514_400_000);

#[derive(Deserialize)]
struct Set {
    now: Option<i64>,
    advance: Option<i64>,
}

#[derive(Clone)]
struct Tests {
    store: Arc<Store>,
    clock: SetClock,
}

#[tokio::main]
async fn main() -> ExitCode {
    command::start_log();
    let cli = Cli::parse();
    if let Command::Serve(options) = &cli.command
        && !options.listen.ip().is_loopback()
    {
        eprintln!("layer-test listens on 127.0.0.1 alone.");
        return ExitCode::from(2);
    }
    let clock = SetClock::new(START);
    let routes = {
        let clock = clock.clone();
        Box::new(move |store| {
            Router::new()
                .route("/test/clock", post(set_clock))
                .route("/test/drain", post(drain))
                .route("/test/write", post(write))
                .with_state(Tests { store, clock })
        })
    };
    command::exit(command::run(cli, Arc::new(clock), Some(routes)).await)
}

async fn set_clock(State(tests): State<Tests>, Json(set): Json<Set>) -> StatusCode {
    if let Some(now) = set.now {
        tests.clock.set(Millis(now));
    }
    if let Some(millis) = set.advance {
        tests.clock.advance(millis);
    }
    // Pages show what the clock changes, and the queue may be due.
    if let Ok(sequence) = tests.store.sequence().await {
        tests.store.tell(sequence);
    }
    tests.store.queue_bell().notify_one();
    StatusCode::NO_CONTENT
}

/// Runs a statement on the test's own database: what happens to a company's data from elsewhere.
async fn write(State(tests): State<Tests>, statement: String) -> (StatusCode, String) {
    let write = async {
        let writing = tests.store.begin(Priority::Person).await?;
        sql::execute(writing.tx(), &statement, []).await?;
        writing.commit_quietly().await
    };
    match write.await {
        Ok(()) => (StatusCode::OK, String::new()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

async fn drain(State(tests): State<Tests>) -> (StatusCode, String) {
    match worker::drain(&tests.store, true, ActorRef::Worker).await {
        Ok(_) => (StatusCode::OK, String::new()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}
