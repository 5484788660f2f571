//! Founding: what every database has before anybody works in it. Roles, reasons and the stack `All leads`.

use domain::Result;
use domain::audit::{Act, ActorRef};
use domain::permission::{Permission, first_roles};
use domain::reason::Reason;

use super::sql::{self, values};
use super::{Store, number};
use crate::database::Priority;

/// The stack that every database has.
pub const ALL_LEADS: &str = "All leads";

impl Store {
    /// Fills an empty, migrated database, in one act. Does nothing to one that was founded before.
    pub async fn found(&self) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        let roles: i64 = sql::value(tx, "SELECT COUNT(*) FROM role", [])
            .await?
            .unwrap_or(0);
        if roles > 0 {
            return Ok(());
        }
        let stack: i64 = sql::value(
            tx,
            "INSERT INTO work_stack (name, position, filter, is_all) VALUES ($1, 1, '{}', 1) RETURNING id",
            values![ALL_LEADS],
        )
        .await?
        .unwrap_or(0);
        for (position, (name, permissions)) in (1_i64..).zip(first_roles()) {
            let role: i64 = sql::value(
                tx,
                "INSERT INTO role (name, position) VALUES ($1, $2) RETURNING id",
                values![name, position],
            )
            .await?
            .unwrap_or(0);
            for permission in &permissions {
                sql::execute(
                    tx,
                    "INSERT INTO role_permission (role, permission) VALUES ($1, $2)",
                    values![role, permission.code()],
                )
                .await?;
            }
            if permissions.contains(&Permission::SeeLeads) {
                sql::execute(
                    tx,
                    "INSERT INTO work_stack_role (work_stack, role) VALUES ($1, $2)",
                    values![stack, role],
                )
                .await?;
            }
        }
        let reasons = Reason::first();
        for (position, reason) in (1_i64..).zip(&reasons) {
            sql::execute(
                tx,
                "INSERT INTO reason (code, position, label, details_demanded, must_be_carried_out, sentence, offered) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                values![
                    reason.code.as_str(),
                    position,
                    reason.label.as_str(),
                    i64::from(reason.details_demanded),
                    i64::from(reason.must_be_carried_out),
                    reason.sentence.clone(),
                    i64::from(reason.offered)
                ],
            )
            .await?;
        }
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
