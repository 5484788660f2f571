//! What must hold at every moment.

use domain::audit::{Entry, Fact, GENESIS, decode_facts};
use server::store::{lead_stats, sql};

use super::Desk;

impl Desk {
    /// Every order adds up to its rows, Lead stats equal a recount, each erased deletion's lead is gone and no other, no
    /// child is left without its lead, and the chain's hashes follow each other.
    pub async fn holds(&self) {
        let on = self.store.reader();
        let wrong = |sql: &'static str| async move { self.number(sql, []).await };
        assert_eq!(
            wrong(
                "SELECT COUNT(*) FROM deletion_order r WHERE \
                 r.waiting <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id AND o.state = 'waiting') OR \
                 r.held <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id AND o.state = 'held') OR \
                 r.failed <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id AND o.state = 'failed') OR \
                 r.erased <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id AND d.state = 'erased') OR \
                 r.skipped <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id AND d.state = 'skipped') OR \
                 r.removed <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id AND d.state = 'removed')"
            )
            .await,
            0,
            "an order doesn't add up to its rows"
        );
        assert_eq!(
            wrong("SELECT COUNT(*) FROM deletion d JOIN lead l ON l.id = d.lead WHERE d.state = 'erased'").await,
            0,
            "a lead is there and erased"
        );
        assert_eq!(
            wrong("SELECT COUNT(*) FROM (SELECT lead FROM deletion WHERE state = 'erased' GROUP BY lead HAVING COUNT(*) > 1) x").await,
            0,
            "a lead was erased twice"
        );
        for table in ["contact_record", "activity", "lead_key", "draft_lead", "open_deletion"] {
            let left: Option<i64> = sql::value(
                on,
                &format!("SELECT COUNT(*) FROM {table} c WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = c.lead)"),
                [],
            )
            .await
            .unwrap();
            assert_eq!(left, Some(0), "{table} holds something of a lead that is gone");
        }
        self.chain_holds().await;
    }

    /// Lead stats equal a recount: for leads that were added with their numbers.
    pub async fn stats_hold(&self) {
        let (on, now) = (self.store.reader(), self.store.now());
        assert_eq!(
            lead_stats::lead_stats(on, now).await.unwrap(),
            lead_stats::recount(on, now).await.unwrap()
        );
    }

    async fn chain_holds(&self) {
        let rows: Vec<(i64, i64, Vec<u8>, i64, i64, String, Vec<u8>, Vec<u8>)> = sql::tuples(
            self.store.reader(),
            "SELECT sequence, at, act, actor_kind, actor_member, kind, facts, hash FROM audit_entry ORDER BY sequence",
            [],
        )
        .await
        .unwrap();
        let mut previous = GENESIS;
        for (place, (sequence, at, act, kind, member, code, facts, hash)) in rows.into_iter().enumerate() {
            assert_eq!(sequence, place as i64 + 1);
            let facts: Vec<(String, Fact)> = decode_facts(&facts).unwrap();
            let entry = Entry {
                sequence,
                at: domain::time::Millis(at),
                act: uuid::Uuid::from_slice(&act).unwrap(),
                actor: domain::audit::ActorRef::from_numbers(kind, member),
                kind: domain::audit::Act::from_code(&code).unwrap(),
                facts,
            };
            assert_eq!(entry.hash(&previous).to_vec(), hash, "entry {sequence}");
            previous = hash.try_into().unwrap();
        }
    }
}
