//! What the Grid View knows: the rows that are loaded, the as-of they stand at, and what is ticked.

use std::collections::BTreeSet;

use domain::lead::LeadId;
use domain::selection::Selection;
use domain::work_stack::{AsOf, GridPage, GridRows, GridView, RereadRequest, WorkStackId};
use leptos::html;
use leptos::prelude::*;

use super::address::{self, Address};
use super::keys::Cell;
use super::rows::{Row, Rows, Slot};
use super::scroll::Window;
use crate::error::Error;
use crate::parts::draft_dialog::DraftRequest;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::work_stack;

/// The state, as handles that every part of the screen can have.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) stack: WorkStackId,
    pub(super) address: Memo<Address>,
    /// The last refresh, less its rows.
    pub(super) info: RwSignal<GridPage>,
    /// How many leads the view takes, as of the last reading.
    pub(super) total: RwSignal<u64>,
    /// How many rows there are, loaded or not.
    pub(super) count: RwSignal<usize>,
    pub(super) rows: RwSignal<Rows>,
    /// Which of them are drawn, and where.
    pub(super) window: RwSignal<Window>,
    /// The row with the tab stop: it stays in the page however far away one scrolls.
    pub(super) stop: RwSignal<Option<(usize, Row)>>,
    /// How many rows a refresh would bring, and how many take away.
    pub(super) drift: RwSignal<(u64, u64)>,
    pub(super) busy: RwSignal<bool>,
    pub(super) failed: RwSignal<Option<Error>>,
    pub(super) selection: RwSignal<Selection>,
    /// How many leads a whole view took when it was selected.
    pub(super) selected_of: RwSignal<u64>,
    /// Of the ticked or un-ticked ids those that the view doesn't show.
    pub(super) out_of_sight: RwSignal<BTreeSet<LeadId>>,
    pub(super) dialog: RwSignal<Option<DraftRequest>>,
    /// The lead in the panel.
    pub(super) opened: RwSignal<Option<LeadId>>,
    pub(super) region: NodeRef<html::Section>,
    pub(super) table: NodeRef<html::Table>,
    /// The cell with the tab stop.
    pub(super) cell: StoredValue<Cell>,
    /// The row last ticked without shift: where ranges begin.
    pub(super) anchor: StoredValue<Option<LeadId>>,
    /// Grows with every refresh; an answer for an older one is dropped.
    pub(super) turn: StoredValue<u32>,
    /// Further rows are on their way.
    pub(super) fetching: StoredValue<bool>,
    /// Where the rows were scrolled to when the window was last moved.
    pub(super) scrolled: StoredValue<f64>,
    rereading: StoredValue<bool>,
    /// Something changed while rows were on their way, which may not have it yet.
    again: StoredValue<bool>,
    pub(super) shell: CurrentShell,
}

impl Grid {
    pub(super) fn new(stack: WorkStackId, page: GridPage, address: Memo<Address>) -> Self {
        let grid = Self {
            stack,
            address,
            info: RwSignal::new(page.clone()),
            total: RwSignal::new(0),
            count: RwSignal::new(0),
            rows: RwSignal::new(Rows::default()),
            window: RwSignal::new(Window::default()),
            stop: RwSignal::new(None),
            drift: RwSignal::new((0, 0)),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            selection: RwSignal::new(Selection::default()),
            selected_of: RwSignal::new(0),
            out_of_sight: RwSignal::new(BTreeSet::new()),
            dialog: RwSignal::new(None),
            opened: RwSignal::new(None),
            region: NodeRef::new(),
            table: NodeRef::new(),
            cell: StoredValue::new(Cell::default()),
            anchor: StoredValue::new(None),
            turn: StoredValue::new(0),
            fetching: StoredValue::new(false),
            scrolled: StoredValue::new(0.0),
            rereading: StoredValue::new(false),
            again: StoredValue::new(false),
            shell: use_shell(),
        };
        grid.put(page);
        // What the server renders, and prints: the first page whole. The browser then draws what is in sight.
        grid.window.set(Window {
            to: grid.rows.read_untracked().end(),
            ..Window::default()
        });
        grid
    }

    fn put(self, mut page: GridPage) {
        let focused = self.focused_lead();
        let first = GridRows {
            rows: std::mem::take(&mut page.rows),
            before: None,
            next: page.next.take(),
        };
        self.rows.set(Rows::new(0, first));
        self.drift.set((0, 0));
        self.total.set(page.total);
        self.count.set(page.shown() as usize);
        self.info.set(page);
        self.follow(focused);
    }

