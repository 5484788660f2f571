//! What the live stream tells: the chain's sequence and the queue's numbers, nothing about a lead.

use domain::Result;
use domain::live::Frame;

use super::lead_stats::lead_stats;
use super::sql;
use super::{Store, audit};

impl Store {
    /// The frame of this moment.
    pub async fn frame(&self) -> Result<Frame> {
        let on = self.reader();
        let (sequence, recounts) = self.head().await?;
        let times = self.times(on).await?;
        let status = self.queue_status(on, &times).await?;
        Ok(Frame {
            sequence,
            recounts,
            stats: lead_stats(on, times.now).await?,
            run: status.run,
            paused: status.paused.is_some(),
            next_run: status.next_run,
        })
    }

    /// The chain's sequence, as any process moved it.
    pub async fn sequence(&self) -> Result<i64> {
        audit::sequence(self.reader()).await
    }

    /// The chain's sequence and how often a work stack's count came out as another, as any process moved them.
    pub async fn head(&self) -> Result<(i64, i64)> {
        let head: Option<(Option<i64>, i64)> = sql::tuple(
            self.reader(),
            "SELECT (SELECT sequence FROM audit_head WHERE id = 1), CAST(COALESCE(SUM(recounts), 0) AS BIGINT) FROM work_stack",
            [],
        )
        .await?;
        Ok(head.map_or((0, 0), |(sequence, recounts)| {
            (sequence.unwrap_or(0), recounts)
        }))
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        let one: Result<Option<i64>> =
            sql::value(self.reader(), "SELECT CAST(1 AS BIGINT)", []).await;
        one.is_ok()
    }
}
