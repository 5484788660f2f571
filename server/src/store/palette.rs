//! The command palette: leads by what is typed.

use async_trait::async_trait;
use domain::error::Result;
use domain::lead::{LeadId, LeadStatus};
use domain::palette::{FoundLead, MOST_FOUND, finds_leads};
use domain::permission::{Granted, SeeLeads};
use domain::ports::Palette;

use super::query::Query;
use super::{Store, filter, scope, sql};

#[async_trait]
impl Palette for Store {
    async fn find_leads(&self, by: Granted<SeeLeads>, typed: String) -> Result<Vec<FoundLead>> {
        if !finds_leads(&typed) {
            return Ok(Vec::new());
        }
        let on = self.reader();
        let mut query =
            Query::new("SELECT l.id, l.name, l.source, l.status FROM lead l WHERE 1 = 1");
        filter::search(&mut query, &typed);
        scope::seen(
            &mut query,
            &scope::stacks(on, by.member()).await?,
            self.now(),
        );
        // The lead of that very number first, then the newest.
        let asked = typed.parse().map_or(0, |LeadId(id)| id);
        query
            .add(" ORDER BY CASE WHEN l.id = ")
            .bind(asked)
            .add(" THEN 0 ELSE 1 END, l.id DESC LIMIT ")
            .bind(i64::from(MOST_FOUND));
        let rows = query.rows(on).await?;
        rows.iter()
            .map(|found| {
                Ok(FoundLead {
                    id: LeadId(sql::get(found, "id")?),
                    name: sql::get(found, "name")?,
                    source: sql::get(found, "source")?,
                    status: LeadStatus::from_number(sql::get(found, "status")?),
                })
            })
            .collect()
    }
}
