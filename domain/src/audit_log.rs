//! The audit log as people read it: searched, in pages, exported, verified.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::audit::{Act, ActorRef};
use crate::deletion_order::OrderId;
use crate::erased_lead::ErasedLead;
use crate::error::{Error, FieldError, Result};
use crate::lead::LeadId;
use crate::member::MemberId;
use crate::text::{count, number};
use crate::time::Millis;

/// What is looked for, as it stands in the address and in the export's form. An empty field asks for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditSearch {
    /// Who acted: a member's number, [`QUEUE`] or [`COMMAND_LINE`].
    pub by: String,
    /// The act's word.
    pub act: String,
    /// The reason's code.
    pub reason: String,
    /// The first day, `2026-08-18`, in the company's zone.
    pub from: String,
    /// The last day.
    pub to: String,
    /// A lead's reference: entries that touch it.
    pub lead: String,
}

/// In [`AuditSearch::by`]: the queue's worker.
pub const QUEUE: &str = "queue";
/// In [`AuditSearch::by`]: somebody at the server's command line.
pub const COMMAND_LINE: &str = "command-line";

/// What is looked for, understood. An empty part asks for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditWanted {
    /// Who acted.
    pub by: Option<ActorRef>,
    /// What was done.
    pub act: Option<Act>,
    /// The reason's code.
    pub reason: Option<String>,
    /// From this instant on.
    pub from: Option<Millis>,
    /// Before this instant.
    pub until: Option<Millis>,
    /// Entries that touch this lead.
    pub lead: Option<LeadId>,
}

impl AuditSearch {
    /// The fields' names in the address and in the form.
    pub const NAMES: [&str; 6] = ["by", "act", "reason", "from", "to", "lead"];

    /// From what `read` has under each name.
    pub fn read(mut read: impl FnMut(&str) -> Option<String>) -> Self {
        let [by, act, reason, from, to, lead] =
            Self::NAMES.map(|name| read(name).unwrap_or_default());
        Self {
            by,
            act,
            reason,
            from,
            to,
            lead,
        }
    }

    /// What is asked for under each of [`Self::NAMES`].
    pub fn fields(&self) -> [&str; 6] {
        [
            &self.by,
            &self.act,
            &self.reason,
            &self.from,
            &self.to,
            &self.lead,
        ]
    }

    /// Understands it; days are of `zone`. All that doesn't fit is told at once.
    pub fn check(&self, zone: &TimeZone) -> Result<AuditWanted> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, message: &str| {
            wrong.push(FieldError {
                field: field.into(),
                message: message.into(),
            });
        };
        let by = person(&self.by);
        if by.is_none() && !self.by.is_empty() {
            refuse("Person", "There is no such person. Choose one of the list.");
        }
        let act = Act::from_code(&self.act);
        if act.is_none() && !self.act.is_empty() {
            refuse("Act", "There is no such act. Choose one of the list.");
        }
        let (from, to) = (day(&self.from), day(&self.to));
        for (field, text, day) in [("From", &self.from, from), ("To", &self.to, to)] {
            if day.is_none() && !text.is_empty() {
                refuse(
                    field,
                    &format!("{field}: write the day as year-month-day, as in 2026-08-18."),
                );
            }
        }
        if let (Some(first), Some(last)) = (from, to)
            && first > last
        {
            refuse("To", "The last day comes before the first. Swap them.");
        }
        let lead = self.lead.trim();
        let lead = (!lead.is_empty()).then(|| lead.parse::<LeadId>());
        if let Some(Err(_)) = lead {
            refuse(
                "Lead",
                "This is no lead’s reference. Write it as in L-20418.",
            );
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(AuditWanted {
            by,
            act,
            reason: (!self.reason.is_empty()).then(|| self.reason.clone()),
            from: from.and_then(|day| begins(day, zone)),
            until: to
                .and_then(|day| day.tomorrow().ok())
                .and_then(|day| begins(day, zone)),
            lead: lead.and_then(std::result::Result::ok),
        })
    }
}

fn person(text: &str) -> Option<ActorRef> {
    match text {
        QUEUE => Some(ActorRef::Worker),
        COMMAND_LINE => Some(ActorRef::CommandLine),
        member => member.parse().ok().map(|id| ActorRef::Member(MemberId(id))),
    }
}

fn day(text: &str) -> Option<Date> {
    text.trim().parse().ok()
}

/// The first instant of that day.
fn begins(day: Date, zone: &TimeZone) -> Option<Millis> {
    let midnight = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0));
    let first = midnight.compatible().ok()?;
    Some(Millis(first.as_millisecond()))
}

/// A page of the audit log is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRequest {
    /// Entries with a lower sequence than this; `None` is the newest.
    pub before: Option<i64>,
    /// What is looked for.
    #[serde(default)]
    pub search: AuditSearch,
}

/// A page of the audit log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// 100 rows at most.
    pub rows: Vec<AuditRow>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<i64>,
    /// The lead that is looked for is gone: who, when and why.
    pub erased: Option<ErasedLead>,
}

/// An entry as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its place.
    pub sequence: i64,
    /// "18 Aug 2026, 13:42".
    pub at: String,
    /// Who: a name, "The queue", "Command line".
    pub by: String,
    /// The act's label.
    pub act: String,
    /// What the facts say: "12 leads, Duplicate".
    pub about: String,
    /// What was typed with it, as of a removal: why. Or who blacked it out.
    pub note: Option<String>,
    /// The orders to link to, [`MOST_LINKED`] at most.
    pub orders: Vec<OrderId>,
    /// There are more of them.
    pub more_orders: bool,
    /// The hash's beginning, in hexadecimal.
    pub hash: String,
}

