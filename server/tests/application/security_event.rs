//! Sign-ins and refused calls are kept for 90 days, and go piece by piece.

use domain::time::DAY;
use server::worker;

use crate::test_app::TestApp;

const KEPT: &str = "SELECT COUNT(*) FROM security_event";

impl TestApp {
    async fn refused_sign_in(&self) {
        let event = self.store.security_event(None, "sign-in", "wrong");
        event.await.unwrap();
    }

    async fn kept_events(&self) -> i64 {
        worker::purge(&self.store).await.unwrap();
        self.number(KEPT).await
    }
}

#[tokio::test]
async fn what_is_older_than_90_days_goes_once_a_day() {
    let app = TestApp::empty(false).await;
    app.refused_sign_in().await;
    app.clock.advance(DAY / 2);
    app.refused_sign_in().await;
    app.clock.advance(DAY);
    app.refused_sign_in().await;
    // The oldest is 91 days old but for a moment: all that were due since yesterday go together.
    app.clock.advance(90 * DAY - DAY / 2 - 1);
    assert_eq!(app.kept_events().await, 3);
    app.clock.advance(1);
    assert_eq!(app.kept_events().await, 1);
    app.clock.advance(DAY);
    assert_eq!(app.kept_events().await, 1);
    app.clock.advance(DAY);
    assert_eq!(app.kept_events().await, 0);
}

#[tokio::test]
async fn of_very_many_a_piece_goes_at_a_time() {
    let app = TestApp::empty(false).await;
    app.write(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10001) \
         INSERT INTO security_event (at, endpoint, code) SELECT 0, 'sign-in', 'wrong' FROM n",
        [],
    )
    .await;
    assert_eq!(app.kept_events().await, 1);
    assert_eq!(app.kept_events().await, 0);
}
