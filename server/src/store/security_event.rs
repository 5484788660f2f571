//! Sign-ins and refused calls: kept outside the chain, so that somebody who hammers can't make it grow, and not for ever.

use domain::Result;
use domain::member::MemberId;
use domain::time::{DAY, Millis, SECOND};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::sql::{self, internal, values};
use super::{Store, Writing};
use crate::database::Priority;
use crate::entity::security_event::{ActiveModel, COLUMN, Column, Entity};

/// For so long somebody may look into what was tried.
const KEPT_FOR: i64 = 90 * DAY;
/// They go once a day, so that the worker doesn't write for each of them.
const EVERY: i64 = DAY;
/// So many go in a transaction: whoever hammered left millions, and people wait behind it.
const AT_ONCE: i64 = 10_000;

impl Store {
    /// Keeps an event. The same by the same person within a second raises the count of the one that is there.
    pub async fn security_event(
        &self,
        member: Option<MemberId>,
        endpoint: &str,
        code: &str,
    ) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        let (member, now) = (member.map(|member| member.0), writing.now.0);
        let by = match member {
            Some(member) => COLUMN.member.eq(member),
            None => COLUMN.member.is_null(),
        };
        let same = Entity::find()
            .filter(by)
            .filter(COLUMN.endpoint.eq(endpoint))
            .filter(COLUMN.code.eq(code))
            .filter(COLUMN.at.gt(now - SECOND))
            .order_by_desc(Column::Id)
            .one(writing.tx())
            .await
            .map_err(internal)?;
        if let Some(same) = same {
            // Counted by the database: another node may be at the same row.
            Entity::update_many()
                .col_expr(Column::Times, COLUMN.times.add(1))
                .filter(COLUMN.id.eq(same.id))
                .exec(writing.tx())
                .await
                .map_err(internal)?;
        } else {
            let event = ActiveModel {
                at: Set(now),
                member: Set(member),
                endpoint: Set(endpoint.to_owned()),
                code: Set(code.to_owned()),
                ..Default::default()
            };
            event.insert(writing.tx()).await.map_err(internal)?;
        }
        writing.commit_quietly().await
    }
}

/// Whether [`purge`] has something to do.
pub async fn is_stale<C: ConnectionTrait>(on: &C, now: Millis) -> Result<bool> {
    let oldest: Option<Option<i64>> =
        sql::value(on, "SELECT MIN(at) FROM security_event", []).await?;
    Ok(oldest
        .flatten()
        .is_some_and(|at| at <= now.plus(-KEPT_FOR - EVERY).0))
}

/// The oldest of those that were kept for long enough go.
pub async fn purge(writing: &Writing<'_>) -> Result<()> {
    sql::execute(
        writing.tx(),
        "DELETE FROM security_event WHERE id IN \
         (SELECT id FROM security_event WHERE at <= $1 ORDER BY at, id LIMIT $2)",
        values![writing.now.plus(-KEPT_FOR).0, AT_ONCE],
    )
    .await?;
    Ok(())
}
