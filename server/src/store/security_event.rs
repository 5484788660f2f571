//! Sign-ins and refused calls: kept outside the chain, so that somebody who hammers can't make it grow.

use domain::Result;
use domain::member::MemberId;
use domain::time::SECOND;
use sea_orm::{ActiveModelTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::Store;
use super::sql::internal;
use crate::database::Priority;
use crate::entity::security_event::{ActiveModel, COLUMN, Column, Entity};

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
