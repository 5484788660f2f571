//! The rows that are loaded: one run of pages without a gap, somewhere in the view. Pages far from what is looked at are
//! dropped, so that a browser holds no more of a million rows than of a thousand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use domain::lead::{LeadId, LeadRow};
use domain::work_stack::{Cursor, GridRows};

/// So many pages are kept.
const MOST_PAGES: usize = 8;

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    /// A lead.
    Lead(Arc<LeadRow>),
    /// A loaded row that this view has lost since: it keeps its place, blank, until the next refresh.
    Lost(LeadId),
}

impl Row {
    fn lead(row: LeadRow) -> Self {
        Self::Lead(Arc::new(row))
    }

    pub(super) fn id(&self) -> LeadId {
        match self {
            Self::Lead(row) => row.id,
            Self::Lost(id) => *id,
        }
    }

    /// Whether it has an active box.
    pub(super) fn is_free(&self) -> bool {
        matches!(self, Self::Lead(row) if row.deletion.is_none())
    }

    /// What tells a row from what it was before, for drawing it anew.
    fn key(&self) -> (LeadId, Option<String>, bool) {
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

/// A place of the view that is drawn; without a row while it is on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    /// How many rows stand above it.
    pub(super) place: usize,
    pub(super) row: Option<Row>,
}

impl Slot {
    pub(super) fn key(&self) -> (usize, Option<(LeadId, Option<String>, bool)>) {
        (self.place, self.row.as_ref().map(Row::key))
    }
}

#[derive(Debug, Clone, Default)]
struct Page {
    rows: Vec<Row>,
    before: Option<Cursor>,
    next: Option<Cursor>,
}

/// The run of pages.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    first: usize,
    pages: VecDeque<Page>,
}

impl Rows {
    /// A run of one page, with so many rows above it.
    pub(super) fn new(first: usize, page: GridRows) -> Self {
        let mut rows = Self {
            first,
            pages: VecDeque::new(),
        };
        rows.append(page);
        rows
    }

    /// How many rows stand above the loaded ones.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// The place after the last loaded row.
    pub(super) fn end(&self) -> usize {
        self.first + self.pages.iter().map(|page| page.rows.len()).sum::<usize>()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.pages.iter().flat_map(|page| &page.rows)
    }

    pub(super) fn get(&self, place: usize) -> Option<&Row> {
        let mut left = place.checked_sub(self.first)?;
        for page in &self.pages {
            match page.rows.get(left) {
                Some(row) => return Some(row),
                None => left -= page.rows.len(),
            }
        }
        None
    }

    pub(super) fn place_of(&self, lead: LeadId) -> Option<usize> {
        let at = self.iter().position(|row| row.id() == lead)?;
        Some(self.first + at)
    }

    /// Where scrolling back goes on; `None` at the view's beginning.
    pub(super) fn before(&self) -> Option<&Cursor> {
        self.pages.front()?.before.as_ref()
    }

    /// Where scrolling on goes on; `None` at the view's end.
    pub(super) fn next(&self) -> Option<&Cursor> {
        self.pages.back()?.next.as_ref()
    }

    /// The page after the loaded rows has come.
    pub(super) fn append(&mut self, page: GridRows) {
        self.pages.push_back(loaded(page));
        if self.pages.len() > MOST_PAGES
            && let Some(gone) = self.pages.pop_front()
        {
            self.first += gone.rows.len();
        }
    }

    /// The page before the loaded rows has come. By how much the places of all of them are others now: rows above may
    /// have been erased while nobody looked.
    pub(super) fn prepend(&mut self, page: GridRows) -> isize {
        let page = loaded(page);
        let expected = self.first as isize - page.rows.len() as isize;
        let least = usize::from(page.before.is_some());
        self.first = match page.before {
            None => 0,
            Some(_) => usize::try_from(expected).unwrap_or(0).max(least),
        };
        self.pages.push_front(page);
        if self.pages.len() > MOST_PAGES {
            self.pages.pop_back();
        }
        self.first as isize - expected
    }

