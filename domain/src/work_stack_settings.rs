//! Settings > Work stacks: how a Layer Admin makes, edits, orders and deletes them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, FieldError, Result};
use crate::text;
use crate::version::Version;
use crate::work_stack::{Column, Filter, Order, WorkStackId};

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;
/// The longest source or owner to filter by, in characters.
pub const LONGEST_VALUE: usize = 200;
/// So many sources, and so many owners, one filter may name.
pub const MOST_VALUES: usize = 100;
/// The longest age: a hundred years.
pub const MOST_DAYS: u32 = 36_500;

/// One stack as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkStackSetting {
    /// The number.
    pub id: WorkStackId,
    /// What was seen of it.
    pub version: Version,
    /// The name.
    pub name: String,
    /// The filter as a sentence.
    pub sentence: String,
    /// The roles that see it.
    pub roles: Vec<String>,
    /// Where everybody starts: deletions hidden or not.
    pub hides_deletions: bool,
    /// `All leads`, which can be neither narrowed nor deleted: Lead stats lead there.
    pub is_all: bool,
}

impl WorkStackSetting {
    /// What deleting it does, before somebody does: "No lead is deleted. 3 roles lose this view."
    pub fn on_deleting(&self) -> String {
        let roles = match self.roles.len() {
            0 => "No role sees it.".to_owned(),
            1 => "1 role loses this view.".to_owned(),
            n => format!("{n} roles lose this view."),
        };
        format!("No lead is deleted. {roles} Deletions ordered from it go on, under its name.")
    }
}

/// A stack as it is edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkStackForm {
    /// Which; `None` is a new one.
    pub stack: Option<WorkStackId>,
    /// What was seen of it.
    pub version: Version,
    /// The name.
    pub name: String,
    /// What leads it takes.
    pub filter: Filter,
    /// The numbers of the roles that see it.
    pub roles: Vec<i64>,
    /// The columns that it shows, beside the lead and its status.
    pub columns: Vec<Column>,
    /// The sort it begins with.
    pub order: Order,
    /// Where everybody starts: deletions hidden or not.
    pub hides_deletions: bool,
}

impl WorkStackForm {
    /// An empty form: every lead, all columns, deletions hidden.
    pub fn new() -> Self {
        Self {
            stack: None,
            version: None,
            name: String::new(),
            filter: Filter::default(),
            roles: Vec::new(),
            columns: Column::ALL.to_vec(),
            order: Order::default(),
            hides_deletions: true,
        }
    }

    /// What is wrong with it, all at once; whether its name is taken only the database knows.
    pub fn problems(&self) -> Vec<FieldError> {
        let mut problems = Vec::new();
        let name = text::plain(&self.name);
        if !text::is_visible(&name) {
            problems.push(problem("Name", "Give the work stack a name."));
        } else if name.chars().count() > LONGEST_NAME {
            problems.push(problem("Name", "Shorten the name to 60 characters."));
        }
        problems.extend(filter_problems(&self.filter));
        if self.roles.is_empty() {
            problems.push(problem(
                "Who sees it",
                "Choose at least one role: a work stack that nobody sees helps nobody.",
            ));
        }
        problems
    }
}

impl Default for WorkStackForm {
    fn default() -> Self {
        Self::new()
    }
}

/// The form with what there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkStackEditor {
    /// The stack as it is.
    pub form: WorkStackForm,
    /// `All leads`: its filter stands.
    pub is_all: bool,
    /// The roles that may see leads, in their order.
    pub roles: Vec<RoleChoice>,
    /// The sources that most leads have.
    pub sources: Vec<Value>,
    /// The owners that most leads have.
    pub owners: Vec<Value>,
}

/// A role to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChoice {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// A source or an owner that leads have; an empty one is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// As the leads have it.
    pub value: String,
    /// How many leads have it.
    pub leads: u64,
}

