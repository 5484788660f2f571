//! Toasts: what was done, with Undo and a link to the order. They stand in a live region, so that they are also heard.

use std::sync::Arc;

use domain::deletion_order::OrderId;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::deletion_order;
use crate::error::Error;
use crate::parts::focus;
use crate::parts::icon::Icon;
use crate::parts::shell::CurrentShell;

/// A toast goes by itself after so many seconds, unless it is pointed at or has the focus.
const SECONDS: u32 = 20;

/// What Undo does. It outlives the page that made it.
pub type Undo = Arc<dyn Fn() + Send + Sync>;

/// One message.
#[derive(Clone)]
pub struct Toast {
    /// "3 leads deleted. They leave the system at 19:00."
    pub message: String,
    /// The order to link to.
    pub order: Option<OrderId>,
    /// What the button `Undo` does.
    pub undo: Option<Undo>,
    /// Something went wrong.
    pub bad: bool,
}

/// The messages that stand, as a context.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<(u32, Toast)>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Provides it to all below.
    pub fn provide() -> Self {
        let toasts = Self {
            shown: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// Shows one. The two latest stay.
    pub fn show(self, toast: Toast) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| {
            shown.push((id, toast));
            if shown.len() > 2 {
                shown.remove(0);
            }
        });
    }

    /// A message alone.
    pub fn say(self, message: impl Into<String>) {
        self.show(Toast {
            message: message.into(),
            order: None,
            undo: None,
            bad: false,
        });
    }

    /// Something went wrong.
    pub fn fail(self, error: &Error) {
        self.show(Toast {
            message: error.to_string(),
            order: None,
            undo: None,
            bad: true,
        });
    }

    /// A confirmed order, with its link and its Undo.
    pub fn order(self, message: String, order: OrderId, shell: CurrentShell) {
        self.show(Toast {
            message,
            order: Some(order),
            undo: Some(Arc::new(move || undo_order(order, self, shell))),
            bad: false,
        });
    }

    /// The order is undone: its message offers nothing any more.
    fn forget(self, order: OrderId) {
        self.shown
            .update(|shown| shown.retain(|(_, toast)| toast.order != Some(order)));
    }

    fn dismiss(self, id: u32) {
        self.shown
            .update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Takes an order back, says what came of it, and lets the pages read anew.
pub fn undo_order(order: OrderId, toasts: Toasts, shell: CurrentShell) {
    leptos::task::spawn_local(async move {
        match deletion_order::undo(order).await {
            Ok(undone) => {
                toasts.forget(order);
                toasts.say(undone.message);
            }
            Err(error) => toasts.fail(&error),
        }
        shell.refresh();
    });
}

/// The live region with the messages.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|(id, _)| *id let((id, toast))>
                <OneToast id toast />
            </For>
        </div>
    }
}

#[component]
fn OneToast(id: u32, toast: Toast) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let timer = StoredValue::new_local(None::<Timeout>);
    // Dropping a timeout stops it.
    let stay = move || timer.set_value(None);
    let go = move || {
        timer.set_value(Some(Timeout::new(SECONDS * 1000, move || {
            toasts.dismiss(id)
        })));
    };
    Effect::new(go);
    let dismiss = move || focus::keep("main", || toasts.dismiss(id));
    let undo = toast.undo.map(|undo| {
        let press = move |_| {
            dismiss();
            undo();
        };
        view! { <button type="button" on:click=press>"Undo"</button> }
    });
    let order = toast.order.map(|order| {
        view! { <a href=format!("/settings/lead-management/orders/{order}")>"See the order"</a> }
    });
    view! {
        <div
            class="toast"
            class:bad=toast.bad
            on:mouseenter=move |_| stay()
            on:mouseleave=move |_| go()
            on:focusin=move |_| stay()
            on:focusout=move |_| go()
        >
            <span>{toast.message}</span>
            {undo}
            {order}
            <button type="button" class="close" aria-label="Dismiss the message" on:click=move |_| dismiss()>
                <Icon icon=Icon::X />
            </button>
        </div>
    }
}