    /// Takes what was read again: a row that was asked for and didn't come is lost.
    pub(super) fn replace(&mut self, asked: &BTreeSet<LeadId>, found: Vec<LeadRow>) {
        let mut found: BTreeMap<_, _> = found.into_iter().map(|row| (row.id, row)).collect();
        for row in self.pages.iter_mut().flat_map(|page| &mut page.rows) {
            let id = row.id();
            if asked.contains(&id) {
                *row = found.remove(&id).map_or(Row::Lost(id), Row::lead);
            }
        }
    }

    /// How many of them the view has lost.
    pub(super) fn lost(&self) -> usize {
        self.iter()
            .filter(|row| matches!(row, Row::Lost(_)))
            .count()
    }
}

fn loaded(page: GridRows) -> Page {
    Page {
        rows: page.rows.into_iter().map(Row::lead).collect(),
        before: page.before,
        next: page.next,
    }
}

#[cfg(test)]
mod tests {
    use domain::lead::{LeadStatus, Telephone};

    use super::*;

    fn page(ids: std::ops::Range<i64>, before: bool, next: bool) -> GridRows {
        let cursor = |id: i64| Cursor {
            key: String::new(),
            lead: LeadId(id),
        };
        GridRows {
            before: before.then(|| cursor(ids.start)),
            next: next.then(|| cursor(ids.end - 1)),
            rows: ids
                .map(|id| LeadRow {
                    id: LeadId(id),
                    name: String::new(),
                    source: String::new(),
                    status: LeadStatus::New,
                    owner: String::new(),
                    telephone: Telephone::NoContact,
                    contacts: 0,
                    last_activity: String::new(),
                    added: String::new(),
                    kept: None,
                    deletion: None,
                })
                .collect(),
        }
    }

    #[test]
    fn rows_are_found_by_their_place_in_the_view() {
        let mut rows = Rows::new(200, page(200..300, true, true));
        rows.append(page(300..340, true, false));
        assert_eq!(rows.prepend(page(100..200, true, true)), 0);
        assert_eq!((rows.first(), rows.end()), (100, 340));
        assert_eq!(rows.get(305).map(Row::id), Some(LeadId(305)));
        assert_eq!(rows.get(99), None);
        assert_eq!(rows.get(340), None);
        assert_eq!(rows.place_of(LeadId(120)), Some(120));
        assert!(rows.before().is_some() && rows.next().is_none());
    }

    #[test]
    fn no_more_than_some_pages_are_kept() {
        let mut rows = Rows::new(0, page(0..100, false, true));
        for n in 1..50 {
            rows.append(page(n * 100..n * 100 + 100, true, true));
        }
        assert_eq!((rows.first(), rows.end()), (4_200, 5_000));
        rows.prepend(page(4_100..4_200, true, true));
        assert_eq!((rows.first(), rows.end()), (4_100, 4_900));
        assert_eq!(rows.next().map(|c| c.lead), Some(LeadId(4_899)));
    }

    #[test]
    fn rows_erased_above_while_nobody_looked_are_noticed_at_the_beginning() {
        let mut rows = Rows::new(150, page(150..250, true, true));
        assert_eq!(rows.prepend(page(10..110, false, true)), -50);
        assert_eq!((rows.first(), rows.end()), (0, 200));
    }

    #[test]
    fn a_row_that_was_asked_for_and_did_not_come_is_lost_in_its_place() {
        let mut rows = Rows::new(0, page(0..4, false, false));
        let asked = [LeadId(1), LeadId(2)].into_iter().collect();
        rows.replace(&asked, page(2..3, false, false).rows);
        assert_eq!(rows.get(1), Some(&Row::Lost(LeadId(1))));
        assert!(rows.get(2).is_some_and(Row::is_free));
        assert!(rows.get(3).is_some_and(Row::is_free));
        assert_eq!(rows.lost(), 1);
    }
}
