//! A log with entries of many kinds: leads are ordered to be deleted, taken back, removed, put back and erased; texts are
//! written and blacked out; settings change. Grown act by act from a seeded generator.

use domain::removal::{Removal, RemovalPreview, Removed};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use server::store::sql;

use crate::test_app::TestApp;

/// What is typed: personal by nature, and must not be found where it was blacked out.
pub const TYPED: &str = "Asked by telephone";

/// An application whose log grows.
pub struct BusyLog {
    pub app: TestApp,
    pub admin: String,
    pub rng: StdRng,
    colleague: String,
    orders: Vec<Value>,
    removals: Vec<Value>,
}

impl BusyLog {
    /// The demo with so many leads.
    pub async fn new(leads: usize, seed: u64) -> Self {
        let app = TestApp::demo(leads).await;
        Self {
            admin: app.sign_in("admin@demo.test").await,
            colleague: app.sign_in("team-leader@demo.test").await,
            app,
            rng: StdRng::seed_from_u64(seed),
            orders: Vec::new(),
            removals: Vec::new(),
        }
    }

    /// The same, with so many acts.
    pub async fn with(leads: usize, acts: usize, seed: u64) -> Self {
        let mut log = Self::new(leads, seed).await;
        for act in 0..acts {
            log.act(act).await;
        }
        log
    }

    /// One more act; their kinds take turns. One that doesn't fit just now is refused and leaves nothing.
    pub async fn act(&mut self, turn: usize) {
        self.app.clock.advance(self.rng.random_range(1..20_000));
        let admin = self.admin.clone();
        match turn % 16 {
            0 | 6 | 11 => self.order("other", TYPED).await,
            1 | 9 => self.order("outdated", "").await,
            2 => self.order("do-not-contact", "").await,
            3 => {
                if let Some(order) = self.orders.choose(&mut self.rng) {
                    let order = json!({ "order": order });
                    self.ask(&admin, "orders/undo", order).await;
                }
            }
            4 => self.x().await,
            5 => self.remove().await,
            7 => {
                if let Some(removal) = self.removals.pop() {
                    let removal = json!({ "removal": removal });
                    self.ask(&admin, "removals/undo", removal).await;
                }
            }
            8 => {
                let by = domain::audit::ActorRef::Worker;
                server::worker::drain(&self.app.store, false, by)
                    .await
                    .unwrap();
            }
            10 => {
                if let Some(order) = self.orders.choose(&mut self.rng) {
                    let order = json!({ "order": order });
                    self.ask(&admin, "orders/redact", order).await;
                }
            }
            12 => self.ask_first().await,
            13 => {
                self.ask(&admin, "queue/pause", json!({})).await;
                self.app.clock.advance(1);
                self.ask(&admin, "queue/resume", json!({})).await;
            }
            14 => self.note().await,
            _ => {
                let answer = self.app.form(Some(&admin), "/audit-log/export", "").await;
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        }
    }

    async fn ask(&self, by: &str, endpoint: &str, arguments: Value) -> Option<Value> {
        let answer = self
            .app
            .call(Some(by), endpoint, &arguments.to_string())
            .await;
        let status = answer.status.as_u16();
        assert!(
            matches!(status, 200 | 404 | 409 | 422),
            "{endpoint} {arguments}: {status} {}",
            answer.body
        );
        (status == 200).then(|| serde_json::from_str(&answer.body).unwrap())
    }

    /// One to four leads, by their references.
    async fn some_leads(&mut self) -> Vec<String> {
        let on = self.app.store.reader();
        let statement = "SELECT l.id FROM lead l WHERE NOT EXISTS (SELECT 1 FROM open_deletion o WHERE o.lead = l.id)";
        let leads: Vec<i64> = sql::column(on, statement, []).await.unwrap();
        let count = self.rng.random_range(1..5);
        let some = leads.choose_multiple(&mut self.rng, count);
        some.map(|lead| format!("L-{lead}")).collect()
    }

    async fn draft(&mut self, by: &str) -> Option<Value> {
        let leads = self.some_leads().await;
        let asked = json!({ "stack": 1, "selection": { "Leads": leads } });
        let draft = self.ask(by, "drafts/leads", asked).await?;
        Some(draft["id"].clone())
    }

    async fn order(&mut self, reason: &str, details: &str) {
        let admin = self.admin.clone();
        let Some(draft) = self.draft(&admin).await else {
            return;
        };
        let confirmation = json!({ "confirmation": {
            "draft": draft, "reason": reason, "details": details, "typed": "", "sentence_confirmed": true
        }});
        let confirmed = self.ask(&admin, "drafts/confirm", confirmation).await;
        self.orders
            .extend(confirmed.map(|confirmed| confirmed["order"].clone()));
    }

    async fn x(&mut self) {
        let Some(lead) = self.some_leads().await.pop() else {
            return;
        };
        let urgent = json!({ "urgent": { "lead": lead, "because": {
            "reason": "other", "details": TYPED, "sentence_confirmed": true
        }}});
        let admin = self.admin.clone();
        self.ask(&admin, "urgent-deletions/delete-now", urgent)
            .await;
    }

    async fn remove(&mut self) {
        let search = json!({ "search": "" });
        let preview: RemovalPreview = self
            .app
            .ask_for(&self.admin, "removals/preview", search)
            .await;
        let removal = Removal {
            search: String::new(),
            groups: preview.groups,
            note: TYPED.into(),
        };
        let removal = json!({ "removal": removal });
        let removed = self.ask(&self.admin, "removals/remove", removal).await;
        if let Some(removed) = removed {
            let removed: Removed = serde_json::from_value(removed).unwrap();
            self.removals
                .push(serde_json::to_value(removed.removal).unwrap());
        }
    }

    /// A Team Leader asks; the Layer Admin dismisses it, and what was written is blacked out.
    async fn ask_first(&mut self) {
        let colleague = self.colleague.clone();
        let Some(draft) = self.draft(&colleague).await else {
            return;
        };
        let asking = json!({ "asking": { "draft": draft, "words": TYPED } });
        self.ask(&colleague, "ask-first/ask", asking).await;
        self.app.clock.advance(1);
        let dismissal = json!({ "dismissal": { "draft": draft, "words": TYPED } });
        self.ask(&self.admin, "ask-first/dismiss", dismissal).await;
        if self.rng.random() {
            self.app.clock.advance(1);
            let draft = json!({ "draft": draft });
            self.ask(&self.admin, "ask-first/redact", draft).await;
        }
    }

    async fn note(&mut self) {
        let Some(lead) = self.some_leads().await.pop() else {
            return;
        };
        let revision = format!("SELECT revision FROM lead WHERE id = {}", &lead[2..]);
        let edit = json!({ "edit": {
            "lead": lead, "revision": self.app.number(&revision).await, "change": { "write-note": { "text": "Called" } }
        }});
        self.ask(&self.admin, "leads/edit", edit).await;
    }

    /// How many kinds of entries it has.
    pub async fn kinds(&self) -> i64 {
        self.app
            .number("SELECT COUNT(DISTINCT kind) FROM audit_entry")
            .await
    }
}
