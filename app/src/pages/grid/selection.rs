//! What is ticked in the Grid View: ids, or the whole view less exceptions.

use domain::Permission;
use domain::lead::LeadId;
use domain::selection::{MOST_LEADS, Selection};
use domain::work_stack::RangeRequest;
use leptos::prelude::*;

use super::rows::Row;
use super::state::Grid;
use crate::work_stack;

impl Grid {
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

    /// How many of the ticked leads are not among what the stack and the search show.
    pub(super) fn picked_out_of_sight(self) -> u64 {
        self.selection.with(|selection| {
            let out = self.out_of_sight.read();
            match selection {
                Selection::Leads(leads) => leads.intersection(&out).count() as u64,
                Selection::Matching { except, view, .. } => {
                    let searching = self.address.with(|address| {
                        address.search.trim() != view.search || address.only != view.only
                    });
                    if !searching {
                        return 0;
                    }
                    let unticked = except.difference(&out).count() as u64;
                    let shown = self.total.get().saturating_sub(unticked);
                    self.picked().saturating_sub(shown)
                }
            }
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

    /// A box was pressed; with shift the whole range from where the last one was pressed without.
    pub(super) fn pick(self, lead: LeadId, ticked: bool, range: bool) {
        match self.anchor.get_value().filter(|_| range) {
            Some(anchor) => self.pick_range(anchor, lead, ticked),
            None => {
                self.anchor.set_value(Some(lead));
                self.tick([lead], ticked);
            }
        }
    }

    /// Shift and an arrow led from one place to another: the range follows, and gives back what it leaves.
    pub(super) fn extend(self, from: usize, to: usize) {
        let rows = self.rows.read_untracked();
        let (Some(left), Some(come)) = (rows.get(from), rows.get(to)) else {
            return;
        };
        let begun = self
            .anchor
            .get_value()
            .filter(|_| self.is_picked(left.id()));
        let (anchor, begin) = begun
            .and_then(|anchor| Some((anchor, rows.place_of(anchor)?)))
            .unwrap_or((left.id(), from));
        self.anchor.set_value(Some(anchor));
        if to.abs_diff(begin) < from.abs_diff(begin) {
            self.tick([left.id()], false);
        } else {
            self.pick_range(anchor, come.id(), true);
        }
    }

    /// Rows that aren't loaded are asked for.
    fn pick_range(self, from: LeadId, to: LeadId, ticked: bool) {
        let rows = self.rows.read_untracked();
        if let (Some(a), Some(b)) = (rows.place_of(from), rows.place_of(to)) {
            let free = (a.min(b)..=a.max(b))
                .filter_map(|place| rows.get(place).filter(|row| row.is_free()).map(Row::id));
            self.tick(free, ticked);
            return;
        }
        // This one is ticked whatever the answer is, as its box shows already.
        self.tick([to], ticked);
        let turn = self.turn.get_value();
        let request = RangeRequest {
            view: self.view(),
            as_of: self.as_of(),
            from,
            to,
        };
        leptos::task::spawn_local(async move {
            let answer = work_stack::between(request).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(leads) => {
                    self.failed.set(None);
                    self.tick(leads, ticked);
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    fn tick(self, leads: impl IntoIterator<Item = LeadId>, ticked: bool) {
        self.selection.update(|selection| {
            for lead in leads {
                if !came_later(selection, lead) {
                    selection.set(lead, ticked);
                }
            }
        });
    }

    /// All that the stack and the search show, with the exact number; without the right to delete all, the loaded rows.
    pub(super) fn pick_all(self) {
        if self.may_delete_all() {
            self.selected_of.set(self.total.get_untracked());
            self.out_of_sight.set(Default::default());
            self.selection.set(self.whole_view());
            return;
        }
        let room = MOST_LEADS.saturating_sub(self.picked() as usize);
        let rows = self.rows.read_untracked();
        let new = rows
            .iter()
            .filter(|row| row.is_free() && !self.is_picked(row.id()));
        self.tick(new.map(Row::id).take(room).collect::<Vec<_>>(), true);
    }

    pub(super) fn pick_none(self) {
        self.selection.set(Selection::default());
        self.anchor.set_value(None);
    }

    pub(super) fn whole_view(self) -> Selection {
        Selection::Matching {
            view: self.view(),
            as_of: self.as_of(),
            except: Default::default(),
        }
    }

    /// A whole view that a search picked means nothing under another search; a whole stack stays what it is.
    pub(super) fn forget_other_search(self) {
        let view = self.view();
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
}

fn came_later(selection: &Selection, lead: LeadId) -> bool {
    matches!(selection, Selection::Matching { as_of, .. } if lead > as_of.highest)
}
