//! `/settings/business-hours`: when the Deletion Queue must not run, how long everything can be undone, and the region
//! of telephone numbers.

use domain::business_hours::{BusinessHours, Hours, clock, minutes};
use domain::ports::HoursSetting;
use domain::undo_time::UndoTime;
use leptos::prelude::*;

use crate::business_hours;
use crate::error::{Error, Result};
use crate::parts::page::PageTop;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Some zones to choose from; any other IANA name can be typed.
const ZONES: [&str; 14] = [
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Istanbul",
    "Africa/Johannesburg",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Australia/Sydney",
];

/// The form.
#[component]
pub fn BusinessHoursPage() -> impl IntoView {
    let setting = Resource::new(|| (), |()| business_hours::hours());
    view! {
        <PageTop title="Business hours" hint="The Deletion Queue runs outside them." />
        <div class="body">
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match setting.await {
                        Ok(setting) => view! { <Form setting /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

/// One day as it is typed.
#[derive(Clone, Copy)]
struct Day {
    open: RwSignal<bool>,
    from: RwSignal<String>,
    to: RwSignal<String>,
}

impl Day {
    fn new(hours: Option<Hours>) -> Self {
        let shown = hours.unwrap_or(Hours {
            from: 9 * 60,
            to: 18 * 60,
        });
        Self {
            open: RwSignal::new(hours.is_some()),
            from: RwSignal::new(clock(shown.from)),
            // A time field ends at 23:59: midnight is the end of the day.
            to: RwSignal::new(clock(shown.to % (24 * 60))),
        }
    }

    /// The hours, or which day isn't filled in.
    fn read(self, day: &str) -> Result<Option<Hours>> {
        if !self.open.get_untracked() {
            return Ok(None);
        }
        match (
            minutes(&self.from.get_untracked()),
            minutes(&self.to.get_untracked()),
        ) {
            (Some(from), Some(0)) => Ok(Some(Hours { from, to: 24 * 60 })),
            (Some(from), Some(to)) => Ok(Some(Hours { from, to })),
            _ => Err(Error(domain::Error::field(
                day,
                format!("{day}: fill in both times, as in 09:00."),
            ))),
        }
    }
}

/// The form as it is typed.
#[derive(Clone, Copy)]
struct Typed {
    zone: RwSignal<String>,
    week: [Day; 7],
    closed_days: RwSignal<String>,
    undo_time: RwSignal<String>,
    region: RwSignal<String>,
}

impl Typed {
    fn read(self) -> Result<HoursSetting> {
        let mut week = [None; 7];
        for ((hours, day), name) in week.iter_mut().zip(self.week).zip(DAYS) {
            *hours = day.read(name)?;
        }
        let mut closed_days = Vec::new();
        for line in self.closed_days.get_untracked().split_whitespace() {
            let day = line.parse().map_err(|_| {
                Error(domain::Error::field(
                    "Closed days",
                    "Write one date a line: year-month-day, as in 2026-12-25.",
                ))
            })?;
            closed_days.push(day);
        }
        closed_days.sort_unstable();
        closed_days.dedup();
        let undo_time = self.undo_time.get_untracked().trim().parse().map_err(|_| {
            Error(domain::Error::field(
                "Undo time",
                "Write the undo time in whole minutes, 0 to 1,440.",
            ))
        })?;
        Ok(HoursSetting {
            hours: BusinessHours {
                zone: self.zone.get_untracked().trim().to_owned(),
                week,
                closed_days,
            },
            undo_time: UndoTime::minutes(undo_time)?,
            region: self.region.get_untracked().trim().to_uppercase(),
            leaves: String::new(),
        })
    }
}

#[component]
fn Form(setting: HoursSetting) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let closed: Vec<String> = setting
        .hours
        .closed_days
        .iter()
        .map(ToString::to_string)
        .collect();
    let typed = Typed {
        zone: RwSignal::new(setting.hours.zone),
        week: setting.hours.week.map(Day::new),
        closed_days: RwSignal::new(closed.join("\n")),
        undo_time: RwSignal::new(setting.undo_time.as_minutes().to_string()),
        region: RwSignal::new(setting.region),
    };
    let leaves = RwSignal::new(setting.leaves);
    let failed = RwSignal::new(None::<Error>);
    let pending = RwSignal::new(false);
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            failed.with(|e| {
                e.as_ref()
                    .and_then(|e| e.0.of_field(field))
                    .map(str::to_owned)
            })
        })
    };
    let elsewhere = move || {
        failed.get().filter(|error| {
            !DAYS
                .iter()
                .chain(&["Time zone", "Closed days", "Undo time", "Region"])
                .any(|field| error.0.of_field(field).is_some())
        })
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        let setting = match typed.read() {
            Ok(setting) => setting,
            Err(error) => return failed.set(Some(error)),
        };
        pending.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            match business_hours::save_hours(setting).await {
                Ok(()) => {
                    toasts.say("Business hours saved. They hold for what waits already, too.");
                    if let Ok(fresh) = business_hours::hours().await {
                        _ = leaves.try_set(fresh.leaves);
                    }
                    shell.refresh();
                }
                Err(error) => _ = failed.try_set(Some(error)),
            }
            _ = pending.try_set(false);
        });
    };
    let days = typed
        .week
        .into_iter()
        .zip(DAYS)
        .map(|(day, name)| view! { <DayRow day name wrong=wrong(name) /> });
    let (no_zone, no_closed, no_undo, no_region) = (
        wrong("Time zone"),
        wrong("Closed days"),
        wrong("Undo time"),
        wrong("Region"),
    );
    let invalid =
        |message: Signal<Option<String>>| move || message.with(Option::is_some).to_string();
    view! {
        <form class="settings" on:submit=send novalidate>
            <p class="panel pad">
                <span>"A deletion ordered now would leave the system: " <b>{leaves}</b></span>
            </p>
            <section class="panel pad" aria-labelledby="week">
                <h2 id="week">"Week"</h2>
                <div class="field short">
                    <label for="zone">"Time zone"</label>
                    <input
                        id="zone"
                        list="zones"
                        autocomplete="off"
                        aria-describedby="zone-wrong"
                        aria-invalid=invalid(no_zone)
                        prop:value=typed.zone
                        value=typed.zone.get_untracked()
                        on:input=move |ev| typed.zone.set(event_target_value(&ev))
                    />
                    <datalist id="zones">
                        {ZONES.map(|zone| view! { <option value=zone></option> })}
                    </datalist>
                    <FieldProblem id="zone-wrong" message=no_zone />
                </div>
                {days.collect_view()}
            </section>
            <section class="panel pad" aria-labelledby="closed">
                <h2 id="closed">"Holidays"</h2>
                <div class="field short">
                    <label for="closed-days">"Closed days"</label>
                    <textarea
                        id="closed-days"
                        rows="4"
                        placeholder="2026-12-25"
                        aria-describedby="closed-hint closed-wrong"
                        aria-invalid=invalid(no_closed)
                        prop:value=typed.closed_days
                        on:input=move |ev| typed.closed_days.set(event_target_value(&ev))
                    ></textarea>
                    <span class="hint" id="closed-hint">
                        "One date a line. On these days the queue may run at any hour."
                    </span>
                    <FieldProblem id="closed-wrong" message=no_closed />
                </div>
            </section>
            <section class="panel pad" aria-labelledby="more-settings">
                <h2 id="more-settings">"Deletions and numbers"</h2>
                <div class="field short">
                    <label for="undo-time">"Undo time in minutes"</label>
                    <input
                        id="undo-time"
                        inputmode="numeric"
                        autocomplete="off"
                        aria-describedby="undo-hint undo-wrong"
                        aria-invalid=invalid(no_undo)
                        prop:value=typed.undo_time
                        value=typed.undo_time.get_untracked()
                        on:input=move |ev| typed.undo_time.set(event_target_value(&ev))
                    />
                    <span class="hint" id="undo-hint">
                        "No deletion runs before it is over; only the X and “layer queue run” don’t wait. 0 to 1,440."
                    </span>
                    <FieldProblem id="undo-wrong" message=no_undo />
                </div>
                <div class="field short">
                    <label for="region">"Region of telephone numbers"</label>
                    <input
                        id="region"
                        maxlength="2"
                        autocomplete="off"
                        aria-describedby="region-hint region-wrong"
                        aria-invalid=invalid(no_region)
                        prop:value=typed.region
                        value=typed.region.get_untracked()
                        on:input=move |ev| typed.region.set(event_target_value(&ev))
                    />
                    <span class="hint" id="region-hint">
                        "Two letters, as in GB. An imported number without + and without a country is read there."
                    </span>
                    <FieldProblem id="region-wrong" message=no_region />
                </div>
            </section>
            {move || elsewhere().map(|error| view! { <Problem error /> })}
            <footer>
                <button class="button primary" aria-disabled=move || pending.get().to_string()>
                    "Save"
                </button>
            </footer>
        </form>
    }
}

#[component]
fn DayRow(day: Day, name: &'static str, wrong: Signal<Option<String>>) -> impl IntoView {
    let id = format!("wrong-{}", name.to_lowercase());
    let closed = move || !day.open.get();
    let time = |label: String, value: RwSignal<String>, described: String| {
        view! {
            <input
                class="control"
                type="time"
                aria-label=label
                aria-describedby=described
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                disabled=closed
                prop:value=value
                value=value.get_untracked()
                on:input=move |ev| value.set(event_target_value(&ev))
            />
        }
    };
    view! {
        <div class="day">
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=day.open
                    checked=day.open.get_untracked()
                    on:change=move |ev| day.open.set(event_target_checked(&ev))
                />
                <span>{name}</span>
            </label>
            {time(format!("{name}, opens"), day.from, id.clone())}
            <span>"to"</span>
            {time(format!("{name}, closes"), day.to, id.clone())}
            <span class="wrong" id=id role="alert">
                {move || wrong.get()}
            </span>
        </div>
    }
}
