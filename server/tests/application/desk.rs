//! A database of its own with people, stacks and leads, and what a person does at the desk: look, tick, draft.

use std::sync::Arc;

use crate::test_database::{self, TestDatabase};
use domain::audit::{Act, ActorRef};
use domain::draft::Draft;
use domain::lead::LeadId;
use domain::member::MemberId;
use domain::permission::{Actor, Permission, first_roles};
use domain::ports::{Drafts, WorkStacks};
use domain::reason::Reason;
use domain::selection::Selection;
use domain::text;
use domain::time::{DAY, Millis};
use domain::work_stack::{
    AsOf, Filter, GridPage, GridRows, GridView, Order, Place, RowsRequest, WorkStackId,
};
use sea_orm::Value;
use server::clock::SetClock;
use server::database::Priority;
use server::store::{Store, sql};
use uuid::Uuid;

/// Tuesday, 24 November 2026, 10:00 in London.
pub const START: Millis = Millis(1_795_514_400_000);

/// One test's database.
pub struct Desk {
    /// What is tested.
    pub store: Store,
    /// The clock, standing at [`START`].
    pub clock: SetClock,
    /// Where it lies.
    pub database: TestDatabase,
}

/// A lead to be added.
#[derive(Debug, Clone, Default)]
pub struct New {
    pub name: &'static str,
    pub source: &'static str,
    pub status: i64,
    pub owner: &'static str,
    /// Milliseconds before [`START`].
    pub added_ago: i64,
    /// Milliseconds before [`START`]; `None` is never.
    pub active_ago: Option<i64>,
    /// E.164, valid; or anything else, not valid.
    pub telephone: &'static str,
    pub email: &'static str,
}

/// A lead of that name.
pub fn named(name: &'static str) -> New {
    New {
        name,
        ..New::default()
    }
}

/// The roles as the database numbers them.
pub fn role(name: &str) -> i64 {
    let roles = first_roles();
    roles.iter().position(|(n, _)| *n == name).unwrap() as i64 + 1
}

