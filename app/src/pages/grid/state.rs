//! What the Grid View knows: the rows that are loaded, the as-of they stand at, and what is ticked.

use std::collections::BTreeMap;

use domain::Permission;
use domain::lead::{LeadId, LeadRow};
use domain::selection::{MOST_LEADS, Selection};
use domain::work_stack::{AsOf, Cursor, GridPage, GridRequest, GridView, PAGE_ROWS, WorkStackId};
use leptos::prelude::*;

use super::address::{self, Address};
use crate::error::Error;
use crate::parts::draft_dialog::DraftRequest;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::work_stack;

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    /// A lead.
    Lead(Box<LeadRow>),
    /// A loaded row that this view has lost since: it keeps its place, blank, until the next refresh.
    Lost(LeadId),
}

impl Row {
    fn lead(row: LeadRow) -> Self {
        Self::Lead(Box::new(row))
    }

    pub(super) fn id(&self) -> LeadId {
        match self {
            Self::Lead(row) => row.id,
            Self::Lost(id) => *id,
        }
    }

    /// What tells a row from what it was before, for drawing it anew.
    pub(super) fn key(&self) -> (LeadId, Option<String>, bool) {
        match self {
            Self::Lost(id) => (*id, None, true),
            Self::Lead(row) => {
                let words = match &row.deletion {
                    Some(mark) => format!("{}{}{}", mark.order, mark.may_undo, mark.label),
                    // An edit shows too.
                    None => format!(
                        "{}{}{}{}{}",
                        row.status.number(),
                        row.name,
                        row.owner,
                        row.contacts,
                        row.last_activity
                    ),
                };
                (row.id, Some(words), false)
            }
        }
    }
}

/// So many loaded pages are read anew when something changed; rows beyond wait for a refresh.
const REREAD_PAGES: usize = 10;

/// The state, as handles that every part of the screen can have.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) stack: WorkStackId,
    pub(super) address: Memo<Address>,
    /// The last refresh, less its rows.
    pub(super) info: RwSignal<GridPage>,
    /// How many leads the view takes, as of the last reading.
    pub(super) total: RwSignal<u64>,
    /// How many rows it has, as of the same reading.
    pub(super) shown: RwSignal<u64>,
    pub(super) rows: RwSignal<Vec<Row>>,
    pub(super) next: RwSignal<Option<Cursor>>,
    /// How many leads arrived in this view, and how many left it, since the refresh.
    pub(super) drift: RwSignal<(u64, u64)>,
    pub(super) busy: RwSignal<bool>,
    pub(super) failed: RwSignal<Option<Error>>,
    pub(super) selection: RwSignal<Selection>,
    /// How many leads a whole view took when it was selected.
    pub(super) selected_of: RwSignal<u64>,
    pub(super) dialog: RwSignal<Option<DraftRequest>>,
    /// The lead in the panel.
    pub(super) opened: RwSignal<Option<LeadId>>,
    /// The row last ticked: where shift-click begins.
    anchor: StoredValue<Option<LeadId>>,
    /// Grows with every refresh; an answer for an older one is dropped.
    turn: StoredValue<u32>,
    rereading: StoredValue<bool>,
    /// Something changed while rows were on their way, which may not have it yet.
    again: StoredValue<bool>,
    shell: CurrentShell,
}

impl Grid {
    pub(super) fn new(stack: WorkStackId, page: GridPage, address: Memo<Address>) -> Self {
        let grid = Self {
            stack,
            address,
            info: RwSignal::new(page.clone()),
            total: RwSignal::new(0),
            shown: RwSignal::new(0),
            rows: RwSignal::new(Vec::new()),
            next: RwSignal::new(None),
            drift: RwSignal::new((0, 0)),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            selection: RwSignal::new(Selection::default()),
            selected_of: RwSignal::new(0),
            dialog: RwSignal::new(None),
            opened: RwSignal::new(None),
            anchor: StoredValue::new(None),
            turn: StoredValue::new(0),
            rereading: StoredValue::new(false),
            again: StoredValue::new(false),
            shell: use_shell(),
        };
        grid.put(page);
        grid
    }

