//! A desk with a queue: confirm, wait, run; and what must hold after every step.

use std::ops::Deref;
use std::sync::Arc;

use crate::desk::{Desk, New};
use crate::test_database::is_postgres;
use domain::audit::ActorRef;
use domain::deletion_order::{OrderId, OrderNumbers, Undone};
use domain::draft::{Confirmation, Confirmed, Draft};
use domain::lead::LeadId;
use domain::permission::Granted;
use domain::ports::{DeletionOrders, Drafts, UrgentDeletions};
use domain::time::HOUR;
use domain::urgent_deletion::{Because, UrgentDeletion, UrgentlyDeleted};
use server::database::Priority;
use server::store::audit_verify::Verified;
use server::store::claim::Settled;
use server::store::lead_stats::{lead_stats, recount};
use server::store::{Store, rights, sql};
use server::worker;

/// A desk whose numbers are kept.
pub struct Queue {
    desk: Desk,
}

impl Deref for Queue {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Queue {
    /// With so many leads, each with a contact record, a valid number and a note; every third has none of them.
    pub async fn with(count: usize) -> (Self, Vec<LeadId>) {
        let queue = Self {
            desk: Desk::new().await,
        };
        let leads: Vec<New> = (0..count)
            .map(|i| New {
                name: "Ann Example",
                telephone: if i % 3 == 0 { "" } else { "+442079460123" },
                ..New::default()
            })
            .collect();
        let ids = queue.add(&leads).await;
        queue
            .write(
                "INSERT INTO activity (lead, n, kind, at, text) SELECT lead, 1, 'note', 0, 'Called' FROM contact_record",
                [],
            )
            .await;
        queue
            .write("UPDATE lead SET activity_count = contact_count", [])
            .await;
        (queue, ids)
    }

    /// A confirmation as the dialog sends it.
    pub fn confirmation(&self, draft: &Draft, reason: &str) -> Confirmation {
        let of = draft.reasons.iter().find(|r| r.code == reason);
        Confirmation {
            draft: draft.id,
            reason: reason.into(),
            details: String::new(),
            typed: draft.counts_for(of).leads.to_string(),
            sentence_confirmed: true,
        }
    }

    /// Confirms a draft.
    pub async fn confirm(
        &self,
        by: &str,
        draft: &Draft,
        reason: &str,
    ) -> domain::Result<Confirmed> {
        self.send(by, self.confirmation(draft, reason)).await
    }

    /// Sends a confirmation.
    pub async fn send(&self, by: &str, confirmation: Confirmation) -> domain::Result<Confirmed> {
        let by: Granted<_> = self.actor(by).granted().unwrap();
        Drafts::confirm(&self.store, by, confirmation).await
    }

    /// Drafts and confirms.
    pub async fn delete(&self, by: &str, reason: &str, leads: &[LeadId]) -> Confirmed {
        let draft = self.draft(by, 1, leads).await.unwrap();
        self.confirm(by, &draft, reason).await.unwrap()
    }

    /// Undo.
    pub async fn undo(&self, by: &str, order: OrderId) -> domain::Result<Undone> {
        DeletionOrders::undo(&self.store, self.actor(by).granted().unwrap(), order).await
    }

    /// The X, with a reason for a lead that isn't queued.
    pub async fn x(
        &self,
        by: &str,
        lead: LeadId,
        reason: Option<&str>,
    ) -> domain::Result<UrgentlyDeleted> {
        let because = reason.map(|reason| Because {
            reason: reason.into(),
            details: String::new(),
            sentence_confirmed: true,
        });
        let urgent = UrgentDeletion { lead, because };
        self.store
            .delete_now(self.actor(by).granted().unwrap(), urgent)
            .await
    }

    /// Somebody changes the lead.
    pub async fn change(&self, lead: LeadId) {
        self.write(
            "UPDATE lead SET revision = revision + 1 WHERE id = $1",
            [lead.0.into()],
        )
        .await;
    }

    /// Ten in the evening: the business hours and every undo time are over.
    pub fn at_night(&self) {
        self.clock.advance(12 * HOUR);
    }

    /// The worker's run, within its hours.
    pub async fn drain(&self) -> Settled {
        worker::drain(&self.store, true, ActorRef::Worker)
            .await
            .unwrap()
    }

