//! Business hours as they are saved: what the calendar doesn't have or the queue can't live with is refused at its field.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;
mod desk;

use common::TestApp;
use desk::Desk;
use domain::business_hours::Hours;
use domain::ports::{HoursSetting, Settings};
use serde_json::{Value, json};

async fn save(desk: &Desk, change: impl FnOnce(&mut HoursSetting)) -> domain::Result<HoursSetting> {
    let admin = || desk.actor("Layer Admin").granted().unwrap();
    let mut setting = desk.store.hours(admin()).await?;
    change(&mut setting);
    desk.store.save_hours(admin(), setting).await?;
    desk.store.hours(admin()).await
}

#[tokio::test]
async fn a_zone_is_one_that_this_program_knows() {
    let desk = Desk::new().await;
    let entries = desk.number("SELECT COUNT(*) FROM audit_entry", []).await;
    let long = "x".repeat(10_000);
    for unknown in [
        "Mars/Base",
        "../../etc/passwd",
        "/etc/localtime",
        "UTC+25",
        "Europe",
        "Europe/London\0",
        "",
        "  ",
        &long,
    ] {
        let refused = save(&desk, |setting| setting.hours.zone = unknown.into())
            .await
            .unwrap_err();
        assert!(
            refused.of_field("Time zone").is_some(),
            "{unknown}: {refused:?}"
        );
    }
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM audit_entry", []).await,
        entries
    );
    for known in ["EST5EDT", "UTC", "Europe/Kyiv", " Asia/Kathmandu "] {
        let saved = save(&desk, |setting| setting.hours.zone = known.into())
            .await
            .unwrap();
        assert_eq!(saved.hours.zone, known.trim());
    }
}

#[tokio::test]
async fn hours_leave_the_queue_an_hour_a_day_or_are_refused() {
    let desk = Desk::new().await;
    let monday = async |from: u16, to: u16| {
        save(&desk, |setting| {
            setting.hours.week[0] = Some(Hours { from, to })
        })
        .await
    };
    for (from, to) in [
        (540, 540),
        (0, 0),
        (1_080, 540),
        (0, 1_440),
        (0, 1_381),
        (60, 1_441),
        (u16::MAX, u16::MAX),
    ] {
        let refused = monday(from, to).await.unwrap_err();
        assert!(refused.of_field("Monday").is_some(), "{from} to {to}");
    }
    assert!(monday(0, 1_380).await.is_ok());
    assert!(monday(60, 1_440).await.is_ok());
    // Closed all week: the queue may run at any time.
    let never_open = save(&desk, |setting| setting.hours.week = [None; 7])
        .await
        .unwrap();
    assert!(never_open.hours.queue_words().starts_with("at any time"));
}

#[tokio::test]
async fn days_that_the_calendar_doesnt_have_are_refused_and_change_nothing() {
    let app = TestApp::demo(1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let read = async || -> Value {
        let setting = app.call(Some(&admin), "settings/hours", "{}").await;
        serde_json::from_str(&setting.body).unwrap()
    };
    let setting = read().await;
    let save = async |days: Value| {
        let mut setting = setting.clone();
        setting["hours"]["closed_days"] = days;
        let arguments = json!({ "setting": setting }).to_string();
        app.call(Some(&admin), "settings/save-hours", &arguments)
            .await
            .status
            .as_u16()
    };
    let before = app.everything().await;
    for wrong in [
        json!(["2027-02-29"]),
        json!(["2026-13-01"]),
        json!(["25.12.2026"]),
        json!(["Christmas"]),
        json!([""]),
        json!([20_261_225]),
        json!("2026-12-25"),
    ] {
        assert_eq!(save(wrong.clone()).await, 400, "{wrong}");
    }
    let mut day = jiff::civil::date(2026, 1, 1);
    let mut many = Vec::new();
    for _ in 0..401 {
        many.push(day.to_string());
        day = day.tomorrow().unwrap();
    }
    assert_eq!(save(json!(many)).await, 422);
    assert_eq!(app.everything().await, before);
    assert_eq!(
        save(json!(["2028-02-29", "2026-12-25", "2028-02-29"])).await,
        200
    );
    assert_eq!(
        read().await["hours"]["closed_days"],
        json!(["2026-12-25", "2028-02-29"])
    );
}
