//! What the Layer Admins were told of failed and overdue deletions: a row of `setting`, so that several nodes write one
//! message and a restart none.

use domain::Result;
use domain::lead_stats::LeadStats;
use domain::permission::Permission;
use domain::told::Told;
use sea_orm::ConnectionTrait;

use super::lead_stats::lead_stats;
use super::sql::{self, internal, values};
use super::{Store, Writing, setting};
use crate::database::Priority;

/// The setting's name.
const NAME: &str = "told";

/// A message that is to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is about.
    pub stats: LeadStats,
    /// To whom: the addresses of who may run the queue.
    pub to: Vec<String>,
}

impl Store {
    /// Looks at the queue's numbers, and says what is to be told now. It is this node's to send until the next try is due.
    pub async fn look_what_to_tell(&self) -> Result<Option<Message>> {
        let on = self.reader();
        let stats = lead_stats(on, self.now()).await?;
        let told = told(on).await?;
        // Nothing to keep: most of the time.
        if told.look(&stats, self.now()) == (told, false) {
            return Ok(None);
        }
        let writing = self.begin(Priority::Queue).await?;
        alone(&writing).await?;
        let stats = lead_stats(writing.tx(), writing.now).await?;
        let (next, due) = self::told(writing.tx()).await?.look(&stats, writing.now);
        keep(writing.tx(), next).await?;
        let to = if due {
            addresses(writing.tx()).await?
        } else {
            Vec::new()
        };
        writing.commit_quietly().await?;
        Ok(due.then_some(Message { stats, to }))
    }

    /// This message was sent.
    pub async fn told(&self, message: &Message) -> Result<()> {
        let writing = self.begin(Priority::Queue).await?;
        alone(&writing).await?;
        let told = told(writing.tx()).await?;
        let told = told.sent(&message.stats, writing.now);
        keep(writing.tx(), told).await?;
        writing.commit_quietly().await
    }
}

/// What another node saw meanwhile is read, and none looks until this is over: on PostgreSQL the row is taken by writing to it
/// before it is read.
async fn alone(writing: &Writing<'_>) -> Result<()> {
    sql::execute(
        writing.tx(),
        "INSERT INTO setting (name, value) VALUES ($1, '') ON CONFLICT (name) DO UPDATE SET value = setting.value",
        values![NAME],
    )
    .await?;
    Ok(())
}

async fn told<C: ConnectionTrait>(on: &C) -> Result<Told> {
    let kept = setting::get(on, NAME).await?;
    Ok(kept
        .and_then(|kept| serde_json::from_str(&kept).ok())
        .unwrap_or_default())
}

async fn keep<C: ConnectionTrait>(on: &C, told: Told) -> Result<()> {
    let kept = serde_json::to_string(&told)
        .map_err(|error| internal(sea_orm::DbErr::Json(error.to_string())))?;
    setting::set(on, NAME, &kept).await
}

/// Who may run the queue and is there.
async fn addresses<C: ConnectionTrait>(on: &C) -> Result<Vec<String>> {
    sql::column(
        on,
        "SELECT m.email FROM member m JOIN role_permission p ON p.role = m.role \
         WHERE m.active = 1 AND p.permission = $1 ORDER BY m.email",
        values![Permission::RunQueue.code()],
    )
    .await
}
