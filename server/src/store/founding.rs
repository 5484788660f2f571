//! Founding: what every database has before anybody works in it. Roles, reasons and the stack `All leads`.

use domain::Result;
use domain::audit::{Act, ActorRef};
use domain::permission::{Permission, first_roles};
use domain::reason::Reason;
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, Set};

use super::sql::internal;
use super::{Store, Writing, lock, number};
use crate::database::{Priority, Turn};
use crate::entity::{reason, role, role_permission, work_stack, work_stack_role};

/// The stack that every database has.
pub const ALL_LEADS: &str = "All leads";

impl Store {
    /// Fills an empty, migrated database, in one act. Does nothing to one that was founded before.
    pub async fn found(&self) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        // Of nodes that start at once on an empty database one founds it.
        lock::alone(&writing, Turn::Schema).await?;
        let founded = role::Entity::find().one(writing.tx()).await;
        if founded.map_err(internal)?.is_some() {
            return Ok(());
        }
        let reasons = Reason::first();
        fill(&writing, &reasons).await.map_err(internal)?;
        let facts = vec![
            number("roles", first_roles().len()),
            number("reasons", reasons.len()),
            number("work-stacks", 1),
        ];
        writing
            .commit(ActorRef::CommandLine, Act::Founded, facts)
            .await?;
        Ok(())
    }
}

async fn fill(writing: &Writing<'_>, reasons: &[Reason]) -> Result<(), DbErr> {
    let tx = writing.tx();
    let all = work_stack::ActiveModel {
        name: Set(ALL_LEADS.to_owned()),
        position: Set(1),
        filter: Set("{}".to_owned()),
        is_all: Set(1),
        ..Default::default()
    };
    let all = all.insert(tx).await?;
    for (position, (name, permissions)) in (1..).zip(first_roles()) {
        let role = role::ActiveModel {
            name: Set(name.to_owned()),
            position: Set(position),
            ..Default::default()
        };
        let role = role.insert(tx).await?;
        let rights = permissions
            .iter()
            .map(|permission| role_permission::ActiveModel {
                role: Set(role.id),
                permission: Set(permission.code().to_owned()),
            });
        role_permission::Entity::insert_many(rights)
            .exec_without_returning(tx)
            .await?;
        if permissions.contains(&Permission::SeeLeads) {
            let sees = work_stack_role::ActiveModel {
                work_stack: Set(all.id),
                role: Set(role.id),
            };
            work_stack_role::Entity::insert(sees)
                .exec_without_returning(tx)
                .await?;
        }
    }
    let rows = (1..)
        .zip(reasons)
        .map(|(position, reason)| reason::ActiveModel {
            code: Set(reason.code.clone()),
            position: Set(position),
            label: Set(reason.label.clone()),
            details_demanded: Set(i64::from(reason.details_demanded)),
            must_be_carried_out: Set(i64::from(reason.must_be_carried_out)),
            sentence: Set(reason.sentence.clone()),
            offered: Set(i64::from(reason.offered)),
            ..Default::default()
        });
    reason::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
