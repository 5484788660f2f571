//! The live stream: server-sent events that say that something changed. Frames are rendered once a node.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::lead_stats::LeadStats;
use domain::live::Frame;
use domain::member::MemberId;
use domain::time::{Millis, SECOND};
use domain::{Actor, Permission};
use futures::stream;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tower_sessions::Session;

use super::Web;
use crate::lasting;
use crate::store::Store;

/// At most four frames a second.
const PACE: Duration = Duration::from_millis(250);

/// The head is read so often, for what other processes did.
const LOOK: Duration = Duration::from_millis(330);

/// The frame is also read so often, for what the clock alone changes: what is overdue, when the next run is.
const CLOCK: i64 = 20 * SECOND;

/// How often a stream asks whether its session still stands.
const CHECK: Duration = Duration::from_secs(2);

/// So many streams for one person: a browser opens one for all its tabs, so these are ten browsers.
const STREAMS: usize = 10;

/// A frame as it is sent.
#[derive(Debug, Clone, Default)]
struct Rendered {
    sequence: i64,
    /// For who sees the queue.
    full: Arc<str>,
    /// For others: that something changed, and no numbers.
    bare: Arc<str>,
}

/// The frames of this node, newest only.
#[derive(Debug, Clone)]
pub struct Frames {
    newest: watch::Receiver<Rendered>,
    stop: watch::Receiver<bool>,
    streams: Streams,
}

/// How many streams each person has open on this node.
type Streams = Arc<Mutex<HashMap<MemberId, usize>>>;

/// Where a page's knowledge ends.
#[derive(Debug, Deserialize)]
pub struct Since {
    /// The chain's sequence at which it was read.
    #[serde(default)]
    since: i64,
}

impl Frames {
    /// Watches the chain until `stop` says so.
    pub fn start(store: Arc<Store>, stop: watch::Receiver<bool>) -> Self {
        let (send, newest) = watch::channel(Rendered::default());
        let stopped = stop.clone();
        lasting::spawn("live", &store, move |store| {
            let (send, mut stopped) = (send.clone(), stopped.clone());
            async move {
                tokio::select! {
                    () = watch_chain(store, send) => {}
                    _ = stopped.wait_for(|stop| *stop) => {}
                }
            }
        });
        Self {
            newest,
            stop,
            streams: Streams::default(),
        }
    }

    /// How many streams are open on this node.
    pub fn clients(&self) -> usize {
        lock(&self.streams).values().sum()
    }
}

/// One open stream of a person; it is counted as long as it lives.
struct Place {
    streams: Streams,
    member: MemberId,
}

impl Place {
    /// `None` where the person has too many already.
    fn take(streams: &Streams, member: MemberId) -> Option<Self> {
        let mut open = lock(streams);
        let count = open.entry(member).or_default();
        if *count >= STREAMS {
            return None;
        }
        *count += 1;
        Some(Self {
            streams: streams.clone(),
            member,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.streams);
        if let Some(count) = open.get_mut(&self.member) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.member);
            }
        }
    }
}

fn lock(streams: &Streams) -> MutexGuard<'_, HashMap<MemberId, usize>> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this node has read for its streams.
pub struct Watch {
    store: Arc<Store>,
    /// The head at which the last frame was read; `None` where one is owed.
    known: Option<(i64, i64)>,
    read_at: Millis,
}

impl Watch {
    /// Nothing is read yet.
    pub fn new(store: Arc<Store>) -> Self {
        Self {
            read_at: store.now(),
            store,
            known: None,
        }
    }

    /// Reads the frame, where something was `told`, or the head or the clock moved; `None` where none of it is so. What could
    /// not be read is owed: the next look reads it.
    pub async fn look(&mut self, told: bool) -> domain::Result<Option<Frame>> {
        if told {
            self.known = None;
        }
        let head = self.store.head().await?;
        let now = self.store.now();
        if self.known == Some(head) && (now.0 - self.read_at.0).abs() < CLOCK {
            return Ok(None);
        }
        let frame = self.store.frame().await?;
        // Not sooner: who told it doesn't tell it again.
        (self.known, self.read_at) = (Some(head), now);
        Ok(Some(frame))
    }
}