/// What is wrong with a filter, all at once.
pub fn filter_problems(filter: &Filter) -> Vec<FieldError> {
    let mut problems = Vec::new();
    for (field, values) in [("Source", &filter.sources), ("Owner", &filter.owners)] {
        if values.len() > MOST_VALUES {
            problems.push(problem(field, "Choose at most 100 of these."));
        } else if values.iter().any(|v| v.chars().count() > LONGEST_VALUE) {
            problems.push(problem(field, "Shorten what you typed to 200 characters."));
        }
    }
    let ages = [
        ("Added in the last", filter.added_within_days),
        ("Added more than", filter.added_before_days),
        ("No activity for", filter.idle_days),
    ];
    for (field, days) in ages {
        if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            problems.push(problem(field, DAYS));
        }
    }
    if let (Some(within), Some(before)) = (filter.added_within_days, filter.added_before_days)
        && within <= before
    {
        let within = text::count(within.into(), "day", "days");
        let before = text::count(before.into(), "day", "days");
        problems.push(problem(
            "Added more than",
            format!("No lead was added in the last {within} and more than {before} ago. Change one of them."),
        ));
    }
    if filter.no_contact_record && filter.possible_duplicate {
        problems.push(problem(
            "Contact",
            "A lead without a contact record is no copy: copies share a number or an address. Choose one of the two.",
        ));
    }
    problems
}

/// Refuses a filter that can't be.
pub fn check_filter(filter: &Filter) -> Result<()> {
    let problems = filter_problems(filter);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}

/// Days as they are typed; nothing typed is no condition.
pub fn typed_days(typed: &str) -> std::result::Result<Option<u32>, &'static str> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    match text::typed_number(typed).and_then(|days| u32::try_from(days).ok()) {
        Some(days) if (1..=MOST_DAYS).contains(&days) => Ok(Some(days)),
        _ => Err(DAYS),
    }
}

const DAYS: &str = "Write whole days, 1 to 36,500, or nothing.";

fn problem(field: &str, message: impl Into<String>) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(form: &WorkStackForm) -> Vec<String> {
        form.problems().into_iter().map(|p| p.field).collect()
    }

    fn good() -> WorkStackForm {
        WorkStackForm {
            name: "Portal".into(),
            roles: vec![1],
            ..WorkStackForm::new()
        }
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        assert_eq!(fields(&good()), Vec::<String>::new());
        let form = WorkStackForm {
            name: " \u{200B} ".into(),
            filter: Filter {
                added_within_days: Some(7),
                added_before_days: Some(30),
                idle_days: Some(0),
                no_contact_record: true,
                possible_duplicate: true,
                sources: vec![String::new(); 101],
                owners: vec!["x".repeat(201)],
                ..Filter::default()
            },
            roles: Vec::new(),
            ..good()
        };
        assert_eq!(
            fields(&form),
            [
                "Name",
                "Source",
                "Owner",
                "No activity for",
                "Added more than",
                "Contact",
                "Who sees it"
            ]
        );
    }

    #[test]
    fn a_name_has_sixty_characters_at_most() {
        let named = |n| WorkStackForm {
            name: "é".repeat(n),
            ..good()
        };
        assert!(fields(&named(60)).is_empty());
        assert_eq!(fields(&named(61)), ["Name"]);
    }

    #[test]
    fn ages_that_no_lead_can_have_are_refused() {
        let within = |within, before| WorkStackForm {
            filter: Filter {
                added_within_days: Some(within),
                added_before_days: Some(before),
                ..Filter::default()
            },
            ..good()
        };
        assert!(fields(&within(31, 30)).is_empty());
        assert_eq!(fields(&within(30, 30)), ["Added more than"]);
        assert_eq!(
            within(7, 30).problems()[0].message,
            "No lead was added in the last 7 days and more than 30 days ago. Change one of them."
        );
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        assert_eq!(typed_days(" "), Ok(None));
        assert_eq!(typed_days("1,000"), Ok(Some(1_000)));
        for wrong in ["0", "36501", "-1", "soon", "99999999999999999999"] {
            assert!(typed_days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn deleting_says_what_it_does() {
        let setting = |roles: &[&str]| WorkStackSetting {
            id: WorkStackId(2),
            version: None,
            name: "Portal".into(),
            sentence: "Every lead.".into(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            hides_deletions: true,
            is_all: false,
        };
        assert!(
            setting(&["Agent", "Manager", "Layer Admin"])
                .on_deleting()
                .starts_with("No lead is deleted. 3 roles lose this view.")
        );
        assert!(setting(&["Agent"]).on_deleting().contains("1 role loses"));
    }
}
