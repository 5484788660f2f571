//! Settings: hours, undo time, stacks, reasons, members.

use async_trait::async_trait;
use domain::Error;
use domain::audit::Act;
use domain::error::Result;
use domain::member::{Member, MemberId, MembersPage, RoleSummary};
use domain::permission::{EditMembers, EditSettings, Granted, Permission};
use domain::ports::{HoursSetting, Settings};
use domain::reason::Reason;
use domain::time::coming;
use domain::work_stack::{Filter, WorkStackId, WorkStackSetting};

use super::session::actor_ref;
use super::sql::{self, get, values};
use super::{Store, number, setting, word, zone};
use crate::database::Priority;

#[async_trait]
impl Settings for Store {
    async fn hours(&self, _by: Granted<EditSettings>) -> Result<HoursSetting> {
        let (calendar, undo_time, now) =
            (self.calendar().await?, self.undo_time().await?, self.now());
        let leaves = calendar.leaves_at(now, undo_time, now);
        Ok(HoursSetting {
            hours: calendar.hours().clone(),
            undo_time,
            region: setting::region(self.reader()).await?,
            leaves: coming(leaves, now, calendar.zone()),
        })
    }

    async fn save_hours(&self, by: Granted<EditSettings>, new: HoursSetting) -> Result<()> {
        let mut hours = new.hours;
        hours.zone = hours.zone.trim().to_owned();
        zone(&hours.zone)?;
        hours.check()?;
        hours.closed_days.sort();
        hours.closed_days.dedup();
        let minutes =
            domain::undo_time::UndoTime::minutes(new.undo_time.as_minutes())?.as_minutes();
        let region = new.region.trim().to_ascii_uppercase();
        if region.len() != 2 || !region.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(Error::field(
                "Region",
                "Write the region as two letters, as in GB or US.",
            ));
        }
        let kept =
            serde_json::to_string(&hours).map_err(|error| Error::Internal(error.to_string()))?;
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        setting::set(tx, "business_hours", &kept).await?;
        setting::set(tx, "undo_minutes", &minutes.to_string()).await?;
        setting::set(tx, "region", &region).await?;
        let open: i64 = hours
            .week
            .iter()
            .flatten()
            .map(|day| i64::from(day.to - day.from))
            .sum();
        let facts = vec![
            word("setting", "business-hours"),
            word("zone", &hours.zone),
            number("open-minutes-a-week", open),
            number("closed-days", hours.closed_days.len()),
            number("undo-minutes", minutes),
            word("region", &region),
        ];
        writing
            .commit(actor_ref(by.actor()), Act::SettingChanged, facts)
            .await?;
        Ok(())
    }

    async fn work_stack_settings(
        &self,
        _by: Granted<EditSettings>,
    ) -> Result<Vec<WorkStackSetting>> {
        let roles: Vec<(i64, String)> = sql::tuples(
            self.reader(),
            "SELECT v.work_stack, r.name FROM work_stack_role v JOIN role r ON r.id = v.role ORDER BY r.position",
            [],
        )
        .await?;
        let stacks: Vec<(i64, String, String, i64)> = sql::tuples(
            self.reader(),
            "SELECT id, name, filter, hides_deletions FROM work_stack ORDER BY position, id",
            [],
        )
        .await?;
        let settings = stacks
            .into_iter()
            .map(|(id, name, filter, hides)| WorkStackSetting {
                id: WorkStackId(id),
                name,
                sentence: serde_json::from_str::<Filter>(&filter)
                    .unwrap_or_default()
                    .sentence(),
                roles: roles
                    .iter()
                    .filter(|(stack, _)| *stack == id)
                    .map(|(_, role)| role.clone())
                    .collect(),
                hides_deletions: hides == 1,
            });
        Ok(settings.collect())
    }

    async fn set_hides_deletions(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        hides: bool,
    ) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        let touched = sql::execute(
            writing.tx(),
            "UPDATE work_stack SET hides_deletions = $2 WHERE id = $1",
            values![stack.0, i64::from(hides)],
        )
        .await?;
        if touched == 0 {
            return Err(Error::not_found("work stack"));
        }
        let facts = vec![
            number("work-stack", stack.0),
            number("hides-deletions", i64::from(hides)),
        ];
        writing
            .commit(actor_ref(by.actor()), Act::WorkStackChanged, facts)
            .await?;
        Ok(())
    }

    async fn reasons(&self, _by: Granted<EditSettings>) -> Result<Vec<Reason>> {
        let rows = sql::rows(
            self.reader(),
            "SELECT code, label, details_demanded, must_be_carried_out, sentence, offered FROM reason \
             ORDER BY position, code",
            [],
        )
        .await?;
        rows.iter()
            .map(|row| {
                let yes = |column: &str| -> Result<bool> { Ok(get::<i64>(row, column)? == 1) };
                Ok(Reason {
                    code: get(row, "code")?,
                    label: get(row, "label")?,
                    details_demanded: yes("details_demanded")?,
                    must_be_carried_out: yes("must_be_carried_out")?,
                    sentence: get(row, "sentence")?,
                    offered: yes("offered")?,
                })
            })
            .collect()
    }

    async fn members(&self, _by: Granted<EditMembers>) -> Result<MembersPage> {
        let on = self.reader();
        let members: Vec<(i64, String, String, String, i64)> = sql::tuples(
            on,
            "SELECT m.id, m.name, m.email, r.name, m.active FROM member m JOIN role r ON r.id = m.role \
             ORDER BY m.name, m.id",
            [],
        )
        .await?;
        let rights: Vec<(String, Option<String>)> = sql::tuples(
            on,
            "SELECT r.name, p.permission FROM role r LEFT JOIN role_permission p ON p.role = r.id ORDER BY r.position",
            [],
        )
        .await?;
        let mut roles: Vec<(String, Vec<Permission>)> = Vec::new();
        for (name, code) in rights {
            if roles.last().is_none_or(|(last, _)| *last != name) {
                roles.push((name, Vec::new()));
            }
            if let (Some((_, may)), Some(code)) = (roles.last_mut(), code) {
                may.extend(Permission::from_code(&code));
            }
        }
        Ok(MembersPage {
            members: members
                .into_iter()
                .map(|(id, name, email, role, active)| Member {
                    id: MemberId(id),
                    name,
                    email,
                    role,
                    active: active == 1,
                })
                .collect(),
            roles: roles
                .into_iter()
                .map(|(name, mut may)| {
                    may.sort();
                    RoleSummary {
                        name,
                        may: may
                            .into_iter()
                            .map(|right| right.deed().to_owned())
                            .collect(),
                    }
                })
                .collect(),
        })
    }
}