/// An entry links to at most so many orders.
pub const MOST_LINKED: usize = 3;

/// What the search's lists offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChoices {
    /// The members, by name, deactivated ones too.
    pub people: Vec<Choice>,
    /// The reasons, also those that are offered no more.
    pub reasons: Vec<Choice>,
    /// The company's time zone, in which all times are: `Europe/London`.
    pub zone: String,
}

/// One choice of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the address says.
    pub code: String,
    /// What the page says.
    pub label: String,
}

/// How the verification of the whole log stands, or how the last one ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verification {
    /// None since the server was started.
    #[default]
    Never,
    /// It is on.
    Running {
        /// Entries that are through.
        done: u64,
        /// All entries.
        entries: u64,
    },
    /// Everything is as it was written.
    Whole {
        /// How many entries there are.
        entries: u64,
        /// "24 Nov 2026, 10:05".
        at: String,
    },
    /// Something isn't as it was written.
    Broken {
        /// The first entry that doesn't fit, where it is one's fault.
        entry: Option<u64>,
        /// What is wrong: a sentence.
        why: String,
        /// "24 Nov 2026, 10:05".
        at: String,
    },
    /// The database failed meanwhile.
    Unfinished,
}

impl Verification {
    /// Whether it is on.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// How much of it is through, in percent; whole where none is on.
    pub fn percent(&self) -> u64 {
        match self {
            Self::Running { done, entries } => (done * 100).checked_div(*entries).unwrap_or(0),
            _ => 100,
        }
    }

    /// How it stands, in sentences.
    pub fn words(&self) -> String {
        match self {
            Self::Never => "Not verified since the server was started.".into(),
            Self::Running { done, entries } => {
                format!("{} of {}", number(*done), count(*entries, "entry", "entries"))
            }
            Self::Whole { entries, at } => format!(
                "Everything is as it was written: {}, verified on {at}.",
                count(*entries, "entry", "entries")
            ),
            Self::Broken {
                entry: Some(entry),
                why,
                at,
            } => format!(
                "Entry {} is the first that doesn’t fit. {why} Verified on {at}.",
                number(*entry)
            ),
            Self::Broken { entry: None, why, at } => {
                format!("Every entry is as it was written, but not what they tell of. {why} Verified on {at}.")
            }
            Self::Unfinished => {
                "The verification could not be finished: the database did not answer. Press Verify again.".into()
            }
        }
    }

    /// What a broken log means, and what to do about it.
    pub fn meaning(&self) -> Option<&'static str> {
        match self {
            Self::Broken { entry: Some(_), .. } => Some(
                "Somebody changed the database past Layer, or the disk damaged it. What the entries before that one tell \
                 still holds; from that one on nothing is proven. Keep a copy of the database as it is, and find out who \
                 could write to it.",
            ),
            Self::Broken { entry: None, .. } => Some(
                "Somebody changed the database past Layer, or the disk damaged it. The entries themselves hold. Keep a \
                 copy of the database as it is, and find out who could write to it.",
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(2))
    }

    #[test]
    fn nothing_asked_is_everything() {
        let wanted = AuditSearch::default().check(&zone()).unwrap();
        assert_eq!(wanted, AuditWanted::default());
    }

    #[test]
    fn days_begin_and_end_in_the_companys_zone() {
        let search = AuditSearch {
            from: "2026-08-18".into(),
            to: "2026-08-18".into(),
            ..AuditSearch::default()
        };
        let wanted = search.check(&zone()).unwrap();
        let (from, until) = (wanted.from.unwrap(), wanted.until.unwrap());
        assert_eq!(from.timestamp().to_string(), "2026-08-17T22:00:00Z");
        assert_eq!(until.0 - from.0, crate::time::DAY);
    }

    #[test]
    fn all_that_does_not_fit_is_told_at_once() {
        let search = AuditSearch::read(|name| Some(format!("no {name}")));
        let Err(Error::Invalid(wrong)) = search.check(&zone()) else {
            panic!("it was taken");
        };
        let fields: Vec<_> = wrong.iter().map(|w| w.field.as_str()).collect();
        assert_eq!(fields, ["Person", "Act", "From", "To", "Lead"]);
    }

    #[test]
    fn the_first_day_comes_first() {
        let search = AuditSearch {
            from: "2026-08-19".into(),
            to: "2026-08-18".into(),
            ..AuditSearch::default()
        };
        assert!(search.check(&zone()).is_err());
    }

    #[test]
    fn who_is_a_person_the_queue_or_the_command_line() {
        assert_eq!(person("7"), Some(ActorRef::Member(MemberId(7))));
        assert_eq!(person(QUEUE), Some(ActorRef::Worker));
        assert_eq!(person(COMMAND_LINE), Some(ActorRef::CommandLine));
        assert_eq!(person("P. Lane"), None);
    }

    #[test]
    fn a_verification_says_how_far_it_is() {
        let running = Verification::Running {
            done: 412_000,
            entries: 1_204_332,
        };
        assert_eq!(running.words(), "412,000 of 1,204,332 entries");
        assert_eq!(running.percent(), 34);
    }
}
