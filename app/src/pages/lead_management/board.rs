//! What Lead Management shows, and how it is read anew.

use domain::deletion_queue::{LeadManagement, QueuePage, QueueRequest, QueueRow, QueueTab};
use domain::erased_lead::ErasedLead;
use domain::lead::LeadRow;
use domain::live::Frame;
use domain::permission::QueueScope;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use super::queue::HEADING;
use crate::deletion_queue;
use crate::error::Error;
use crate::live::Live;
use crate::parts::focus;
use crate::parts::pace::paced;
use crate::parts::pages::join;
use crate::parts::shell::use_shell;

/// What of the queue is looked at: tab and search, both in the address.
#[derive(Clone, Copy)]
pub struct View {
    /// The tab.
    pub tab: Memo<QueueTab>,
    /// What is typed in `Find a lead`.
    pub search: Memo<String>,
}

impl View {
    /// As the address has it.
    pub fn of_address() -> Self {
        let query = use_query_map();
        let of = move |name| query.with(|query| query.get(name)).unwrap_or_default();
        Self {
            tab: Memo::new(move |_| QueueTab::from_label(&of("tab")).unwrap_or_default()),
            search: Memo::new(move |_| of("q")),
        }
    }

    /// What to ask for.
    pub fn request(self, after: Option<i64>) -> QueueRequest {
        QueueRequest {
            tab: self.tab.get_untracked(),
            search: self.search.get_untracked(),
            after,
        }
    }
}

/// The address of a tab with a search.
pub fn address(tab: QueueTab, search: &str) -> String {
    let mut query = ParamsMap::new();
    if tab != QueueTab::Open {
        query.insert("tab", tab.label().to_lowercase());
    }
    if !search.is_empty() {
        query.insert("q", search.to_owned());
    }
    format!("/settings/lead-management{}", query.to_query_string())
}

/// What the page shows. Signals and not a resource, so that a change redraws what changed and nothing that somebody is
/// pointing at or typing in.
#[derive(Clone, Copy)]
pub struct Board {
    /// What is looked at.
    pub view: View,
    /// Everything but the rows.
    pub management: RwSignal<LeadManagement>,
    /// The rows so far.
    pub rows: RwSignal<Vec<QueueRow>>,
    /// Where the next page goes on.
    pub next: RwSignal<Option<i64>>,
    /// "Not in the queue".
    pub not_in_queue: RwSignal<Vec<LeadRow>>,
    /// The erased lead whose reference is searched for.
    pub erased: RwSignal<Option<ErasedLead>>,
    /// The last reading failed: what stands may be old.
    pub problem: RwSignal<Option<Error>>,
    /// How many pages are shown: reading anew reads as many.
    pages: StoredValue<usize>,
    /// Counts what was looked at: an answer for something else is dropped.
    turn: StoredValue<u32>,
    /// The turn and the chain's sequence of the rows that are shown: an older answer is dropped.
    shown: StoredValue<(u32, i64)>,
    /// The page is being read anew.
    rereading: StoredValue<bool>,
    /// Something changed meanwhile, which that reading may not have.
    again: StoredValue<bool>,
    live: Live,
    scope: Option<QueueScope>,
}

impl Board {
    /// As it was first read.
    pub fn new(view: View, management: LeadManagement, queue: QueuePage) -> Self {
        Self {
            view,
            management: RwSignal::new(management),
            rows: RwSignal::new(queue.rows),
            next: RwSignal::new(queue.next),
            not_in_queue: RwSignal::new(queue.not_in_queue),
            erased: RwSignal::new(queue.erased),
            problem: RwSignal::new(None),
            pages: StoredValue::new(1),
            turn: StoredValue::new(0),
            shown: StoredValue::new((0, queue.sequence)),
            rereading: StoredValue::new(false),
            again: StoredValue::new(false),
            live: expect_context(),
            // Untracked: this runs in the page's Suspend, and a change of the shell must not build the page anew.
            scope: untrack(|| use_shell().with(|shell| shell.queue_scope)),
        }
    }

    /// Reads anew whenever something changed: at once, then at most once a second.
    pub fn keep_fresh(self) {
        let shell = use_shell();
        paced(
            1000,
            move || (shell.changes(), self.live.sequence.get()),
            move || self.reread(),
        );
        Effect::new(move |before: Option<(QueueTab, String)>| {
            let now = (self.view.tab.get(), self.view.search.get());
            if before.is_some_and(|before| before != now) {
                self.pages.set_value(1);
                self.look();
            }
            now
        });
    }

    /// The live numbers where they are newer than what was read. They are of the whole queue, so they aren't for who
    /// sees only a part of it.
    pub fn frame(self) -> Option<Frame> {
        (!self.sees_own())
            .then(|| self.live.now())
            .flatten()
            .filter(|frame| self.management.with(|m| frame.sequence >= m.sequence))
    }

    /// Whether the rows are those of one's own orders alone.
    pub fn sees_own(self) -> bool {
        self.scope == Some(QueueScope::OwnOrders)
    }

    /// Shows one page more.
    pub fn more(self) {
        self.pages.update_value(|pages| *pages += 1);
        self.look();
    }

    /// Something else is looked at: reads its rows at once.
    fn look(self) {
        self.turn.update_value(|turn| *turn += 1);
        leptos::task::spawn_local(self.read_rows());
    }

    /// Reads the page anew. A reading that is on is let finish, so that steady changes show too, and then it goes again,
    /// so that the last change isn't missed.
    fn reread(self) {
        if self.rereading.get_value() {
            self.again.set_value(true);
            return;
        }
        self.rereading.set_value(true);
        leptos::task::spawn_local(async move {
            self.read_rows().await;
            self.read_management().await;
            _ = self.rereading.try_update_value(|on| *on = false);
            // Nothing when the page is gone.
            if self.again.try_update_value(std::mem::take) == Some(true) {
                self.reread();
            }
        });
    }

    async fn read_management(self) {
        match deletion_queue::lead_management().await {
            Ok(read) => {
                let known = self.management.try_with_untracked(|m| m.sequence);
                if known.is_some_and(|known| read.sequence >= known) {
                    self.management.set(read);
                }
            }
            Err(error) => _ = self.problem.try_set(Some(error)),
        }
    }

    async fn read_rows(self) {
        let Some(turn) = self.turn.try_get_value() else {
            return;
        };
        let read = read_pages(self.view.request(None), self.pages.get_value()).await;
        if self.turn.try_get_value() != Some(turn) {
            return;
        }
        match read {
            Ok(all) => {
                let read = (turn, all.sequence);
                if read >= self.shown.get_value() {
                    self.shown.set_value(read);
                    focus::keep(HEADING, || {
                        self.rows.set(all.rows);
                        self.next.set(all.next);
                        self.not_in_queue.set(all.not_in_queue);
                        self.erased.set(all.erased);
                    });
                }
                self.problem.set(None);
            }
            Err(error) => self.problem.set(Some(error)),
        }
    }
}

/// The first so many pages as one. "Not in the queue" comes whole with each, and the first is the oldest.
async fn read_pages(first: QueueRequest, pages: usize) -> Result<QueuePage, Error> {
    let all = deletion_queue::queue(first.clone()).await?;
    join(
        all,
        pages,
        |all: &QueuePage| all.next,
        async |all, after| {
            let request = QueueRequest {
                after: Some(after),
                ..first.clone()
            };
            let page = deletion_queue::queue(request).await?;
            all.rows.extend(page.rows);
            all.next = page.next;
            Ok(())
        },
    )
    .await
}
