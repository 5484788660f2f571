//! Entries of the audit log in words that people understand.

use std::collections::BTreeMap;

use domain::Result;
use domain::audit::{Act, ActorRef, Fact};
use domain::lead::LeadId;
use domain::lead_edit::Edited;
use domain::member::MemberId;
use domain::permission::Permission;
use domain::text::{count, leads, list, number};
use domain::time::MINUTE;
use sea_orm::ConnectionTrait;

use super::sql;

/// The words for what entries keep by number and code.
pub struct Words {
    members: BTreeMap<i64, String>,
    reasons: BTreeMap<String, String>,
    stacks: BTreeMap<i64, String>,
    roles: BTreeMap<i64, String>,
}

impl Words {
    /// As they are now: a member's, a reason's or a stack's name may have changed since.
    pub async fn read<C: ConnectionTrait>(on: &C) -> Result<Self> {
        let members: Vec<(i64, String)> =
            sql::tuples(on, "SELECT id, name FROM member", []).await?;
        let reasons: Vec<(String, String)> =
            sql::tuples(on, "SELECT code, label FROM reason", []).await?;
        let stacks: Vec<(i64, String)> = sql::tuples(
            on,
            "SELECT id, name FROM work_stack UNION ALL SELECT id, name FROM former_work_stack",
            [],
        )
        .await?;
        let roles: Vec<(i64, String)> = sql::tuples(on, "SELECT id, name FROM role", []).await?;
        Ok(Self {
            members: members.into_iter().collect(),
            reasons: reasons.into_iter().collect(),
            stacks: stacks.into_iter().collect(),
            roles: roles.into_iter().collect(),
        })
    }

    /// Who acted.
    pub fn actor(&self, actor: ActorRef) -> String {
        match actor {
            ActorRef::Worker => "The queue".into(),
            ActorRef::CommandLine => "Command line".into(),
            ActorRef::Member(member) => self.member(member),
        }
    }

    fn member(&self, member: MemberId) -> String {
        named(&self.members, member.0, "member")
    }

    /// What an entry is about: "3 leads, Duplicate, from Portal leads".
    pub fn about(&self, act: Option<Act>, facts: &[(String, Fact)]) -> String {
        let words = facts
            .iter()
            .filter_map(|(name, fact)| match fact {
                Fact::Number(value) => self.number(act, name, *value),
                Fact::Word(value) => self.word(name, value),
                // They say nothing to a reader.
                Fact::Digest(_) | Fact::Id(_) => None,
            })
            .filter(|words| !words.is_empty());
        words.collect::<Vec<_>>().join(", ")
    }

