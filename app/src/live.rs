//! The live stream, as a context: what it last said, and whether it is open.
//!
//! HTTP/1.1 gives a browser six connections over all its tabs, so only one visible tab holds the stream (a Web Lock) and
//! tells the others (a BroadcastChannel). A hidden tab gives it up. While there is no stream, the page asks every five
//! seconds, and says so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::live::Frame;
use gloo_timers::callback::Interval;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{BroadcastChannel, EventSource, MessageEvent};

use crate::session;

/// The name of the lock and of the channel.
const NAME: &str = "layer-live";
/// How often a page without a stream asks.
const ASK_EVERY: u32 = 5_000;

/// What the stream last said.
#[derive(Clone, Copy)]
pub struct Live {
    /// The last frame; `None` before the first.
    pub frame: RwSignal<Option<Frame>>,
    /// The newest sequence of the chain that this page has heard of, from the stream or by asking.
    pub sequence: RwSignal<i64>,
    /// Whether the stream is open.
    pub connection: RwSignal<Connection>,
}

/// How the stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Not tried yet, or on its way.
    Opening,
    /// Open, here or in another tab.
    Open,
    /// Lost: the page asks every five seconds.
    Lost,
}

impl Live {
    /// The frame, tracked, while the stream is open; what an interrupted one said may be old.
    pub fn now(self) -> Option<Frame> {
        if self.connection.get() == Connection::Open {
            self.frame.get()
        } else {
            None
        }
    }

    fn take(self, frame: Frame) {
        // A late word of another tab must not turn the page back.
        if self
            .sequence
            .try_get_untracked()
            .is_some_and(|known| frame.sequence >= known)
        {
            self.heard(frame.sequence);
            _ = self.frame.try_set(Some(frame));
        }
    }

    fn heard(self, sequence: i64) {
        if self
            .sequence
            .try_get_untracked()
            .is_some_and(|known| sequence > known)
        {
            _ = self.sequence.try_set(sequence);
        }
    }

    fn turn(self, connection: Connection) {
        if self
            .connection
            .try_get_untracked()
            .is_some_and(|now| now != connection)
        {
            _ = self.connection.try_set(connection);
        }
    }
}

/// Provides [`Live`] to a signed-in page that was rendered at `since`.
pub fn provide_live(since: i64) -> Live {
    let live = Live {
        frame: RwSignal::new(None),
        sequence: RwSignal::new(since),
        connection: RwSignal::new(Connection::Opening),
    };
    provide_context(live);
    // What belongs to one thread is made in the effect: the server cleans a page up on whichever thread is free.
    Effect::new(move || {
        let held = StoredValue::new_local(Some(Listener::start(live)));
        on_cleanup(move || {
            if let Some(listener) = held.try_update_value(Option::take).flatten() {
                listener.stop();
            }
        });
    });
    live
}

/// The badge: "Live", or how else the page keeps up.
#[component]
pub fn LiveBadge() -> impl IntoView {
    let live = expect_context::<Live>();
    move || match live.connection.get() {
        Connection::Opening => badge("badge", "Connecting…"),
        Connection::Open => badge("badge good", "Live"),
        Connection::Lost => badge("badge warn", "Not live, asking every 5 s"),
    }
}

fn badge(class: &'static str, words: &'static str) -> impl IntoView {
    view! {
        <span class=class>
            <span class="dot"></span>
            <span>{words}</span>
        </span>
    }
}

/// One page's part in the one stream of the browser.
struct Listener {
    live: Live,
    channel: Option<BroadcastChannel>,
    source: RefCell<Option<Source>>,
    /// Gives the lock back.
    release: RefCell<Option<Function>>,
    /// The lock was asked for and isn't here yet.
    asked: Cell<bool>,
    stopped: Cell<bool>,
    interval: RefCell<Option<Interval>>,
    hears: RefCell<Option<WindowListenerHandle>>,
}

/// An open stream with what it calls.
struct Source {
    stream: EventSource,
    _calls: [Closure<dyn FnMut(MessageEvent)>; 3],
}

impl Drop for Source {
    fn drop(&mut self) {
        self.stream.set_onopen(None);
        self.stream.set_onmessage(None);
        self.stream.set_onerror(None);
        self.stream.close();
    }
}

impl Listener {
    fn start(live: Live) -> Rc<Self> {
        let this = Rc::new(Self {
            live,
            channel: BroadcastChannel::new(NAME).ok(),
            source: RefCell::new(None),
            release: RefCell::new(None),
            asked: Cell::new(false),
            stopped: Cell::new(false),
            interval: RefCell::new(None),
            hears: RefCell::new(None),
        });
        if let Some(channel) = &this.channel {
            let call = this.call(|this, message| this.told(&message));
            channel.set_onmessage(Some(call.as_ref().unchecked_ref()));
            // It lives as long as the page's channel does: once in a visit.
            call.forget();
        }
        let weak = Rc::downgrade(&this);
        // It bubbles to the window.
        let hears = window_event_listener_untyped("visibilitychange", move |_| {
            if let Some(this) = weak.upgrade() {
                this.attend();
            }
        });
        *this.hears.borrow_mut() = Some(hears);
        let weak = Rc::downgrade(&this);
        *this.interval.borrow_mut() = Some(Interval::new(ASK_EVERY, move || {
            if let Some(this) = weak.upgrade() {
                this.ask();
            }
        }));
        this.attend();
        this
    }

