//! Settings: hours, undo time, reasons, members.

use async_trait::async_trait;
use domain::Error;
use domain::audit::Act;
use domain::error::Result;
use domain::member::{Member, MemberId, MembersPage, RoleSummary};
use domain::permission::{EditMembers, EditSettings, Granted, Permission};
use domain::ports::{HoursSetting, Settings};
use domain::reason::Reason;
use domain::time::coming;
use sea_orm::{EntityTrait, LoaderTrait, QueryOrder};

use super::session::actor_ref;
use super::sql::internal;
use super::{Store, draft, number, setting, word, zone};
use crate::database::Priority;
use crate::entity::{member, role, role_permission};
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