impl Desk {
    /// With the five roles, one person each (Agent is 1, Auditor is 5), the reasons, and stack 1: `All leads` for all
    /// but the Auditor.
    pub async fn new() -> Self {
        let database = TestDatabase::new();
        let db = database.open().await;
        let clock = SetClock::new(START);
        let desk = Self {
            store: Store::new(db, Arc::new(clock.clone()), false),
            clock,
            database,
        };
        for (i, (name, permissions)) in first_roles().into_iter().enumerate() {
            let id = i as i64 + 1;
            desk.write(
                "INSERT INTO role (id, name, position) VALUES ($1, $2, $1)",
                [id.into(), name.into()],
            )
            .await;
            for permission in permissions {
                desk.write(
                    "INSERT INTO role_permission (role, permission) VALUES ($1, $2)",
                    [id.into(), permission.code().into()],
                )
                .await;
            }
            desk.write(
                "INSERT INTO member (id, email, name, role, created_at) VALUES ($1, $2, $3, $1, 0)",
                [id.into(), format!("{id}@desk.test").into(), name.into()],
            )
            .await;
        }
        for table in ["role", "member"] {
            desk.numbers_go_on(table).await;
        }
        for (i, reason) in Reason::first().into_iter().enumerate() {
            desk.write(
                "INSERT INTO reason (code, position, label, details_demanded, must_be_carried_out, sentence) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                [
                    reason.code.into(),
                    (i as i64).into(),
                    reason.label.into(),
                    i64::from(reason.details_demanded).into(),
                    i64::from(reason.must_be_carried_out).into(),
                    reason.sentence.into(),
                ],
            )
            .await;
        }
        let roles = ["Agent", "Team Leader", "Manager", "Layer Admin"];
        desk.stack(1, "All leads", &Filter::default(), &roles).await;
        desk.write("UPDATE work_stack SET is_all = 1 WHERE id = 1", [])
            .await;
        desk
    }

    /// One statement, committed.
    pub async fn write<const N: usize>(&self, statement: &str, values: [Value; N]) {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        let statement = test_database::in_its_words(statement);
        sql::execute(writing.tx(), &statement, values)
            .await
            .unwrap();
        writing.commit_quietly().await.unwrap();
    }

    /// After rows were given their numbers.
    async fn numbers_go_on(&self, table: &str) {
        if let Some(statement) = test_database::numbers_go_on(table) {
            self.write(&statement, []).await;
        }
    }

    /// A number that a statement tells.
    pub async fn number<const N: usize>(&self, statement: &str, values: [Value; N]) -> i64 {
        let statement = test_database::in_its_words(statement);
        sql::value(self.store.reader(), &statement, values)
            .await
            .unwrap()
            .unwrap()
    }

    /// A stack that these roles see.
    pub async fn stack(&self, id: i64, name: &str, filter: &Filter, roles: &[&str]) -> WorkStackId {
        self.write(
            "INSERT INTO work_stack (id, name, position, filter) VALUES ($1, $2, $1, $3)",
            [
                id.into(),
                name.into(),
                serde_json::to_string(filter).unwrap().into(),
            ],
        )
        .await;
        self.numbers_go_on("work_stack").await;
        for name in roles {
            self.write(
                "INSERT INTO work_stack_role (work_stack, role) VALUES ($1, $2)",
                [id.into(), role(name).into()],
            )
            .await;
        }
        WorkStackId(id)
    }

    /// Adds leads in one act, with the numbers that follow.
    pub async fn add(&self, leads: &[New]) -> Vec<LeadId> {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        let mut ids = Vec::new();
        for lead in leads {
            let valid = lead.telephone.starts_with('+');
            let contact = !lead.telephone.is_empty() || !lead.email.is_empty();
            let id: i64 = sql::value(
                writing.tx(),
                "INSERT INTO lead (uid, name, name_folded, source, status, owner, added_at, last_activity_at, \
                 contact_count, valid_telephone_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
                [
                    Value::from(Uuid::now_v7().as_bytes().to_vec()),
                    lead.name.into(),
                    text::fold(lead.name).into(),
                    lead.source.into(),
                    lead.status.into(),
                    lead.owner.into(),
                    (START.0 - lead.added_ago).into(),
                    lead.active_ago.map_or(0, |ago| START.0 - ago).into(),
                    i64::from(contact).into(),
                    i64::from(valid).into(),
                ],
            )
            .await
            .unwrap()
            .unwrap();
            let mut keys: Vec<(&str, String)> = text::fold(lead.name)
                .split_whitespace()
                .map(|part| ("name", part.to_owned()))
                .collect();
            if valid {
                keys.push(("e164", lead.telephone.into()));
                let digits = lead.telephone.chars().rev().filter(char::is_ascii_digit);
                keys.push(("digits", digits.collect()));
            }
            if !lead.email.is_empty() {
                keys.push(("email", text::fold(lead.email)));
            }
            for (kind, key) in keys {
                sql::execute(
                    writing.tx(),
                    "INSERT INTO lead_key (kind, key, lead) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    [Value::from(kind), key.into(), id.into()],
                )
                .await
                .unwrap();
            }
            if contact {
                sql::execute(
                    writing.tx(),
                    "INSERT INTO contact_record (lead, n, telephone, e164, telephone_valid, email) \
                     VALUES ($1, 1, $2, $3, $4, $5)",
                    [
                        Value::from(id),
                        lead.telephone.into(),
                        if valid { lead.telephone } else { "" }.into(),
                        i64::from(valid).into(),
                        lead.email.into(),
                    ],
                )
                .await
                .unwrap();
            }
            ids.push(LeadId(id));
            for (name, delta) in [
                ("leads", 1),
                ("without_contact_records", i64::from(!contact)),
                ("without_valid_telephone", i64::from(!valid)),
            ] {
                writing.add_stat(name, delta).await.unwrap();
            }
        }
        writing
            .commit(ActorRef::Member(MemberId(3)), Act::Imported, vec![])
            .await
            .unwrap();
        ids
    }

    /// An order of these leads with this reason, by this role's person, as a confirmation writes it.
    pub async fn order(&self, by: &str, reason: &str, stack: i64, leads: &[LeadId]) -> Uuid {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        let act = writing.act.as_bytes().to_vec();
        let id = writing.act;
        sql::execute(
            writing.tx(),
            "INSERT INTO deletion_order (id, at, member, reason, must_be_carried_out, work_stack, undo_until, confirmed, waiting, act) \
             SELECT $1, $2, $3, code, must_be_carried_out, $4, $5, $6, $6, $1 FROM reason WHERE code = $7",
            [
                Value::from(act.clone()),
                writing.now.0.into(),
                role(by).into(),
                stack.into(),
                (writing.now.0 + 600_000).into(),
                (leads.len() as i64).into(),
                reason.into(),
            ],
        )
        .await
        .unwrap();
        for lead in leads {
            sql::execute(
                writing.tx(),
                "INSERT INTO open_deletion (lead, deletion_order, ordered_at, revision, due_at) \
                 SELECT id, $2, $3, revision, $4 FROM lead WHERE id = $1",
                [
                    Value::from(lead.0),
                    act.clone().into(),
                    writing.now.0.into(),
                    (writing.now.0 + 600_000).into(),
                ],
            )
            .await
            .unwrap();
        }
        let waiting = leads.len() as i64;
        writing.add_stat("waiting", waiting).await.unwrap();
        let by = ActorRef::Member(MemberId(role(by)));
        writing
            .commit(by, Act::OrderConfirmed, vec![])
            .await
            .unwrap();
        id
    }

    /// Closes an open deletion: `removed`, or `erased` together with its lead.
    pub async fn close(&self, lead: LeadId, state: &str) {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        let act = writing.act.as_bytes().to_vec();
        for statement in [
            "INSERT INTO deletion (lead, deletion_order, state, act, at) \
             SELECT lead, deletion_order, $2, $3, $4 FROM open_deletion WHERE lead = $1",
            "UPDATE deletion_order SET waiting = waiting - 1, erased = erased + (CASE WHEN $2 = 'erased' THEN 1 ELSE 0 END), \
             removed = removed + (CASE WHEN $2 = 'erased' THEN 0 ELSE 1 END) \
             WHERE id = (SELECT deletion_order FROM open_deletion WHERE lead = $1) AND $3 = $3 AND $4 = $4",
            "DELETE FROM open_deletion WHERE lead = $1 AND $2 = $2 AND $3 = $3 AND $4 = $4",
            "DELETE FROM lead WHERE id = $1 AND $2 = 'erased' AND $3 = $3 AND $4 = $4",
        ] {
            sql::execute(
                writing.tx(),
                statement,
                [
                    Value::from(lead.0),
                    state.into(),
                    act.clone().into(),
                    writing.now.0.into(),
                ],
            )
            .await
            .unwrap();
        }
        writing.add_stat("waiting", -1).await.unwrap();
        if state == "erased" {
            writing.add_stat("leads", -1).await.unwrap();
        }
        writing
            .commit(ActorRef::Worker, Act::Batch, vec![])
            .await
            .unwrap();
    }

    /// This role's person.
    pub fn actor(&self, name: &str) -> Actor {
        let (name, permissions) = first_roles().into_iter().find(|(n, _)| *n == name).unwrap();
        Actor {
            member: MemberId(role(name)),
            name: name.into(),
            role: name.into(),
            permissions: permissions
                .into_iter()
                .collect::<std::collections::BTreeSet<Permission>>(),
        }
    }

    /// The grid, refreshed.
    pub async fn grid(&self, by: &str, view: GridView) -> domain::Result<GridPage> {
        let by = self.actor(by).granted().unwrap();
        self.store.grid(by, view).await
    }

    /// The grid, refreshed, where it can't be refused.
    pub async fn fresh(&self, by: &str, view: GridView) -> GridPage {
        self.grid(by, view).await.unwrap()
    }

    /// Further rows of a view that stands.
    pub async fn rows(
        &self,
        by: &str,
        view: GridView,
        as_of: AsOf,
        from: Place,
    ) -> domain::Result<GridRows> {
        let by = self.actor(by).granted().unwrap();
        let request = RowsRequest { view, as_of, from };
        self.store.rows(by, request).await
    }

    /// All pages of a view from a fresh one on: the leads in their order.
    pub async fn walk(&self, by: &str, view: GridView) -> Vec<LeadId> {
        let page = self.fresh(by, view.clone()).await;
        let mut leads = ids(&page);
        let mut next = page.next;
        while let Some(cursor) = next {
            let from = Place::After(cursor);
            let rows = self.rows(by, view.clone(), page.as_of, from).await.unwrap();
            leads.extend(rows.rows.iter().map(|row| row.id));
            next = rows.next;
        }
        leads
    }

    /// A draft of ticked leads.
    pub async fn draft(&self, by: &str, stack: i64, leads: &[LeadId]) -> domain::Result<Draft> {
        let by = self.actor(by).granted().unwrap();
        let selection = Selection::Leads(leads.iter().copied().collect());
        self.store
            .draft_leads(by, WorkStackId(stack), selection)
            .await
    }
}

/// A stack as everybody starts on it.
pub fn view(stack: i64) -> GridView {
    GridView {
        work_stack: WorkStackId(stack),
        search: String::new(),
        order: None,
        hide_deletions: None,
        only: None,
    }
}

/// With this typed in the search.
pub fn searching(stack: i64, search: &str) -> GridView {
    GridView {
        search: search.into(),
        ..view(stack)
    }
}

/// Sorted like this.
pub fn sorted(stack: i64, order: Order) -> GridView {
    GridView {
        order: Some(order),
        ..view(stack)
    }
}

/// The numbers of a page's rows.
pub fn ids(page: &GridPage) -> Vec<LeadId> {
    page.rows.iter().map(|row| row.id).collect()
}

/// Days in milliseconds.
pub fn days(n: i64) -> i64 {
    n * DAY
}
