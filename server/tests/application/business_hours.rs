//! Business hours as they are saved: what the calendar doesn't have or the queue can't live with is refused at its field.

use crate::desk::Desk;
use crate::test_app::TestApp;
use domain::hours_setting::HoursForm;
use domain::ports::Settings;
use serde_json::{Value, json};

async fn save(desk: &Desk, change: impl FnOnce(&mut HoursForm)) -> domain::Result<HoursForm> {
    let admin = || desk.actor("Layer Admin").granted().unwrap();
    let page = desk.store.hours(admin()).await?;
    let mut form = page.form;
    change(&mut form);
    desk.store.save_hours(admin(), form, page.version).await?;
    Ok(desk.store.hours(admin()).await?.form)
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
        let refused = save(&desk, |form| form.zone = unknown.into())
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
        let saved = save(&desk, |form| form.zone = known.into()).await.unwrap();
        assert_eq!(saved.zone, known.trim());
    }
}

#[tokio::test]
async fn hours_leave_the_queue_an_hour_a_day_or_are_refused() {
    let desk = Desk::new().await;
    let monday = async |from: &str, to: &str| {
        let hours = Some((from.to_owned(), to.to_owned()));
        save(&desk, |form| form.week[0] = hours).await
    };
    for (from, to) in [
        ("09:00", "09:00"),
        ("18:00", "09:00"),
        ("00:00", "00:00"),
        ("00:00", "23:01"),
        ("01:00", "24:01"),
        ("nine", "17:00"),
        ("", ""),
    ] {
        let refused = monday(from, to).await.unwrap_err();
        assert!(refused.of_field("Monday").is_some(), "{from} to {to}");
    }
    assert!(monday("00:00", "23:00").await.is_ok());
    assert!(monday("01:00", "00:00").await.is_ok());
    // Closed all week: the queue may run at any time.
    save(&desk, |form| form.week = Default::default())
        .await
        .unwrap();
    let hours = desk.store.calendar(desk.store.reader()).await.unwrap();
    assert!(hours.hours().queue_words().starts_with("at any time"));
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
        let mut form = setting["form"].clone();
        form["closed_days"] = days;
        let arguments = json!({ "form": form }).to_string();
        app.call(Some(&admin), "settings/save-hours", &arguments)
            .await
            .status
            .as_u16()
    };
    let before = app.everything().await;
    for wrong in [
        "2027-02-29",
        "2026-13-01",
        "25.12.2026",
        "Christmas",
        "20261225T",
    ] {
        assert_eq!(save(wrong.into()).await, 422, "{wrong}");
    }
    assert_eq!(save(json!(["2026-12-25"])).await, 400);
    let mut day = jiff::civil::date(2026, 1, 1);
    let mut many = String::new();
    for _ in 0..401 {
        many += &format!("{day}\n");
        day = day.tomorrow().unwrap();
    }
    assert_eq!(save(many.into()).await, 422);
    assert_eq!(app.everything().await, before);
    let days = "2028-02-29\n\n2026-12-25\n2028-02-29";
    assert_eq!(save(days.into()).await, 200);
    assert_eq!(
        read().await["form"]["closed_days"],
        "2026-12-25\n2028-02-29"
    );
}
