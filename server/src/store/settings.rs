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
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, LoaderTrait, QueryFilter, QueryOrder};

use super::session::actor_ref;
use super::sql::internal;
use super::{Store, draft, number, setting, word, zone};
use crate::database::Priority;
use crate::entity::{member, role, role_permission, work_stack, work_stack_role};
use crate::telephone;

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
        // Else no number without + would ever be valid. `UK` is `GB`.
        let region = telephone::region_of(&new.region).ok_or_else(|| {
            Error::field(
                "Region",
                "This region isn’t known. Write it as two letters, as in GB or US.",
            )
        })?;
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
        let on = self.reader();
        let seen_by = work_stack_role::Entity::find()
            .find_both_related(role::Entity)
            .order_by_asc(role::Column::Position)
            .all(on)
            .await
            .map_err(internal)?;
        let stacks = work_stack::Entity::find()
            .order_by_asc(work_stack::Column::Position)
            .order_by_asc(work_stack::Column::Id)
            .all(on)
            .await
            .map_err(internal)?;
        let settings = stacks.into_iter().map(|stack| WorkStackSetting {
            id: WorkStackId(stack.id),
            sentence: serde_json::from_str::<Filter>(&stack.filter)
                .unwrap_or_default()
                .sentence(),
            roles: seen_by
                .iter()
                .filter(|(sees, _)| sees.work_stack == stack.id)
                .map(|(_, role)| role.name.clone())
                .collect(),
            hides_deletions: stack.hides_deletions == 1,
            name: stack.name,
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
        let touched = work_stack::Entity::update_many()
            .col_expr(
                work_stack::Column::HidesDeletions,
                Expr::value(i64::from(hides)),
            )
            .filter(work_stack::COLUMN.id.eq(stack.0))
            .exec(writing.tx())
            .await
            .map_err(internal)?;
        if touched.rows_affected == 0 {
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
        draft::reasons(self.reader()).await
    }

    async fn members(&self, _by: Granted<EditMembers>) -> Result<MembersPage> {
        let on = self.reader();
        let members = member::Entity::find()
            .find_both_related(role::Entity)
            .order_by_asc(member::Column::Name)
            .order_by_asc(member::Column::Id)
            .all(on)
            .await
            .map_err(internal)?;
        let roles = role::Entity::find()
            .order_by_asc(role::Column::Position)
            .all(on)
            .await
            .map_err(internal)?;
        let rights = roles
            .load_many(role_permission::Entity, on)
            .await
            .map_err(internal)?;
        Ok(MembersPage {
            members: members
                .into_iter()
                .map(|(member, role)| Member {
                    id: MemberId(member.id),
                    name: member.name,
                    email: member.email,
                    role: role.name,
                    active: member.active == 1,
                })
                .collect(),
            roles: roles
                .into_iter()
                .zip(rights)
                .map(|(role, rights)| RoleSummary {
                    name: role.name,
                    may: deeds(&rights),
                })
                .collect(),
        })
    }
}

/// What these permissions let a role do, in the order of all permissions.
fn deeds(rights: &[role_permission::Model]) -> Vec<String> {
    let mut may: Vec<_> = rights
        .iter()
        .filter_map(|right| Permission::from_code(&right.permission))
        .collect();
    may.sort();
    may.into_iter()
        .map(|right| right.deed().to_owned())
        .collect()
}
