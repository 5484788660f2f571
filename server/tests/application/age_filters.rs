//! A work stack's ages are days of 24 hours, whatever the calendar does: over the turn of a year with 53 weeks, a leap day and
//! a clock change.

use domain::time::{DAY, HOUR, Millis};
use serde_json::json;

use crate::test_app::TestApp;

const LEADS: i64 = 60;

#[tokio::test]
async fn an_age_counts_the_same_on_every_day_of_every_year() {
    let app = TestApp::demo(LEADS as usize).await;
    for now in [
        "2026-12-28T00:00:00Z",
        "2027-01-03T23:59:59Z",
        "2027-03-28T01:00:00Z",
        "2028-02-29T12:00:00Z",
        "2028-03-01T00:00:00Z",
    ] {
        let now: jiff::Timestamp = now.parse().unwrap();
        let now = Millis(now.as_millisecond());
        app.clock.set(now);
        let admin = app.sign_in("admin@demo.test").await;
        // One lead every twelve hours, the first one twelve hours ago.
        app.write(
            "UPDATE lead SET added_at = $1 - id * 43200000, last_activity_at = $1 - id * 43200000",
            [now.0.into()],
        )
        .await;
        for days in 1..=31_i64 {
            let ages = (1..=LEADS).map(|lead| lead * 12 * HOUR);
            let within = ages.filter(|age| *age <= days * DAY).count();
            let before = LEADS as usize - within;
            for (filter, wanted) in [
                ("added_within_days", within),
                ("added_before_days", before),
                ("idle_days", before),
            ] {
                let filter = json!({ "filter": { filter: days } });
                let found: usize = app
                    .ask_for(&admin, "work-stacks/count", filter.clone())
                    .await;
                assert_eq!(found, wanted, "{filter} at {}", now.timestamp());
            }
        }
    }
}