    /// `layer queue run`.
    pub async fn run(&self) -> Settled {
        worker::drain(&self.store, false, ActorRef::CommandLine)
            .await
            .unwrap()
    }

    /// How an order stands.
    pub async fn numbers(&self, order: OrderId) -> OrderNumbers {
        let by = self.actor("Layer Admin").granted().unwrap();
        self.store
            .order(by, order, None)
            .await
            .unwrap()
            .summary
            .numbers
    }

    /// What the database has of a lead: itself, what depends on it, its open and its closed deletions.
    pub async fn is_there(&self, lead: LeadId) -> bool {
        self.number("SELECT COUNT(*) FROM lead WHERE id = $1", [lead.0.into()])
            .await
            == 1
    }

    /// Makes a lead that the database refuses to delete: another record refers to it.
    pub async fn poison(&self, lead: LeadId) {
        self.write(
            "CREATE TABLE IF NOT EXISTS claim (lead INTEGER REFERENCES lead (id) ON DELETE RESTRICT)",
            [],
        )
        .await;
        self.write("INSERT INTO claim (lead) VALUES ($1)", [lead.0.into()])
            .await;
    }

    /// Takes the right to delete from a role, as a change of members does it.
    pub async fn take_right(&self, role: &str) {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        sql::execute(
            writing.tx(),
            "DELETE FROM role_permission WHERE permission = 'delete-leads' AND role = $1",
            [crate::desk::role(role).into()],
        )
        .await
        .unwrap();
        rights::hold_withdrawn(&writing).await.unwrap();
        writing
            .commit(
                ActorRef::CommandLine,
                domain::audit::Act::RoleChanged,
                vec![],
            )
            .await
            .unwrap();
    }

    /// Another process on the same database.
    pub async fn again(&self) -> Store {
        let database = self.database.open().await;
        Store::new(database, Arc::new(self.clock.clone()), false)
    }

    /// What must hold at every moment.
    pub async fn check(&self) {
        let on = self.store.reader();
        let now = self.store.now();
        assert_eq!(
            lead_stats(on, now).await.unwrap(),
            recount(on, now).await.unwrap()
        );
        for (what, broken) in [
            (
                "an order's numbers don't add up to its rows",
                "SELECT COUNT(*) FROM deletion_order r WHERE r.confirmed <> \
                   r.waiting + r.held + r.failed + r.erased + r.skipped + r.removed \
                 OR r.waiting <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id AND o.state = 'waiting') \
                 OR r.held <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id AND o.state = 'held') \
                 OR r.failed <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id AND o.state = 'failed') \
                 OR r.erased <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id AND d.state = 'erased') \
                 OR r.skipped <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id AND d.state = 'skipped') \
                 OR r.removed <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id AND d.state = 'removed')",
            ),
            (
                "an erased lead is there",
                "SELECT COUNT(*) FROM deletion d JOIN lead l ON l.id = d.lead WHERE d.state = 'erased'",
            ),
            (
                "a lead was erased twice",
                "SELECT COUNT(*) FROM (SELECT lead FROM deletion WHERE state = 'erased' GROUP BY lead HAVING COUNT(*) > 1) d",
            ),
            (
                "something was left behind",
                "SELECT (SELECT COUNT(*) FROM contact_record WHERE lead NOT IN (SELECT id FROM lead)) \
                 + (SELECT COUNT(*) FROM activity WHERE lead NOT IN (SELECT id FROM lead)) \
                 + (SELECT COUNT(*) FROM lead_key WHERE lead NOT IN (SELECT id FROM lead)) \
                 + (SELECT COUNT(*) FROM draft_lead WHERE lead NOT IN (SELECT id FROM lead))",
            ),
            (
                "a reference leads nowhere",
                // PostgreSQL has none that could.
                if is_postgres() {
                    "SELECT CAST(0 AS BIGINT)"
                } else {
                    "SELECT COUNT(*) FROM pragma_foreign_key_check"
                },
            ),
            (
                "a run is told that is over",
                "SELECT COUNT(*) FROM queue_run",
            ),
        ] {
            assert_eq!(self.number(broken, []).await, 0, "{what}");
        }
        let verified = self.store.verify_audit().await.unwrap();
        assert!(matches!(verified, Verified::Whole { .. }), "{verified:?}");
    }
}
