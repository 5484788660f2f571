//! The keyboard, by the ARIA grid pattern: the table is one tab stop, and keys move through its cells. What has the focus
//! in a cell is its box, link or button; where there is none, the cell.

use domain::lead::LeadId;
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, FocusOptions, HtmlElement};

use super::rows::Row;
use super::state::Grid;

/// A cell: the row's `aria-rowindex`, which counts from 1 with the headings, and the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    row: usize,
    column: usize,
}

impl Default for Cell {
    /// The first row's box or name.
    fn default() -> Self {
        Self { row: 2, column: 0 }
    }
}

/// What becomes of the focus when the tab stop settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// It stays where it is.
    Left,
    /// The cell had it before it was drawn anew: it comes back, and nothing is scrolled for it.
    Held,
    /// The cell gets it, and comes into sight.
    Sought,
}

/// The `aria-rowindex` of a place.
pub(super) fn row_index(place: usize) -> usize {
    place + 2
}

fn place(row: usize) -> Option<usize> {
    row.checked_sub(2)
}

impl Grid {
    /// A key was pressed in the table.
    pub(super) fn press(self, event: KeyboardEvent) {
        let Cell { row, column } = self.cell.get_value();
        let control = event.ctrl_key() || event.meta_key();
        let shift = event.shift_key();
        let last = self.count.get_untracked() + 1;
        let sight = self.window.get_untracked().sight.saturating_sub(2).max(1);
        let on = event_target::<Element>(&event).tag_name();
        let on_button = on == "BUTTON";
        let (to, column) = match event.key().as_str() {
            "ArrowDown" => (row + 1, column),
            "ArrowUp" => (row - 1, column),
            "ArrowLeft" => (row, self.beside(row, column, false)),
            "ArrowRight" => (row, self.beside(row, column, true)),
            "PageDown" => (row + sight, column),
            "PageUp" => (row.saturating_sub(sight).max(row.min(2)), column),
            "Home" if control => (2, 0),
            "End" if control => (last, usize::MAX),
            "Home" => (row, 0),
            "End" => (row, usize::MAX),
            "a" | "A" if control && self.may_delete() => {
                event.prevent_default();
                return self.pick_all();
            }
            " " if !on_button => {
                event.prevent_default();
                return self.press_space(row, column, shift);
            }
            // A link does its own: the name's, the kept lead's, a heading's.
            "Enter" if !on_button && on != "A" && !control => return self.press_enter(row, event),
            "Escape" if self.opened.get_untracked().is_some() => return self.close(),
            _ => return,
        };
        event.prevent_default();
        let to = to.clamp(1, last);
        if shift
            && to != row
            && self.may_delete()
            && let (Some(from), Some(to)) = (place(row), place(to))
        {
            self.extend(from, to);
        }
        self.go(Cell { row: to, column });
    }

    /// Ticks the row or takes its tick; with shift the range. On the headings, the box of all.
    fn press_space(self, row: usize, column: usize, shift: bool) {
        if !self.may_delete() {
            return;
        }
        let Some(place) = place(row) else {
            match (column, self.picked()) {
                (0, 0) => self.pick_all(),
                (0, _) => self.pick_none(),
                _ => {}
            }
            return;
        };
        let row = self.rows.with_untracked(|rows| rows.get(place).cloned());
        if let Some(row) = row.filter(|row| row.is_free() && !self.is_too_late(row.id())) {
            let ticked = shift || !self.is_picked(row.id());
            self.pick(row.id(), ticked, shift);
        }
    }

    /// Opens the lead of a cell without a link.
    fn press_enter(self, row: usize, event: KeyboardEvent) {
        let Some(place) = place(row) else { return };
        let row = self.rows.with_untracked(|rows| rows.get(place).cloned());
        if let Some(Row::Lead(lead)) = row {
            event.prevent_default();
            self.open(lead.id);
        }
    }

    /// Moves the focus to a cell, wherever its row is.
    fn go(self, cell: Cell) {
        self.cell.set_value(cell);
        let Some(place) = place(cell.row) else {
            self.stop.set(None);
            return self.settle(Focus::Sought);
        };
        let drawn = self.window.get_untracked().has(place) && self.row(cell.row).is_some();
        if !drawn {
            self.scroll_to(place);
        }
        self.keep(place);
        if drawn {
            self.settle(Focus::Sought);
        } else {
            self.focus_soon();
        }
    }

    fn keep(self, place: usize) {
        self.stop.set(
            self.rows
                .with_untracked(|rows| Some((place, rows.get(place)?.clone()))),
        );
    }

