//! Sessions: who is signed in, and the frame around every page for them.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::audit::ActorRef;
use domain::error::Result;
use domain::permission::{Actor, Permission};
use domain::ports::Sessions;
use domain::session::{DemoRole, Shell, SignInOptions};
use domain::time::{Clock, DAY, MINUTE};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{EntityTrait, QueryFilter, Set};
use sha2::{Digest, Sha256};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store;

use super::deletion_order::needs;
use super::deletion_queue::badge;
use super::lead_stats::lead_stats;
use super::sql::{self, internal, values};
use super::{Store, ask_first, audit, setting, zone};
use crate::database::Priority;
use crate::entity::{member, session};

/// A session that isn't used for so long ends.
pub const IDLE: i64 = 7 * DAY;

/// What a session's data call the member.
pub const MEMBER: &str = "member";

#[async_trait]
impl Sessions for Store {
    async fn sign_in_options(&self) -> Result<SignInOptions> {
        if !self.is_demo() {
            let somebody = member::Entity::find()
                .filter(member::COLUMN.active.eq(1))
                .filter(member::COLUMN.demo.eq(0))
                .filter(member::COLUMN.password_hash.is_not_null())
                .one(self.reader())
                .await
                .map_err(internal)?;
            return Ok(SignInOptions {
                demo_roles: Vec::new(),
                nobody_yet: somebody.is_none(),
            });
        }
        let people: Vec<(String, String)> = sql::tuples(
            self.reader(),
            "SELECT r.name, m.email FROM member m JOIN role r ON r.id = m.role WHERE m.active = 1 AND m.demo = 1 \
             ORDER BY r.position, m.id",
            [],
        )
        .await?;
        let demo_roles = people
            .into_iter()
            .map(|(role, email)| DemoRole { role, email })
            .collect();
        Ok(SignInOptions {
            demo_roles,
            nobody_yet: false,
        })
    }

    async fn shell(&self, actor: &Actor) -> Result<Shell> {
        let on = self.reader();
        // First, so that nothing that comes after is lost to who opens the live stream at it.
        let sequence = audit::sequence(on).await?;
        let hours = setting::business_hours(on).await?;
        let stats = lead_stats(on, self.now()).await?;
        let banner = stats.banner().filter(|_| actor.may(Permission::RunQueue));
        Ok(Shell {
            member: actor.member,
            name: actor.name.clone(),
            role: actor.role.clone(),
            permissions: actor.permissions.iter().copied().collect(),
            queue_scope: actor.queue_scope(),
            work_stacks: self.stack_summaries(on, actor.member).await?,
            open_deletions: badge(on, actor, &stats).await?,
            needs_me: needs(on, actor, self.now()).await?,
            asked: if actor.may(Permission::RunQueue) {
                ask_first::count_waiting(on, self.now()).await?
            } else {
                0
            },
            banner,
            sequence,
            clock: Clock::read(self.now(), &zone(&hours.zone)?, &hours.zone),
        })
    }
}

impl Store {
    /// Whether who has this session sees the queue at this moment; `None` where the session is nobody's who may sign in.
    pub async fn session_sees_queue(&self, session: &Id) -> Result<Option<bool>> {
        let sees: Option<i64> = sql::value(
            self.reader(),
            "SELECT (SELECT COUNT(*) FROM role_permission p WHERE p.role = m.role AND p.permission = $4) \
             FROM session s JOIN member m ON m.id = s.member \
             WHERE s.id = $1 AND s.expires_at > $2 AND m.active = 1 AND (m.demo = 0 OR $3 = 1)",
            values![
                digest(session),
                self.now().0,
                i64::from(self.is_demo()),
                Permission::SeeQueue.code()
            ],
        )
        .await?;
        Ok(sees.map(|sees| sees > 0))
    }

    /// Puts off a session's end, at most once a minute. Expired ones go.
    pub async fn touch_session(&self, session: &Id) -> Result<()> {
        let (id, ends) = (digest(session), self.now().0 + IDLE);
        let old = session::Entity::find_by_id(id.clone())
            .filter(session::COLUMN.expires_at.lt(ends - MINUTE))
            .one(self.reader())
            .await
            .map_err(internal)?;
        if old.is_none() {
            return Ok(());
        }
        let writing = self.begin(Priority::Person).await?;
        // Not an error where it ended meanwhile: then there is nothing to put off.
        session::Entity::update_many()
            .col_expr(session::Column::ExpiresAt, Expr::value(ends))
            .filter(session::COLUMN.id.eq(id))
            .exec(writing.tx())
            .await
            .map_err(internal)?;
        session::Entity::delete_many()
            .filter(session::COLUMN.expires_at.lt(writing.now.0))
            .exec(writing.tx())
            .await
            .map_err(internal)?;
        writing.commit_quietly().await
    }
}

/// Who acts, for the chain.
pub fn actor_ref(actor: &Actor) -> ActorRef {
    ActorRef::Member(actor.member)
}

/// The sessions' rows, as tower-sessions wants them. The cookie's id is kept as its SHA-256: who reads the database
/// can't sign in with it.
#[derive(Clone)]
pub struct SessionRows(pub Arc<Store>);

impl fmt::Debug for SessionRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionRows")
    }
}

#[async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits: that two are alike is no case to handle.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let member = record.data.get(MEMBER).and_then(|member| member.as_i64());
        let data = serde_json::to_string(&record.data)
            .map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let write = async {
            let writing = self.0.begin(Priority::Person).await?;
            let row = session::ActiveModel {
                id: Set(digest(&record.id)),
                member: Set(member),
                data: Set(data),
                expires_at: Set(writing.now.0 + IDLE),
            };
            use session::Column::{Data, ExpiresAt, Id, Member};
            session::Entity::insert(row)
                .on_conflict(
                    OnConflict::column(Id)
                        .update_columns([Member, Data, ExpiresAt])
                        .to_owned(),
                )
                .exec_without_returning(writing.tx())
                .await
                .map_err(internal)?;
            writing.commit_quietly().await
        };
        write.await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let found = session::Entity::find_by_id(digest(id))
            .filter(session::COLUMN.expires_at.gt(self.0.now().0))
            .one(self.0.reader())
            .await
            .map_err(|error| backend(internal(error)))?;
        let Some(row) = found else { return Ok(None) };
        let data = serde_json::from_str(&row.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: tower_sessions::cookie::time::OffsetDateTime::now_utc()
                + std::time::Duration::from_millis(IDLE.unsigned_abs()),
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let write = async {
            let writing = self.0.begin(Priority::Person).await?;
            session::Entity::delete_by_id(digest(id))
                .exec(writing.tx())
                .await
                .map_err(internal)?;
            writing.commit_quietly().await
        };
        write.await.map_err(backend)
    }
}

fn digest(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

fn backend(error: domain::Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}
