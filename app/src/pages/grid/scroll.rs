//! One continuous scroll: only rows near what is looked at are in the page. Margins stand for the others, so that the
//! scroll bar is as long as the view, and what comes into sight is fetched.

use domain::work_stack::{GridRows, Place, RowsRequest};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::Element;

use super::rows::Rows;
use super::state::Grid;
use crate::work_stack;

/// So many rows above and below what is in sight are drawn too.
const DRAWN: usize = 12;
/// So many are fetched before they come into sight.
const AHEAD: usize = 60;
/// Browsers can't scroll much further. A longer view is scrolled through in bigger steps where one jumps.
const MOST_PX: f64 = 12_000_000.0;

/// What is drawn: from a place up to another, so far below the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Window {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The height of a row; 0 before the first is measured.
    pub(super) px: f64,
    /// Where the row 0 would be: 0, except in a view that is higher than [`MOST_PX`].
    pub(super) shift: f64,
    /// How many rows are in sight.
    pub(super) sight: usize,
}

impl Window {
    pub(super) fn has(&self, place: usize) -> bool {
        (self.from..self.to).contains(&place)
    }

    /// The margins of the table, which stand for the rows that aren't drawn.
    pub(super) fn margins(&self, count: usize) -> String {
        let above = (self.from as f64 * self.px + self.shift).max(0.0);
        let drawn = self.to.saturating_sub(self.from) as f64 * self.px;
        let below = (height(count, self.px) - above - drawn).max(0.0);
        format!("{above}px {below}px")
    }
}

fn height(count: usize, px: f64) -> f64 {
    (count as f64 * px).min(MOST_PX)
}

/// How the page stands.
struct Sight {
    /// How far the rows are scrolled, and how much of them is in sight.
    scrolled: f64,
    height: f64,
    px: f64,
}

impl Sight {
    /// What is to be drawn of so many rows, and which places are in sight.
    fn window(&self, count: usize, before: Window, scrolled: f64) -> (Window, (usize, usize)) {
        let all = count as f64 * self.px;
        let most = (height(count, self.px) - self.height).max(0.0);
        let jumped = (self.scrolled - scrolled).abs() > 2.0 * self.height;
        let at_an_end = self.scrolled <= 0.0 || self.scrolled >= most;
        let shift = if all <= MOST_PX {
            0.0
        } else if jumped || at_an_end {
            let part = (self.scrolled / most).clamp(0.0, 1.0);
            part * (most + self.height - all)
        } else {
            before.shift
        };
        let place = |px: f64| (((px - shift) / self.px).max(0.0) as usize).min(count);
        let first = place(self.scrolled);
        let last = place(self.scrolled + self.height + self.px);
        let window = Window {
            // In steps, so that few scrolls draw anything.
            from: first.saturating_sub(DRAWN) / 8 * 8,
            to: (last + DRAWN).next_multiple_of(8).min(count),
            px: self.px,
            shift,
            sight: (self.height / self.px) as usize,
        };
        (window, (first, last))
    }
}

impl Grid {
    fn sight(self) -> Option<Sight> {
        let (region, table) = (self.region.get_untracked()?, self.table.get_untracked()?);
        let row = table.query_selector("tbody tr:not(.away)").ok()?;
        let (region, at) = (
            region.get_bounding_client_rect(),
            table.get_bounding_client_rect(),
        );
        let head = table.t_head().map_or(0, |head| head.offset_height());
        let window = self.window.get_untracked();
        let above = (window.from as f64 * window.px + window.shift).max(0.0);
        let end = leptos::prelude::window().inner_height().ok()?.as_f64()?;
        let top = region.top().max(0.0);
        Some(Sight {
            scrolled: top - (at.top() - above) - f64::from(head),
            height: (region.bottom().min(end) - top).max(0.0),
            px: row.map_or(window.px, |row| row.get_bounding_client_rect().height()),
        })
    }

    /// Draws what is in sight, and fetches what is missing of it.
    pub(super) fn look(self) {
        if self.turn.try_get_value().is_none() {
            return;
        }
        let Some(sight) = self.sight().filter(|sight| sight.px > 0.0) else {
            return;
        };
        let before = self.window.get_untracked();
        let (window, in_sight) = sight.window(
            self.count.get_untracked(),
            before,
            self.scrolled.get_value(),
        );
        self.scrolled.set_value(sight.scrolled);
        if window != before {
            // A row that moves among the others loses it.
            self.hold_focus();
            self.window.set(window);
        }
        self.fetch(in_sight);
    }

    /// After the page is drawn.
    pub(super) fn look_soon(self) {
        request_animation_frame(move || self.look());
    }

    /// Fetches what is missing of these places and near them: the page after the loaded rows or before them, or, far
    /// away from them, others in their stead. One at a time.
    fn fetch(self, (first, last): (usize, usize)) {
        if self.fetching.get_value() || self.busy.get_untracked() {
            return;
        }
        let from = self.rows.with_untracked(|rows| {
            let near = last + AHEAD >= rows.first() && first <= rows.end() + AHEAD;
            let after = || rows.next().cloned().map(Place::After);
            let before = || rows.before().cloned().map(Place::Before);
            if !near {
                return Some(Place::Number(first.saturating_sub(AHEAD / 2) as u64));
            }
            if first < rows.first() {
                before()
            } else if last + AHEAD > rows.end() && rows.next().is_some() {
                after()
            } else if first < rows.first() + AHEAD {
                before()
            } else {
                None
            }
        });
        let Some(from) = from else { return };
        self.fetching.set_value(true);
        let turn = self.turn.get_value();
        let request = RowsRequest {
            view: self.view(),
            as_of: self.as_of(),
            from: from.clone(),
        };
        leptos::task::spawn_local(async move {
            let answer = work_stack::rows(request).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.fetching.set_value(false);
            match answer {
                Ok(rows) => {
                    self.failed.set(None);
                    self.take(from, rows);
                }
                Err(error) => self.failed.set(Some(error)),
            }
            self.catch_up();
        });
    }