    pub(super) fn view(self) -> GridView {
        self.address
            .with_untracked(|address| address.view(self.stack))
    }

    pub(super) fn as_of(self) -> AsOf {
        self.info.with_untracked(|info| info.as_of)
    }

    /// What is drawn: the window, and the row that has the tab stop.
    pub(super) fn slots(self) -> Vec<Slot> {
        let window = self.window.get();
        let rows = self.rows.read();
        let mut slots: Vec<_> = (window.from..window.to.min(self.count.get()))
            .map(|place| Slot {
                place,
                row: rows.get(place).cloned(),
            })
            .collect();
        if let Some((place, row)) = self.stop.get()
            && !window.has(place)
        {
            let at = if place < window.from { 0 } else { slots.len() };
            let row = Some(rows.get(place).cloned().unwrap_or(row));
            slots.insert(at, Slot { place, row });
        }
        slots
    }

    /// Reads the view anew, at a new as-of.
    pub(super) fn refresh(self) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.fetching.set_value(false);
        self.busy.set(true);
        self.forget_other_search();
        let view = self.view();
        leptos::task::spawn_local(async move {
            let answer = work_stack::grid(view).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.failed.set(None);
                    self.hold_focus();
                    self.put(page);
                    self.look_soon();
                    // Which of the ticked are in this view only the server knows.
                    if untrack(|| self.picked()) > 0 {
                        self.again.set_value(true);
                    }
                    self.catch_up();
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    /// Something changed: reads the loaded rows again at the same as-of, so that each stays in its place, struck
    /// through where it was deleted and blank where it was erased, with what a refresh would bring. While rows are on
    /// their way it waits for them: it may be the last change for long.
    pub(super) fn reread(self) {
        if self.rereading.get_value() || self.busy.get_untracked() || self.fetching.get_value() {
            self.again.set_value(true);
            return;
        }
        self.rereading.set_value(true);
        let turn = self.turn.get_value();
        leptos::task::spawn_local(async move {
            // What fails here leaves what stands: the next change tries again. But a stack that is deleted, or not this
            // person's any more, says so.
            let gone = |error: &Error| matches!(error.0, domain::Error::NotFound(_));
            if let Err(error) = self.reread_rows(turn).await
                && gone(&error)
            {
                _ = self.failed.try_set(Some(error));
            }
            _ = self.rereading.try_update_value(|on| *on = false);
            self.catch_up();
        });
    }

    /// The rows have come: reads again what changed meanwhile. Nothing when the screen is gone.
    pub(super) fn catch_up(self) {
        if self.again.try_update_value(std::mem::take) == Some(true) {
            self.reread();
        }
    }

    async fn reread_rows(self, turn: u32) -> Result<(), Error> {
        let rows: Vec<LeadId> = self
            .rows
            .with_untracked(|rows| rows.iter().map(Row::id).collect());
        let asked = rows.iter().copied().collect();
        let ticked = self
            .selection
            .with_untracked(|selection| selection.ids().clone());
        let changes = work_stack::reread(RereadRequest {
            view: self.view(),
            as_of: self.as_of(),
            had: self.info.with_untracked(GridPage::shown),
            rows,
            ticked,
        })
        .await?;
        if self.turn.try_get_value() != Some(turn) {
            return Ok(());
        }
        self.hold_focus();
        self.rows.update(|rows| rows.replace(&asked, changes.rows));
        let rows = self.rows.read_untracked();
        let count = (changes.shown as usize + rows.lost()).max(rows.end());
        drop(rows);
        self.count.set(count);
        self.total.set(changes.total);
        self.drift.set((changes.new, changes.gone));
        self.out_of_sight
            .set(changes.not_shown.into_iter().collect());
        Ok(())
    }

    /// Opens the panel beside the grid, under the lead's own address.
    pub(super) fn open(self, lead: LeadId) {
        self.opened.set(Some(lead));
        address::show(&format!("/leads/{lead}"));
    }

    /// Closes the panel; the address is the grid's again, and the focus is where it was opened.
    pub(super) fn close(self) {
        self.opened.set(None);
        self.focus_soon();
        address::show(
            &self
                .address
                .with_untracked(|address| address.href(self.stack)),
        );
    }

    /// The button Delete: what is ticked.
    pub(super) fn delete(self) {
        let selection = self.selection.get_untracked();
        self.dialog.set(Some(DraftRequest {
            stack: self.stack,
            selection,
        }));
    }

    /// The button Delete All: the whole stack.
    pub(super) fn delete_all(self) {
        self.dialog.set(Some(DraftRequest {
            stack: self.stack,
            selection: self.whole_view(),
        }));
    }
}
