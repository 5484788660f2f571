//! A database of one promise's own, with the demo's people and as many leads as it wants.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use domain::audit::{Act, ActorRef};
use domain::business_hours::BusinessHours;
use domain::deletion_order::OrderId;
use domain::draft::{Confirmation, Confirmed, Draft};
use domain::lead::LeadId;
use domain::permission::{Actor, Granted, Right};
use domain::ports::{Drafts, WorkStacks};
use domain::selection::Selection;
use domain::time::Millis;
use domain::work_stack::{GridView, WorkStackId};
use sea_orm::{ConnectOptions, ConnectionTrait, Value};
use server::clock::{Clock, SetClock, SystemClock};
use server::database::{Database, Priority};
use server::store::{Store, setting, sql};
use server::{demo, worker};
use uuid::Uuid;

/// Tuesday, 24 November 2026, 22:00 in London: outside the business hours of a new database.
pub const NIGHT: Millis = Millis(1_795_557_600_000);

/// A folder in memory, where the system has one.
const MEMORY: &str = "/dev/shm";

/// A database to be tortured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The promise is about none.
    None,
    /// A file.
    Sqlite,
    /// A server, by its URL without a database.
    Postgres(String),
}

impl Engine {
    /// For the table.
    pub fn words(&self) -> &'static str {
        match self {
            Self::None => "-",
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// Which clock a ground's stores go by.
#[derive(Debug, Clone)]
pub enum Time {
    /// The machine's: processes take part.
    Machine,
    /// One that the promise sets.
    Set(SetClock),
}

/// A database of its own. It goes when it is dropped.
pub struct Ground {
    /// How a process opens it.
    pub url: String,
    /// Where files of this ground may lie.
    pub folder: tempfile::TempDir,
    time: Time,
    server: Option<(String, String)>,
}

/// An open store on a ground.
pub struct Open {
    store: Arc<Store>,
}

impl Deref for Open {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Ground {
    /// Migrated and founded, with the demo's people and no leads; the queue may run at any time, and nothing waits for an
    /// undo time.
    pub async fn new(engine: &Engine, time: Time) -> Result<Self> {
        let ground = Self::empty(engine, time).await?;
        let open = ground.open().await?;
        open.database().migrate().await?;
        demo::fill(&open, 0, 1).await?;
        let hours = BusinessHours {
            week: [None; 7],
            ..BusinessHours::default()
        };
        open.set("business_hours", &serde_json::to_string(&hours)?)
            .await?;
        open.set("undo_minutes", "0").await?;
        open.close().await;
        Ok(ground)
    }

    /// Without a schema.
    pub async fn empty(engine: &Engine, time: Time) -> Result<Self> {
        // Where the database's own process isn't killed the disk has no part in it, and each commit would wait for it.
        let folder = match &time {
            Time::Set(_) if Path::new(MEMORY).is_dir() => tempfile::tempdir_in(MEMORY)?,
            _ => tempfile::tempdir()?,
        };
        let (url, server) = match engine {
            Engine::Postgres(server) => {
                let name = format!("torture_{}", Uuid::new_v4().simple());
                on_server(server, &format!("CREATE DATABASE {name}")).await?;
                if matches!(time, Time::Set(_)) {
                    let forgetful = format!("ALTER DATABASE {name} SET synchronous_commit = off");
                    on_server(server, &forgetful).await?;
                }
                let url = format!("{}/{name}", server.trim_end_matches('/'));
                (url, Some((server.clone(), name)))
            }
            _ => {
                let file = folder.path().join("layer.db");
                (format!("sqlite://{}", file.display()), None)
            }
        };
        Ok(Self {
            url,
            folder,
            time,
            server,
        })
    }

    /// Another process's view of it, as far as a store can be one.
    pub async fn open(&self) -> Result<Open> {
        match &self.time {
            Time::Machine => self.open_by(SystemClock::default()).await,
            Time::Set(clock) => self.open_by(clock.clone()).await,
        }
    }

    /// Of a process that goes by this clock until the database tells it the time.
    pub async fn open_by(&self, clock: impl Clock) -> Result<Open> {
        let database = Database::open(&self.url).await?;
        Ok(Open {
            store: Arc::new(Store::new(database, Arc::new(clock), true)),
        })
    }

    /// SQLite's file; `None` on a server.
    pub fn file(&self) -> Option<PathBuf> {
        match self.server {
            None => Some(self.folder.path().join("layer.db")),
            Some(_) => None,
        }
    }

    /// SQLite's write-ahead log.
    pub fn log(&self) -> Option<PathBuf> {
        self.file().map(|file| {
            let mut name = file.into_os_string();
            name.push("-wal");
            PathBuf::from(name)
        })
    }

    /// Whether it is on a server, where several processes work at a time.
    pub fn is_shared(&self) -> bool {
        self.server.is_some()
    }

    /// Drops what the server keeps of it.
    pub async fn done(self) -> Result<()> {
        if let Some((server, name)) = &self.server {
            on_server(
                server,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await?;
        }
        Ok(())
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

async fn on_server(server: &str, statement: &str) -> Result<()> {
    let mut options = ConnectOptions::new(format!("{}/postgres", server.trim_end_matches('/')));
    options.sqlx_logging(false).max_connections(1);
    let on = sea_orm::Database::connect(options)
        .await
        .context("the PostgreSQL server can't be reached")?;
    on.execute_unprepared(statement).await?;
    on.close().await?;
    Ok(())
}

impl Open {
    /// The store, to be shared by tasks.
    pub fn shared(&self) -> Arc<Store> {
        self.store.clone()
    }

    /// Ends its connections.
    pub async fn close(self) {
        self.store.database().close().await;
    }

    /// Sets a setting.
    pub async fn set(&self, name: &str, value: &str) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        setting::set(writing.tx(), name, value).await?;
        writing.commit_quietly().await?;
        Ok(())
    }

    /// One statement, committed.
    pub async fn write<const N: usize>(&self, statement: &str, values: [Value; N]) -> Result<u64> {
        let writing = self.begin(Priority::Person).await?;
        let touched = sql::execute(writing.tx(), statement, values).await?;
        writing.commit_quietly().await?;
        Ok(touched)
    }

    /// A number that a statement tells.
    pub async fn number(&self, statement: &str) -> Result<i64> {
        let number: Option<Option<i64>> = sql::value(self.reader(), statement, []).await?;
        Ok(number.flatten().unwrap_or(0))
    }

    /// One of the demo's people, by role.
    pub async fn actor(&self, role: &str) -> Result<Actor> {
        let email = match role {
            "Layer Admin" => "admin@demo.test".to_owned(),
            role => format!("{}@demo.test", role.to_lowercase().replace(' ', "-")),
        };
        let actor = self.member_by_email(&email).await?;
        actor.with_context(|| format!("nobody is {email}"))
    }

    /// The proof that one of the demo's people may do it.
    pub async fn granted<P: Right>(&self, role: &str) -> Result<Granted<P>> {
        Ok(self.actor(role).await?.granted()?)
    }

    /// Adds so many leads in one act, each with two contact records, three activities and four names to find it by.
    pub async fn add_leads(&self, count: usize) -> Result<Vec<LeadId>> {
        const N: &str = "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)";
        let is_sqlite = self.database().file().is_some();
        let uid = if is_sqlite {
            "randomblob(16)"
        } else {
            "decode(md5(random()::text || i), 'hex')"
        };
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        let last: Option<Option<i64>> = sql::value(tx, "SELECT MAX(id) FROM lead", []).await?;
        let last = last.flatten().unwrap_or(0);
        sql::execute(
            tx,
            &format!(
                "{N} INSERT INTO lead (uid, name, name_folded, source, added_at, last_activity_at, contact_count, \
                 valid_telephone_count, activity_count) \
                 SELECT {uid}, 'Ann Example', 'ann example', 'Portal', $2, $2, 2, 1, 3 FROM n"
            ),
            [(count as i64).into(), writing.now.0.into()],
        )
        .await?;
        for (columns, values) in [
            (
                "contact_record (lead, n, telephone, e164, telephone_valid, email)",
                "id, 1, '020 7946 0123', '+4420' || (70000000 + id), 1, ''",
            ),
            (
                "contact_record (lead, n, telephone, e164, telephone_valid, email)",
                "id, 2, '', '', 0, 'ann' || id || '@example.com'",
            ),
            (
                "activity (lead, n, kind, at, text)",
                "id, 1, 'note', 0, 'Asked about a flat'",
            ),
            (
                "activity (lead, n, kind, at, text)",
                "id, 2, 'call', 0, 'Called'",
            ),
            (
                "activity (lead, n, kind, at, text)",
                "id, 3, 'note', 0, 'Asked again'",
            ),
            ("lead_key (kind, key, lead)", "'name', 'ann', id"),
            ("lead_key (kind, key, lead)", "'name', 'example', id"),
            (
                "lead_key (kind, key, lead)",
                "'e164', '+4420' || (70000000 + id), id",
            ),
            (
                "lead_key (kind, key, lead)",
                "'email', 'ann' || id || '@example.com', id",
            ),
        ] {
            sql::execute(
                tx,
                &format!(
                    "INSERT INTO {columns} SELECT {values} FROM lead WHERE id > $1 ORDER BY id"
                ),
                [last.into()],
            )
            .await?;
        }
        let ids: Vec<i64> = sql::column(
            tx,
            "SELECT id FROM lead WHERE id > $1 ORDER BY id",
            [last.into()],
        )
        .await?;
        writing.add_stat("leads", count as i64).await?;
        writing
            .commit(ActorRef::CommandLine, Act::Imported, Vec::new())
            .await?;
        Ok(ids.into_iter().map(LeadId).collect())
    }

    /// Drafts ticked leads in the name of this role's person.
    pub async fn draft(&self, by: &str, leads: &[LeadId]) -> Result<Draft> {
        let selection = Selection::Leads(leads.iter().copied().collect());
        let by = self.granted(by).await?;
        Ok(self.draft_leads(by, WorkStackId(1), selection).await?)
    }

    /// Confirms a draft.
    async fn confirm_draft(&self, by: &str, draft: &Draft, reason: &str) -> Result<Confirmed> {
        let by = self.granted(by).await?;
        Ok(self.confirm(by, confirmation(draft, reason)).await?)
    }

    /// Drafts and confirms ticked leads.
    pub async fn delete(&self, by: &str, reason: &str, leads: &[LeadId]) -> Result<OrderId> {
        let draft = self.draft(by, leads).await?;
        Ok(self.confirm_draft(by, &draft, reason).await?.order)
    }

    /// Opens Delete All's dialog: every lead that has no open deletion.
    pub async fn draft_all(&self) -> Result<Draft> {
        let view = GridView {
            work_stack: WorkStackId(1),
            search: String::new(),
            order: None,
            hide_deletions: None,
            only: None,
        };
        let page = self
            .grid(self.granted("Manager").await?, view.clone())
            .await?;
        let selection = Selection::Matching {
            view,
            as_of: page.as_of,
            except: Default::default(),
        };
        let by = self.granted("Manager").await?;
        Ok(self.draft_matching(by, selection).await?)
    }

    /// Delete All, confirmed: one order.
    pub async fn delete_all(&self, reason: &str) -> Result<OrderId> {
        let draft = self.draft_all().await?;
        Ok(self.confirm_draft("Manager", &draft, reason).await?.order)
    }

    /// Runs what is due, within the hours.
    pub async fn drain(&self) -> Result<server::store::claim::Settled> {
        Ok(worker::drain(&self.store, true, ActorRef::Worker).await?)
    }
}

/// A confirmation as the dialog sends it.
pub fn confirmation(draft: &Draft, reason: &str) -> Confirmation {
    let of = draft.reasons.iter().find(|r| r.code == reason);
    Confirmation {
        draft: draft.id,
        reason: reason.into(),
        details: String::new(),
        typed: draft.counts_for(of).leads.to_string(),
        sentence_confirmed: true,
    }
}
