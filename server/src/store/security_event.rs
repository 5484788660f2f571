//! Sign-ins and refused calls: kept outside the chain, so that somebody who hammers can't make it grow.

use domain::Result;
use domain::member::MemberId;
use domain::time::SECOND;

use super::Store;
use super::sql::{self, values};
use crate::database::Priority;

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
        let repeated = sql::execute(
            writing.tx(),
            "UPDATE security_event SET times = times + 1 WHERE id = (SELECT MAX(id) FROM security_event \
             WHERE member IS NOT DISTINCT FROM $1 AND endpoint = $2 AND code = $3 AND at > $4)",
            values![member, endpoint, code, now - SECOND],
        )
        .await?;
        if repeated == 0 {
            sql::execute(
                writing.tx(),
                "INSERT INTO security_event (at, member, endpoint, code) VALUES ($1, $2, $3, $4)",
                values![now, member, endpoint, code],
            )
            .await?;
        }
        writing.commit_quietly().await
    }
}
