//! A page of Settings: a list, and above it the dialog that changes something of it.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::parts::form::Sending;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;

/// A list on its way.
pub type Reading<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
/// How a list is read.
pub type Read<T> = fn() -> Reading<T>;

/// Reads the list and shows it; else the page's heading stands over why not.
#[component]
pub fn ReadList<T>(
    /// The page's heading.
    title: &'static str,
    /// The sentence under it.
    hint: &'static str,
    /// Reads it.
    read: Read<T>,
    /// Shows it.
    shown: fn(T) -> AnyView,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    let first = Resource::new(|| (), move |()| read());
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(list) => shown(list),
                    Err(error) => {
                        view! {
                            <PageTop title=title hint=hint />
                            <div class="body">
                                <Problem error />
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The list `T` as it was last read, and which dialog `O` is open above it.
pub struct List<T: Send + Sync + 'static, O: Send + Sync + 'static> {
    /// As it was last read.
    pub shown: RwSignal<T>,
    open: RwSignal<Option<O>>,
    /// Counts what was pressed: a dialog that waits for the list opens only where nothing else was pressed since.
    turn: StoredValue<u32>,
    read: Read<T>,
    toasts: Toasts,
    shell: CurrentShell,
}

impl<T: Send + Sync + 'static, O: Send + Sync + 'static> Clone for List<T, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static, O: Send + Sync + 'static> Copy for List<T, O> {}

impl<T: Send + Sync + 'static, O: Clone + Send + Sync + 'static> List<T, O> {
    /// As it was first read.
    pub fn new(list: T, read: Read<T>) -> Self {
        Self {
            shown: RwSignal::new(list),
            open: RwSignal::new(None),
            turn: StoredValue::new(0),
            read,
            toasts: expect_context(),
            shell: use_shell(),
        }
    }

    /// The messages.
    pub fn toasts(self) -> Toasts {
        self.toasts
    }

    /// Reads it anew; one that can't be read leaves what stands, and says so.
    pub async fn reread(self) {
        if let Err(error) = self.refresh().await {
            self.toasts.fail(&error);
        }
    }

    async fn refresh(self) -> Result<()> {
        let list = (self.read)().await?;
        _ = self.shown.try_set(list);
        Ok(())
    }

    /// Opens a dialog on what is so at this moment; where that can't be read, on what stands, and says so.
    pub fn open(self, dialog: O) {
        let turn = self.next_turn();
        leptos::task::spawn_local(async move {
            self.reread().await;
            self.set_if(turn, dialog);
        });
    }

    /// Opens a dialog that shows nothing of the list, at once.
    pub fn open_now(self, dialog: O) {
        self.set(Some(dialog));
        leptos::task::spawn_local(self.reread());
    }

    /// Opens a dialog anew on what is there now: what was typed in it is gone then. Where that can't be read it stays, and
    /// its form, `sending`, says why.
    pub fn load(self, dialog: O, sending: Sending) -> Callback<()> {
        Callback::new(move |()| {
            let (turn, dialog) = (self.next_turn(), dialog.clone());
            leptos::task::spawn_local(async move {
                match self.refresh().await {
                    Ok(()) => self.set_if(turn, dialog),
                    Err(error) => sending.fail(error),
                }
            });
        })
    }

    fn next_turn(self) -> u32 {
        self.turn.update_value(|turn| *turn += 1);
        self.turn.get_value()
    }

    fn set(self, dialog: Option<O>) {
        self.next_turn();
        self.open.set(dialog);
    }

    fn set_if(self, turn: u32, dialog: O) {
        if self.turn.try_get_value() == Some(turn) {
            _ = self.open.try_set(Some(dialog));
        }
    }

    /// It was done.
    pub fn done(self, message: String) {
        self.set(None);
        self.toasts.say(message);
        self.shell.reread();
        leptos::task::spawn_local(self.reread());
    }

    /// What closes the dialog.
    pub fn close(self) -> Callback<()> {
        Callback::new(move |()| self.set(None))
    }

    /// The dialog that is open; `None` of one about what isn't in the list any more.
    pub fn dialog(self, draw: impl Fn(O) -> Option<AnyView> + Send + 'static) -> impl IntoView {
        move || {
            let open = self.open.get()?;
            untrack(|| draw(open))
        }
    }
}

/// The table of a list, with a last column for what can be changed.
#[component]
pub fn ListTable(
    /// The headings.
    columns: &'static [&'static str],
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="body">
            <div class="panel scroll">
                <table class="cards">
                    <thead>
                        <tr>
                            {columns.iter().map(|column| view! { <th scope="col">{*column}</th> }).collect_view()}
                            <th scope="col">
                                <span class="sr-only">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{children()}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}