async fn watch_chain(store: Arc<Store>, send: watch::Sender<Rendered>) {
    let mut acts = store.acts();
    let mut watch = Watch::new(store.clone());
    let mut last: Option<Frame> = None;
    loop {
        // An act of this process wakes it at once, and so does another node that says so; any other process's shows in the
        // head.
        let told = tokio::select! {
            _ = acts.changed() => true,
            () = store.heard().notified() => true,
            () = sleep(LOOK) => false,
        };
        match watch.look(told).await {
            Ok(None) => continue,
            Ok(Some(frame)) if last.as_ref() != Some(&frame) => {
                warn_of(
                    last.as_ref().map(|last| last.stats).unwrap_or_default(),
                    frame.stats,
                );
                send.send_replace(render(frame.clone()));
                last = Some(frame);
            }
            // What could not be read is in the log where it arose.
            Ok(Some(_)) | Err(_) => {}
        }
        sleep(PACE).await;
    }
}

/// What a Layer Admin must look at, for whoever watches the log: once, when it grows. Numbers alone.
fn warn_of(before: LeadStats, now: LeadStats) {
    if now.failed > before.failed || now.overdue > before.overdue {
        tracing::warn!(
            failed = now.failed,
            overdue = now.overdue,
            "deletions failed or weren't processed within 48 hours"
        );
    }
}

fn render(frame: Frame) -> Rendered {
    let text = |frame: &Frame| serde_json::to_string(frame).unwrap_or_default().into();
    let bare = Frame {
        stats: LeadStats::default(),
        run: None,
        paused: false,
        next_run: String::new(),
        ..frame.clone()
    };
    Rendered {
        sequence: frame.sequence,
        full: text(&frame),
        bare: text(&bare),
    }
}

/// `/live?since=SEQ`: what changed since then at once, and then as it comes, until the session ends. A person's eleventh
/// answers 429; the page then asks from time to time.
pub async fn stream(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(Since { since }): Query<Since>,
    session: Session,
) -> Response {
    let Some(place) = Place::take(&web.frames.streams, actor.member) else {
        let error = domain::Error::TooMany;
        return (StatusCode::TOO_MANY_REQUESTS, error.to_string()).into_response();
    };
    let watching = Watching {
        sees_queue: actor.may(Permission::SeeQueue),
        newest: web.frames.newest,
        stop: web.frames.stop,
        store: web.store,
        session,
        since,
        begun: false,
        _place: place,
    };
    let events = stream::unfold(watching, |mut watching| async move {
        let event = watching.next().await?;
        Some((Ok::<_, Infallible>(event), watching))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response()
}

struct Watching {
    newest: watch::Receiver<Rendered>,
    stop: watch::Receiver<bool>,
    store: Arc<Store>,
    session: Session,
    sees_queue: bool,
    /// What the page knows: nothing older is sent.
    since: i64,
    begun: bool,
    _place: Place,
}

impl Watching {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if !std::mem::replace(&mut self.begun, true) {
            let newest = self.newest.borrow_and_update().clone();
            if newest.sequence > self.since {
                // Whoever reads slowly asked for it long ago.
                if !self.still_may().await {
                    return None;
                }
                return Some(self.event(&newest));
            }
        }
        loop {
            let check = Instant::now() + CHECK;
            let mut stop = self.stop.clone();
            let changed = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return None,
                changed = timeout_at(check, self.newest.changed()) => changed,
            };
            // After waiting: what changed can be what this person may see.
            if *self.stop.borrow() || !self.still_may().await {
                return None;
            }
            match changed {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => continue,
            }
            let newest = self.newest.borrow_and_update().clone();
            if newest.sequence >= self.since {
                return Some(self.event(&newest));
            }
        }
    }

    fn event(&self, frame: &Rendered) -> Event {
        Event::default().data(if self.sees_queue {
            &*frame.full
        } else {
            &*frame.bare
        })
    }

    /// Whether the session still stands, and from now on what its person sees: a role can change meanwhile.
    async fn still_may(&mut self) -> bool {
        let Some(id) = self.session.id() else {
            return false;
        };
        match self.store.session_sees_queue(&id).await {
            Ok(Some(sees)) => {
                self.sees_queue = sees;
                true
            }
            _ => false,
        }
    }
}