    /// A number in words; `None` where it says that there is nothing to say.
    fn number(&self, act: Option<Act>, name: &str, value: i64) -> Option<String> {
        let n = u64::try_from(value).unwrap_or(0);
        let some = |words: String| (n > 0).then_some(words);
        let yes = |words: &str| (n > 0).then(|| words.to_owned());
        match name {
            "leads" => Some(leads(n)),
            "lead" => Some(LeadId(value).to_string()),
            "left-out" => some(format!("{} left out", number(n))),
            "erased" => some(format!("{} deleted", number(n))),
            "skipped" => some(format!("{} kept", number(n))),
            "removed" if act == Some(Act::Undone) => some(format!("{} undone", number(n))),
            "removed" => some(format!("{} removed from the queue", number(n))),
            "held" => some(format!("{} on hold", number(n))),
            "failed" => some(format!("{} failed", number(n))),
            "waiting" if act == Some(Act::Batch) => {
                some(format!("{} to be tried again", number(n)))
            }
            "waiting" => some(count(n, "waits again", "wait again")),
            "details-demanded" if n == 0 => Some("details optional".into()),
            "details-demanded" => Some("details demanded".into()),
            "offered" if n == 0 => Some("not offered".into()),
            "offered" => Some("offered".into()),
            "sentence" if n == 0 => Some("no sentence to confirm".into()),
            "sentence" => Some("another sentence to confirm".into()),
            "must-be-carried-out" if act == Some(Act::ReasonChanged) => Some(
                if n == 0 {
                    "kept if changed"
                } else {
                    "deleted all the same if changed"
                }
                .into(),
            ),
            "must-be-carried-out" => yes("must be carried out"),
            "also-younger" => yes("also those younger than the undo time"),
            "asked-by" => Some(format!("asked by {}", self.member(MemberId(value)))),
            "member" => Some(self.member(MemberId(value))),
            "active" if n == 0 => Some("deactivated".into()),
            "active" => Some("can sign in again".into()),
            "role" if act == Some(Act::RoleChanged) => Some(self.role(value)),
            "role" => Some(format!("as {}", self.role(value))),
            "role-before" => Some(format!("was {}", self.role(value))),
            "seen-by" => Some(format!("seen by {}", self.role(value))),
            // It goes up with each edit: of use to who compares, not to who reads.
            "revision" => None,
            "work-stack" if act == Some(Act::WorkStackChanged) => Some(self.stack(value)),
            "work-stack" => Some(format!("from {}", self.stack(value))),
            "hides-deletions" if n == 0 => Some("shows deletions".into()),
            "hides-deletions" => Some("hides deletions".into()),
            "made" => yes("made"),
            "deleted" => yes("deleted"),
            "position" | "place" => Some(format!("to place {}", number(n))),
            "sources" => Some(count(n, "source", "sources")),
            "statuses" => Some(count(n, "status", "statuses")),
            "owners" => Some(count(n, "owner", "owners")),
            "no-contact-record" => yes("without a contact record"),
            "no-valid-telephone" => yes("without a valid telephone number"),
            "possible-duplicate" => yes("copies of another lead"),
            "added-within-days" => Some(format!("added in the last {}", count(n, "day", "days"))),
            "added-before-days" => Some(format!("added over {} ago", count(n, "day", "days"))),
            "idle-days" => Some(format!(
                "no activity for {} or ever",
                count(n, "day", "days")
            )),
            "columns" => Some(count(n, "column", "columns")),
            "descending" if n == 0 => Some("ascending".into()),
            "descending" => Some("descending".into()),
            "roles" => Some(count(n, "role", "roles")),
            "reasons" => Some(count(n, "reason", "reasons")),
            "work-stacks" => Some(count(n, "work stack", "work stacks")),
            "seed" => Some(format!("made up from seed {value}")),
            "open-minutes-a-week" => Some(open(n)),
            "closed-days" => Some(count(n, "closed day", "closed days")),
            "undo-minutes" => Some(format!("undo time {}", count(n, "minute", "minutes"))),
            "imported" => some(format!("{} imported", leads(n))),
            "changed" | "unchanged" | "refused" => some(format!("{} {name}", number(n))),
            // An export's days: its entry says which search it was.
            "from" => Some(format!("from {}", utc(value))),
            "clock-adjusted" => Some(format!("its clock said {}", utc(value))),
            "until" => Some(format!("until {}", utc(value))),
            _ => Some(format!("{}: {}", name.replace('-', " "), number(n))),
        }
    }

    /// A code in words.
    fn word(&self, name: &str, value: &str) -> Option<String> {
        Some(match (name, value) {
            ("reason", code) => match self.reasons.get(code) {
                Some(label) => label.clone(),
                None => code.to_owned(),
            },
            ("setting", setting) => capital(setting),
            ("sort", by) => format!("sorted by {}", by.replace('-', " ")),
            ("change", change) => change.replace('-', " "),
            ("gives", codes) => format!("may now {}", deeds(codes)),
            ("takes", codes) => format!("may no longer {}", deeds(codes)),
            ("edit", code) => match Edited::from_code(code) {
                Some(edited) => edited.deed().into(),
                None => code.to_owned(),
            },
            ("zone", zone) => format!("time zone {zone}"),
            ("region", region) => format!("telephone numbers read as in {region}"),
            ("export", "audit-log") => "the audit log".into(),
            ("act", act) => match Act::from_code(act) {
                Some(act) => act.label().to_owned(),
                None => act.to_owned(),
            },
            ("by", "queue") => "of the queue".into(),
            ("by", "command-line") => "of the command line".into(),
            _ => format!("{}: {value}", name.replace('-', " ")),
        })
    }

