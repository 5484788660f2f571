//! The live stream, as a context: what it last said, and whether it is open.
//!
//! HTTP/1.1 gives a browser six connections over all its tabs, so only one visible tab holds the stream (a Web Lock) and
//! tells the others (a BroadcastChannel). A hidden tab gives it up. While there is no stream, the page asks every five
//! seconds, and says so; where even that isn't answered, a banner says from when the page is.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::live::Frame;
use domain::time::Clock;
use gloo_timers::callback::Interval;
use js_sys::{Date, Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{BroadcastChannel, EventSource, MessageEvent};

use crate::error::Error;
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
    /// The company's clock when the page was rendered.
    clock: StoredValue<Clock>,
    /// The browser's time when the page was taken over.
    began: StoredValue<f64>,
    /// The browser's time when the server was last heard of.
    heard_at: StoredValue<f64>,
    /// The server is being asked.
    asking: StoredValue<bool>,
}

thread_local! {
    /// The page's, for calls that fail anywhere on it. In the browser alone.
    static HERE: Cell<Option<Live>> = const { Cell::new(None) };
}

/// A call didn't reach the server: asks whether it is there at all.
pub fn doubt() {
    if let Some(live) = HERE.get() {
        live.ask();
    }
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
    /// The server doesn't answer at all: the page asks on.
    Away,
    /// The session ended: in another tab, by its time, or by a Layer Admin.
    SignedOut,
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
        let Some(now) = self.connection.try_get_untracked() else {
            return;
        };
        if now == Connection::Open {
            self.is_heard();
        }
        if now != connection {
            _ = self.connection.try_set(connection);
        }
    }

    /// The stream is gone. That may be all: whether the server is there says the asking.
    fn lose(self) {
        let now = self.connection.try_get_untracked();
        if matches!(now, Some(Connection::Open | Connection::Opening)) {
            self.turn(Connection::Lost);
        }
    }

    /// Whether the page can't be kept up: the server doesn't answer, or not to this person.
    fn is_gone(self) -> bool {
        let now = self.connection.try_get_untracked();
        matches!(now, Some(Connection::Away | Connection::SignedOut))
    }

    fn is_heard(self) {
        _ = self.heard_at.try_update_value(|at| *at = Date::now());
    }

    /// From when the page is, in the company's time: "13:42". In the browser alone.
    pub fn heard_at(self) -> String {
        let passed = self.heard_at.get_value() - self.began.get_value();
        self.clock.with_value(|clock| clock.after(passed as i64))
    }

    /// Asks whether the server is there, and what came meanwhile. Only in handlers and effects.
    pub fn ask(self) {
        let asking = |asking: &mut bool| std::mem::replace(asking, true);
        if self.asking.try_update_value(asking) != Some(false) {
            return;
        }
        leptos::task::spawn_local(async move {
            let answer = session::shell().await;
            _ = self.asking.try_update_value(|asking| *asking = false);
            match answer {
                Ok(shell) => {
                    self.is_heard();
                    self.heard(shell.sequence);
                    if self.is_gone() {
                        self.turn(Connection::Lost);
                    }
                }
                Err(Error(domain::Error::Unreachable)) => self.turn(Connection::Away),
                Err(Error(domain::Error::SignedOut)) => self.turn(Connection::SignedOut),
                // It is there, and has troubles of its own.
                Err(_) => {}
            }
        });
    }
}

/// Provides [`Live`] to a signed-in page that was rendered at `since`, when the company's clock showed this.
pub fn provide_live(since: i64, clock: Clock) -> Live {
    let live = Live {
        frame: RwSignal::new(None),
        sequence: RwSignal::new(since),
        connection: RwSignal::new(Connection::Opening),
        clock: StoredValue::new(clock),
        began: StoredValue::new(0.0),
        heard_at: StoredValue::new(0.0),
        asking: StoredValue::new(false),
    };
    provide_context(live);
    // What belongs to one thread is made in the effect: the server cleans a page up on whichever thread is free.
    Effect::new(move || {
        live.began.set_value(Date::now());
        live.is_heard();
        HERE.set(Some(live));
        let held = StoredValue::new_local(Some(Listener::start(live)));
        on_cleanup(move || {
            HERE.set(None);
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
        Connection::Away => badge("badge danger", "Not reachable"),
        Connection::SignedOut => badge("badge danger", "Signed out"),
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
        if self.source.take().is_some()
            && self.live.connection.try_get_untracked() == Some(Connection::Open)
        {
            self.tell(Connection::Opening);
        }
        if let Some(release) = self.release.take() {
            _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    fn open(self: &Rc<Self>) {
        let since = self.live.sequence.try_get_untracked().unwrap_or_default();
        let Ok(stream) = EventSource::new(&format!("/live?since={since}")) else {
            return self.lose();
        };
        let opened = self.call(|this, _| this.tell(Connection::Open));
        let said = self.call(|this, message| {
            if let Some(text) = message.data().as_string() {
                this.post(&text);
                this.heard(&text);
            }
        });
        // The browser tries again by itself, unless the server refused: then the next asking does.
        let lost = self.call(|this, _| this.lose());
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
            Some("lost") => {
                self.live.lose();
                self.look();
            }
            // What is between this tab and the server it finds out by itself.
            Some("away") => self.look(),
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
            Connection::Away | Connection::SignedOut => "away",
        });
    }

    /// Asks the server, where somebody can see the answer.
    fn look(&self) {
        if !document().hidden() {
            self.live.ask();
        }
    }

    /// The stream broke: the others hear of it, and the server is asked at once whether it is there.
    fn lose(&self) {
        self.live.lose();
        self.post("lost");
        self.live.ask();
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
        let state = (self.source.borrow().as_ref()).map(|source| source.stream.ready_state());
        match state {
            // A call failed and the stream did not.
            Some(EventSource::OPEN) if !self.live.is_gone() => return self.tell(Connection::Open),
            Some(EventSource::CLOSED) => {
                self.source.take();
                self.open();
            }
            Some(_) => {}
            // Another tab may have it by now.
            None => self.post("hello"),
        }
        self.live.lose();
        self.live.ask();
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
