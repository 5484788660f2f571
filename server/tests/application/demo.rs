//! The demo: the mess of real leads, the same for the same seed.
use std::sync::Arc;

use crate::test_database::{TestDatabase, kept_stat};
use domain::time::{DAY, Millis};
use server::clock::SetClock;
use server::demo;
use server::store::{Store, sql};

const NOW: Millis = Millis(1_795_514_400_000);

async fn store(database: &TestDatabase) -> Store {
    Store::new(database.open().await, Arc::new(SetClock::new(NOW)), true)
}

async fn count(store: &Store, sql: &str) -> i64 {
    sql::value(store.reader(), sql, []).await.unwrap().unwrap()
}

async fn names(store: &Store) -> Vec<(String, i64, i64)> {
    sql::tuples(
        store.reader(),
        "SELECT name, added_at, contact_count FROM lead ORDER BY id",
        [],
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn the_demo_has_the_mess_of_real_leads() {
    let database = TestDatabase::new();
    let store = store(&database).await;
    demo::fill(&store, 5_000, 1).await.unwrap();
    let percent = async |sql: &str| count(&store, sql).await / 50;
    assert_eq!(count(&store, "SELECT COUNT(*) FROM lead").await, 5_000);
    assert_eq!(
        count(&store, "SELECT COUNT(DISTINCT country) FROM lead").await,
        6
    );
    let none = percent("SELECT COUNT(*) FROM lead WHERE contact_count = 0").await;
    assert!((9..=14).contains(&none), "{none} % without contact record");
    let wrong = percent(
        "SELECT COUNT(DISTINCT lead) FROM contact_record WHERE telephone <> '' AND telephone_valid = 0",
    )
    .await;
    assert!(
        (8..=13).contains(&wrong),
        "{wrong} % with numbers that are none"
    );
    let old = format!(
        "SELECT COUNT(*) FROM lead WHERE added_at < {}",
        NOW.0 - 365 * DAY
    );
    let old = percent(&old).await;
    assert!((26..=33).contains(&old), "{old} % older than a year");
    let shared = "SELECT COUNT(*) FROM (SELECT key FROM lead_key WHERE kind IN ('e164', 'email') GROUP BY kind, key \
                  HAVING COUNT(*) > 1) s";
    assert!(count(&store, shared).await > 200);
    for (name, wanted) in [
        ("leads", "SELECT COUNT(*) FROM lead"),
        (
            "without_contact_records",
            "SELECT COUNT(*) FROM lead WHERE contact_count = 0",
        ),
        (
            "without_valid_telephone",
            "SELECT COUNT(*) FROM lead WHERE valid_telephone_count = 0",
        ),
    ] {
        let kept = kept_stat(name);
        assert_eq!(
            count(&store, &kept).await,
            count(&store, wanted).await,
            "{name}"
        );
    }
    let again = demo::fill(&store, 10, 1).await;
    assert!(again.unwrap_err().to_string().contains("has leads"));
    assert_eq!(count(&store, "SELECT COUNT(*) FROM member").await, 5);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM work_stack").await, 6);
}

#[tokio::test]
async fn the_same_seed_makes_the_same_leads() {
    let databases = [(); 3].map(|()| TestDatabase::new());
    let [a, b, c] = &databases;
    let (a, b, c) = (store(a).await, store(b).await, store(c).await);
    demo::fill(&a, 300, 7).await.unwrap();
    demo::fill(&b, 300, 7).await.unwrap();
    demo::fill(&c, 300, 8).await.unwrap();
    assert_eq!(names(&a).await, names(&b).await);
    assert_ne!(names(&a).await, names(&c).await);
}