    fn take(self, from: Place, page: GridRows) {
        self.hold_focus();
        let mut moved = 0;
        match from {
            // The view has become shorter since: reading again tells by how much.
            Place::Number(number) if number > 0 && page.rows.is_empty() => return self.reread(),
            Place::Number(number) => self.rows.set(Rows::new(number as usize, page)),
            Place::After(_) => self.rows.update(|rows| rows.append(page)),
            Place::Before(_) => self.rows.update(|rows| moved = rows.prepend(page)),
        }
        let rows = self.rows.read_untracked();
        let count = self.count.get_untracked().saturating_add_signed(moved);
        let ended = rows.next().is_none();
        let count = if ended {
            rows.end()
        } else {
            count.max(rows.end())
        };
        drop(rows);
        if count != self.count.get_untracked() {
            self.count.set(count);
        }
        if moved != 0 {
            self.scroll_by(moved as f64 * self.window.get_untracked().px);
        }
        self.look_soon();
    }

    /// What scrolls: the region, and on a phone the page around it.
    fn scroller(self) -> Option<Element> {
        let region = self.region.get_untracked()?;
        if region.scroll_height() > region.client_height() + 1 {
            return Some(region.into());
        }
        region.closest(".main").ok()?
    }

    fn scroll_by(self, px: f64) {
        if let Some(scroller) = self.scroller() {
            scroller.set_scroll_top(scroller.scroll_top() + px as i32);
        }
    }

    /// To the first row, for another view.
    pub(super) fn scroll_to_top(self) {
        if let Some(scroller) = self.scroller() {
            scroller.set_scroll_top(0);
        }
    }

    /// Brings a row that may not be drawn into sight, in the middle.
    pub(super) fn scroll_to(self, place: usize) {
        let Some(sight) = self.sight().filter(|sight| sight.px > 0.0) else {
            return;
        };
        let count = self.count.get_untracked();
        let all = (count as f64 * sight.px - sight.height).max(1.0);
        let most = (height(count, sight.px) - sight.height).max(0.0);
        let wanted = (place as f64 * sight.px - sight.height / 2.0).clamp(0.0, all) / all * most;
        self.scroll_by(wanted - sight.scrolled);
        // So that a view that is scrolled through in steps takes it for a jump.
        self.scrolled.set_value(f64::INFINITY);
        self.look();
    }

    /// Looks whenever something is scrolled or resized, as long as the screen stands.
    pub(super) fn follow_scroll(self) {
        let seen = Closure::<dyn FnMut()>::new(move || self.look());
        let listener = StoredValue::new_local(seen);
        let window = window();
        for event in ["scroll", "resize"] {
            listener.with_value(|seen| {
                // Captured: what is scrolled tells nobody around it.
                _ = window.add_event_listener_with_callback_and_bool(
                    event,
                    seen.as_ref().unchecked_ref(),
                    true,
                );
            });
        }
        on_cleanup(move || {
            for event in ["scroll", "resize"] {
                _ = listener.try_with_value(|seen| {
                    leptos::prelude::window().remove_event_listener_with_callback_and_bool(
                        event,
                        seen.as_ref().unchecked_ref(),
                        true,
                    )
                });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(scrolled: f64) -> Sight {
        Sight {
            scrolled,
            height: 600.0,
            px: 44.0,
        }
    }

    #[test]
    fn what_is_in_sight_is_drawn_with_some_rows_around() {
        let (window, in_sight) = at(0.0).window(300, Window::default(), 0.0);
        assert_eq!((window.from, window.to, in_sight), (0, 32, (0, 14)));
        assert_eq!(window.margins(300), "0px 11792px");
        let (window, in_sight) = at(4_400.0).window(300, window, 0.0);
        assert_eq!(in_sight, (100, 114));
        assert_eq!((window.from, window.to), (88, 128));
        assert_eq!(window.margins(300), "3872px 7568px");
        let (window, in_sight) = at(300.0 * 44.0 - 600.0).window(300, window, 0.0);
        assert_eq!((window.to, in_sight.1), (300, 300));
        assert_eq!(window.margins(300), "11968px 0px");
    }

    #[test]
    fn a_million_rows_end_where_the_scroll_bar_ends() {
        let count = 1_000_000;
        let most = MOST_PX - 600.0;
        let (window, in_sight) = at(most).window(count, Window::default(), 0.0);
        assert_eq!(in_sight.1, count);
        let (middle, in_sight) = at(most / 2.0).window(count, window, most);
        assert!(in_sight.0.abs_diff(count / 2) < 20, "{in_sight:?}");
        // From there on every row follows the one before it.
        let (on, after) = at(most / 2.0 + 440.0).window(count, middle, most / 2.0);
        assert_eq!(after.0, in_sight.0 + 10);
        assert_eq!(on.shift, middle.shift);
        let (_, in_sight) = at(0.0).window(count, on, most / 2.0);
        assert_eq!(in_sight.0, 0);
    }
}