    fn put(self, mut page: GridPage) {
        self.rows.set(
            std::mem::take(&mut page.rows)
                .into_iter()
                .map(Row::lead)
                .collect(),
        );
        self.next.set(page.next.take());
        self.drift.set((0, 0));
        self.total.set(page.total);
        self.shown.set(shown(&page));
        self.info.set(page);
    }

    fn view(self) -> GridView {
        self.address
            .with_untracked(|address| address.view(self.stack))
    }

    fn as_of(self) -> AsOf {
        self.info.with_untracked(|info| info.as_of)
    }

    /// Reads the view anew from its first row, at a new as-of.
    pub(super) fn refresh(self) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.busy.set(true);
        let view = self.view();
        self.forget_other_search(&view);
        leptos::task::spawn_local(async move {
            let answer = work_stack::grid(GridRequest {
                view,
                as_of: None,
                after: None,
            })
            .await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.failed.set(None);
                    self.put(page);
                    self.catch_up();
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    /// A whole view that a search picked means nothing under another search; a whole stack stays what it is.
    fn forget_other_search(self, view: &GridView) {
        let foreign = self.selection.with_untracked(|selection| match selection {
            Selection::Matching { view: picked, .. } => {
                let whole = picked.search.is_empty() && picked.only.is_none();
                !whole && (picked.search != view.search || picked.only != view.only)
            }
            Selection::Leads(_) => false,
        });
        if foreign {
            self.pick_none();
        }
    }

    /// Appends the next page.
    pub(super) fn more(self) {
        let Some(after) = self.next.get_untracked() else {
            return;
        };
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let turn = self.turn.get_value();
        let request = GridRequest {
            view: self.view(),
            as_of: Some(self.as_of()),
            after: Some(after),
        };
        leptos::task::spawn_local(async move {
            let answer = work_stack::grid(request).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.failed.set(None);
                    self.rows
                        .update(|rows| rows.extend(page.rows.into_iter().map(Row::lead)));
                    self.next.set(page.next);
                }
                Err(error) => self.failed.set(Some(error)),
            }
            self.catch_up();
        });
    }