    fn role(&self, role: i64) -> String {
        named(&self.roles, role, "role")
    }

    fn stack(&self, stack: i64) -> String {
        named(&self.stacks, stack, "work stack")
    }
}

fn named(names: &BTreeMap<i64, String>, id: i64, what: &str) -> String {
    names
        .get(&id)
        .cloned()
        .unwrap_or_else(|| format!("{what} {id}"))
}

/// Permissions by their codes, parted by blanks.
fn deeds(codes: &str) -> String {
    let deed = |code: &str| match Permission::from_code(code) {
        Some(permission) => permission.deed().to_owned(),
        None => code.to_owned(),
    };
    list(&codes.split(' ').map(deed).collect::<Vec<_>>())
}

/// "open 60 h a week".
fn open(minutes: u64) -> String {
    match minutes % 60 {
        0 => format!("open {} h a week", minutes / 60),
        rest => format!("open {} h {rest} min a week", minutes / 60),
    }
}

/// `business-hours` is "Business hours".
fn capital(code: &str) -> String {
    let words = code.replace('-', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

/// "2026-08-17 22:00 UTC".
fn utc(at: i64) -> String {
    let at = domain::time::Millis(at - at.rem_euclid(MINUTE)).timestamp();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            members: BTreeMap::from([(3, "Petra Lane".into())]),
            reasons: BTreeMap::from([("duplicate".into(), "Duplicate".into())]),
            stacks: BTreeMap::from([(1, "All leads".into())]),
            roles: BTreeMap::new(),
        }
    }

    fn about(act: Act, facts: &[(&str, Fact)]) -> String {
        let facts: Vec<_> = facts
            .iter()
            .map(|(name, fact)| ((*name).to_owned(), fact.clone()))
            .collect();
        words().about(Some(act), &facts)
    }

    #[test]
    fn an_order_says_how_many_why_and_from_where() {
        let facts = [
            ("leads", Fact::Number(3)),
            ("left-out", Fact::Number(0)),
            ("reason", Fact::Word("duplicate".into())),
            ("must-be-carried-out", Fact::Number(1)),
            ("work-stack", Fact::Number(1)),
            ("asked-by", Fact::Number(3)),
            ("details", Fact::Digest([0; 32])),
        ];
        assert_eq!(
            about(Act::OrderConfirmed, &facts),
            "3 leads, Duplicate, must be carried out, from All leads, asked by Petra Lane"
        );
    }

    #[test]
    fn a_batch_says_what_came_of_its_leads() {
        let facts = [
            ("erased", Fact::Number(1_200)),
            ("skipped", Fact::Number(2)),
            ("failed", Fact::Number(0)),
            ("waiting", Fact::Number(1)),
        ];
        assert_eq!(
            about(Act::Batch, &facts),
            "1,200 deleted, 2 kept, 1 to be tried again"
        );
    }

    #[test]
    fn yes_and_no_are_no_numbers() {
        assert_eq!(about(Act::RunNow, &[("also-younger", Fact::Number(0))]), "");
        assert_eq!(
            about(Act::RunNow, &[("also-younger", Fact::Number(1))]),
            "also those younger than the undo time"
        );
    }

    #[test]
    fn a_setting_says_what_it_is_now() {
        let facts = [
            ("setting", Fact::Word("business-hours".into())),
            ("zone", Fact::Word("Europe/London".into())),
            ("open-minutes-a-week", Fact::Number(3_600)),
            ("closed-days", Fact::Number(0)),
            ("undo-minutes", Fact::Number(10)),
            ("region", Fact::Word("GB".into())),
        ];
        assert_eq!(
            about(Act::SettingChanged, &facts),
            "Business hours, time zone Europe/London, open 60 h a week, 0 closed days, undo time 10 minutes, telephone \
             numbers read as in GB"
        );
    }
}