    /// Something in the table got the focus: there the tab stop is from now on.
    pub(super) fn focused(self, event: FocusEvent) {
        let target = event_target::<Element>(&event);
        let Some(cell) = target.closest("th, td").ok().flatten() else {
            return;
        };
        let index = cell
            .parent_element()
            .and_then(|row| row.get_attribute("aria-rowindex")?.parse().ok());
        let Some(row) = index else { return };
        let now = self.cell.get_value();
        let here = self.cell_at(now.row, now.column);
        // A cell that spans several columns leaves one in the column from which one came.
        let column = if here.is_some_and(|here| here.is_same_node(Some(&cell))) {
            now.column
        } else {
            let cells = self.cells(row);
            let found = cells
                .iter()
                .find(|(_, other)| other.is_same_node(Some(&cell)));
            found.map_or(0, |(column, _)| *column)
        };
        self.cell.set_value(Cell { row, column });
        match place(row) {
            Some(place) => self.keep(place),
            None => self.stop.set(None),
        }
        self.settle(Focus::Left);
    }

    /// The lead in the row with the focus or the tab stop.
    pub(super) fn focused_lead(self) -> Option<LeadId> {
        self.stop
            .with_untracked(|kept| kept.as_ref().map(|(_, row)| row.id()))
    }

    /// The rows are others: the tab stop goes with its lead, or stays at its place.
    pub(super) fn follow(self, lead: Option<LeadId>) {
        let Some(lead) = lead else { return };
        let at = self.rows.with_untracked(|rows| rows.place_of(lead));
        let cell = self.cell.get_value();
        let last = self.count.get_untracked() + 1;
        let row = at.map_or(cell.row.min(last), row_index);
        self.cell.set_value(Cell { row, ..cell });
        match place(row) {
            Some(place) => self.keep(place),
            None => self.stop.set(None),
        }
    }

    /// The rows are about to be drawn anew: if the focus is among them, it comes back to its cell.
    pub(super) fn hold_focus(self) {
        let has = self.table.get_untracked().is_some_and(|table| {
            let focused = document().active_element();
            table.contains(focused.as_deref())
        });
        if has {
            request_animation_frame(move || self.settle(Focus::Held));
        }
    }

    pub(super) fn focus_soon(self) {
        request_animation_frame(move || self.settle(Focus::Sought));
    }

    /// Gives the tab stop to its cell, and the focus if that is wanted.
    pub(super) fn settle(self, focus: Focus) {
        let Some(Cell { row, column }) = self.cell.try_get_value() else {
            return;
        };
        let Some(table) = self.table.get_untracked() else {
            return;
        };
        let found = self.cell_at(row, column).or_else(|| self.cell_at(1, 0));
        let Some(target) = found.map(target) else {
            return;
        };
        if let Ok(Some(old)) = table.query_selector("[tabindex='0']") {
            _ = old.set_attribute("tabindex", "-1");
        }
        _ = target.set_attribute("tabindex", "0");
        let focused = document().active_element();
        if focus != Focus::Left && !target.is_same_node(focused.as_deref()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(focus == Focus::Held);
            _ = target.focus_with_options(&options);
        }
    }

    fn row(self, row: usize) -> Option<Element> {
        let table = self.table.get_untracked()?;
        table
            .query_selector(&format!("tr[aria-rowindex='{row}']"))
            .ok()?
    }

    /// The cells of a row that are in sight, each with its column: one may span several.
    fn cells(self, row: usize) -> Vec<(usize, HtmlElement)> {
        let mut cells = Vec::new();
        let mut column = 0;
        let mut next = self.row(row).and_then(|row| row.first_element_child());
        while let Some(cell) = next {
            next = cell.next_element_sibling();
            let span = cell.get_attribute("colspan");
            let begin = column;
            column += span.and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
            if let Ok(cell) = cell.dyn_into::<HtmlElement>()
                && cell.offset_width() > 0
            {
                cells.push((begin, cell));
            }
        }
        cells
    }

    fn cell_at(self, row: usize, column: usize) -> Option<HtmlElement> {
        let mut cells = self.cells(row);
        let at = cells.iter().rposition(|(begin, _)| *begin <= column);
        (!cells.is_empty()).then(|| cells.swap_remove(at.unwrap_or(0)).1)
    }

    /// The column left or right of this one, in this row.
    fn beside(self, row: usize, column: usize, right: bool) -> usize {
        let cells = self.cells(row);
        let mut columns = cells.iter().map(|(begin, _)| *begin);
        let found = if right {
            columns.find(|begin| *begin > column)
        } else {
            let here = columns.clone().rfind(|begin| *begin <= column);
            columns.rfind(|begin| Some(*begin) < here)
        };
        found.unwrap_or(column)
    }
}

/// What has the focus in a cell.
fn target(cell: HtmlElement) -> HtmlElement {
    cell.query_selector("a, button, input:not(:disabled)")
        .ok()
        .flatten()
        .and_then(|inner| inner.dyn_into().ok())
        .unwrap_or(cell)
}