    /// Something changed: reads the loaded rows again at the same as-of, so that each stays in its place, struck
    /// through where it was deleted and blank where it was erased. Then counts what a refresh would bring. While rows
    /// are on their way it waits for them: it may be the last change for long.
    pub(super) fn reread(self) {
        if self.rereading.get_value() || self.busy.get_untracked() {
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
    fn catch_up(self) {
        if self.again.try_update_value(std::mem::take) == Some(true) {
            self.reread();
        }
    }

    async fn reread_rows(self, turn: u32) -> Result<(), Error> {
        let (view, as_of) = (self.view(), Some(self.as_of()));
        let loaded = self.rows.with_untracked(Vec::len);
        let mut found = BTreeMap::new();
        let mut after = None;
        let (mut total, mut now) = (0, 0);
        let mut complete = false;
        for _ in 0..REREAD_PAGES.min(loaded.div_ceil(PAGE_ROWS as usize).max(1)) {
            let page = work_stack::grid(GridRequest {
                view: view.clone(),
                as_of,
                after,
            })
            .await?;
            (total, now) = (page.total, shown(&page));
            found.extend(page.rows.into_iter().map(|row| (row.id, row)));
            after = page.next;
            if after.is_none() {
                complete = true;
                break;
            }
        }
        let fresh = work_stack::grid(GridRequest {
            view,
            as_of: None,
            after: None,
        })
        .await?;
        if self.turn.try_get_value() != Some(turn) {
            return Ok(());
        }
        // Rows beyond the last page read are not known to be lost.
        let known = if complete { loaded } else { found.len() };
        self.rows.update(|rows| {
            for row in rows.iter_mut().take(known) {
                let id = row.id();
                *row = found.remove(&id).map_or(Row::Lost(id), Row::lead);
            }
        });
        let before = self.info.with_untracked(shown);
        self.total.set(total);
        self.shown.set(now);
        self.drift.set((
            shown(&fresh).saturating_sub(now),
            before.saturating_sub(now),
        ));
        Ok(())
    }

    /// Whether this person may pick whole views.
    pub(super) fn may_delete_all(self) -> bool {
        self.shell.may(Permission::DeleteAll)
    }

    /// Whether this person may delete at all: without it there are no boxes and no buttons.
    pub(super) fn may_delete(self) -> bool {
        self.shell.may(Permission::DeleteLeads)
    }

    pub(super) fn picked(self) -> u64 {
        self.selection
            .with(|selection| selection.count(self.selected_of.get()))
    }

    /// Of the ticked ids, how many are not among the loaded rows.
    pub(super) fn picked_out_of_sight(self) -> usize {
        self.selection.with(|selection| match selection {
            Selection::Leads(leads) => {
                let shown = self
                    .rows
                    .with(|rows| rows.iter().filter(|row| leads.contains(&row.id())).count());
                leads.len() - shown
            }
            Selection::Matching { .. } => 0,
        })
    }

    /// Whether this row's box is ticked. What came in after *all* was pressed isn't part of it.
    pub(super) fn is_picked(self, lead: LeadId) -> bool {
        self.selection
            .with(|selection| selection.has(lead) && !came_later(selection, lead))
    }

    /// Whether this row came in after *all* was pressed: its box can't join.
    pub(super) fn is_too_late(self, lead: LeadId) -> bool {
        self.selection.with(|selection| came_later(selection, lead))
    }

    /// A box was pressed; with shift the whole range from the last one.
    pub(super) fn pick(self, lead: LeadId, ticked: bool, range: bool) {
        let anchor = self.anchor.get_value().filter(|_| range);
        self.anchor.set_value(Some(lead));
        self.selection.update(|selection| {
            let rows = self.rows.read_untracked();
            let place = |id: LeadId| rows.iter().position(|row| row.id() == id);
            match (anchor.and_then(place), place(lead)) {
                (Some(from), Some(to)) => {
                    for row in &rows[from.min(to)..=from.max(to)] {
                        if is_free(row) {
                            selection.set(row.id(), ticked);
                        }
                    }
                }
                _ => selection.set(lead, ticked),
            }
        });
    }

    /// All that the stack and the search show, with the exact number; without the right to delete all, the loaded rows.
    pub(super) fn pick_all(self) {
        if self.may_delete_all() {
            self.selected_of.set(self.total.get_untracked());
            self.selection.set(self.whole_view());
        } else {
            let loaded = self.rows.with_untracked(|rows| {
                rows.iter()
                    .filter(|row| is_free(row))
                    .map(Row::id)
                    .take(MOST_LEADS)
                    .collect()
            });
            self.selection.set(Selection::Leads(loaded));
        }
    }

    pub(super) fn pick_none(self) {
        self.selection.set(Selection::default());
        self.anchor.set_value(None);
    }

    fn whole_view(self) -> Selection {
        Selection::Matching {
            view: self.view(),
            as_of: self.as_of(),
            except: Default::default(),
        }
    }

    /// Opens the panel beside the grid, under the lead's own address.
    pub(super) fn open(self, lead: LeadId) {
        self.opened.set(Some(lead));
        address::show(&format!("/leads/{lead}"));
    }

    /// Closes the panel; the address is the grid's again.
    pub(super) fn close(self) {
        self.opened.set(None);
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

/// How many rows a view has: with hiding off, those with an open deletion too.
fn shown(page: &GridPage) -> u64 {
    let deleted = if page.hide_deletions { 0 } else { page.deleted };
    page.total + deleted
}

fn came_later(selection: &Selection, lead: LeadId) -> bool {
    matches!(selection, Selection::Matching { as_of, .. } if lead > as_of.highest)
}

/// Whether a row has an active box.
pub(super) fn is_free(row: &Row) -> bool {
    matches!(row, Row::Lead(row) if row.deletion.is_none())
}

#[cfg(test)]
mod tests {
    use domain::time::Millis;
    use domain::work_stack::Order;

    use super::*;

    #[test]
    fn a_view_that_shows_deletions_counts_them() {
        let page = |hide_deletions| GridPage {
            name: "All leads".into(),
            sentence: "Every lead.".into(),
            columns: Vec::new(),
            rows: Vec::new(),
            next: None,
            as_of: AsOf {
                sequence: 1,
                highest: LeadId(10),
                at: Millis(0),
            },
            order: Order::default(),
            hide_deletions,
            hides_deletions: true,
            total: 8,
            deleted: 2,
            erased: 0,
        };
        assert_eq!(shown(&page(true)), 8);
        assert_eq!(shown(&page(false)), 10);
    }
}