    fn stop(&self) {
        self.stopped.set(true);
        self.interval.take();
        if let Some(hears) = self.hears.take() {
            hears.remove();
        }
        if let Some(channel) = &self.channel {
            channel.set_onmessage(None);
        }
        self.leave();
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }

    /// Takes part while somebody can see this tab.
    fn attend(self: &Rc<Self>) {
        if document().hidden() {
            self.leave();
        } else {
            self.join();
        }
    }

    fn join(self: &Rc<Self>) {
        if self.asked.get() || self.source.borrow().is_some() {
            return;
        }
        self.post("hello");
        let this = self.clone();
        let granted = Closure::once_into_js(move || this.hold());
        self.asked.set(request_lock(&granted).is_some());
        if !self.asked.get() {
            // Only addresses with https, and this machine, have locks: elsewhere each tab has a stream of its own.
            self.open();
        }
    }

    /// The lock is here. It is held until the promise that this answers is kept.
    fn hold(self: &Rc<Self>) -> JsValue {
        self.asked.set(false);
        if self.stopped.get() || document().hidden() {
            return JsValue::UNDEFINED;
        }
        self.open();
        let kept = |resolve: Function, _| *self.release.borrow_mut() = Some(resolve);
        Promise::new(&mut { kept }).into()
    }

    fn leave(&self) {
        if self.source.take().is_some() {
            self.tell(Connection::Opening);
        }
        if let Some(release) = self.release.take() {
            _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    fn open(self: &Rc<Self>) {
        let since = self.live.sequence.try_get_untracked().unwrap_or_default();
        let Ok(stream) = EventSource::new(&format!("/live?since={since}")) else {
            return self.tell(Connection::Lost);
        };
        let opened = self.call(|this, _| this.tell(Connection::Open));
        let said = self.call(|this, message| {
            if let Some(text) = message.data().as_string() {
                this.post(&text);
                this.heard(&text);
            }
        });
        // The browser tries again by itself, unless the server refused: then the next asking does.
        let lost = self.call(|this, _| this.tell(Connection::Lost));
        stream.set_onopen(Some(opened.as_ref().unchecked_ref()));
        stream.set_onmessage(Some(said.as_ref().unchecked_ref()));
        stream.set_onerror(Some(lost.as_ref().unchecked_ref()));
        *self.source.borrow_mut() = Some(Source {
            stream,
            _calls: [opened, said, lost],
        });
    }

    /// A word of another tab: of the one with the stream how it stands, of the others a greeting.
    fn told(self: &Rc<Self>, message: &MessageEvent) {
        match message.data().as_string().as_deref() {
            Some("hello") if self.source.borrow().is_some() => {
                self.tell(self.live.connection.get_untracked());
            }
            Some("hello") => {}
            Some("opening") => self.live.turn(Connection::Opening),
            Some("open") => self.live.turn(Connection::Open),
            Some("lost") => self.live.turn(Connection::Lost),
            Some(frame) => self.heard(frame),
            None => {}
        }
    }

    fn heard(&self, text: &str) {
        if let Ok(frame) = serde_json::from_str(text) {
            self.live.turn(Connection::Open);
            self.live.take(frame);
        }
    }

    /// Keeps in mind how the stream stands, and tells the other tabs.
    fn tell(&self, connection: Connection) {
        self.live.turn(connection);
        self.post(match connection {
            Connection::Opening => "opening",
            Connection::Open => "open",
            Connection::Lost => "lost",
        });
    }

    fn post(&self, text: &str) {
        if let Some(channel) = &self.channel {
            // Fails only on a closed channel.
            _ = channel.post_message(&text.into());
        }
    }

    /// Without a stream: asks, and tries the stream again where the browser gave it up.
    fn ask(self: &Rc<Self>) {
        if document().hidden() || self.live.connection.try_get_untracked() == Some(Connection::Open)
        {
            return;
        }
        self.live.turn(Connection::Lost);
        let refused = (self.source.borrow().as_ref())
            .is_some_and(|source| source.stream.ready_state() == EventSource::CLOSED);
        if refused {
            self.source.take();
            self.open();
        }
        let live = self.live;
        leptos::task::spawn_local(async move {
            if let Ok(shell) = session::shell().await {
                live.heard(shell.sequence);
            }
        });
    }

    /// A call from the browser that doesn't keep the page's part alive.
    fn call(
        self: &Rc<Self>,
        act: impl Fn(&Rc<Self>, MessageEvent) + 'static,
    ) -> Closure<dyn FnMut(MessageEvent)> {
        let weak = Rc::downgrade(self);
        Closure::new(move |event| {
            if let Some(this) = weak.upgrade() {
                act(&this, event);
            }
        })
    }
}

/// Asks for the lock by name, because web-sys calls `navigator.locks` unstable; `None` where there are no locks.
fn request_lock(granted: &JsValue) -> Option<()> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    request.call2(&locks, &NAME.into(), granted).ok().map(drop)
}
