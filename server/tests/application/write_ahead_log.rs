//! SQLite's write-ahead log stays short, also while somebody always reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{ConnectionTrait, TransactionTrait};
use server::database::{Database, Priority};

use crate::test_database::skips_on_postgres;

/// Reads without a pause: of three of them one always does.
async fn read(database: Arc<Database>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        let reading = database.reader().begin().await.unwrap();
        for _ in 0..20 {
            reading
                .execute_unprepared("SELECT COUNT(*), SUM(n) FROM t")
                .await
                .unwrap();
        }
        reading.commit().await.unwrap();
    }
}

#[tokio::test]
async fn the_log_is_begun_anew_also_while_somebody_always_reads() {
    if skips_on_postgres("it is SQLite's") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("a.db").display());
    let database = Arc::new(Database::open(&url).await.unwrap());
    let write = async |statement: &str| {
        let writing = database.write(Priority::Queue).await.unwrap();
        writing.tx.execute_unprepared(statement).await.unwrap();
        writing.tx.commit().await.unwrap();
    };
    write("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)").await;
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| tokio::spawn(read(database.clone(), stop.clone())))
        .collect();
    let mut longest = 0;
    for _ in 0..100 {
        // The same pages again: the database stays small, and the log doesn't.
        write("INSERT OR REPLACE INTO t VALUES (1, randomblob(5000000))").await;
        longest = longest.max(database.log_length());
    }
    stop.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    println!("at its longest it had {} MB", longest / 1_000_000);
    assert!(longest < 250_000_000, "{longest} bytes");
}
