//! `/settings/business-hours`: when the Deletion Queue must not run, how long everything can be undone, and the region
//! of telephone numbers.

use domain::business_hours::DAYS;
use domain::hours_setting::{HoursForm, HoursPage};
use leptos::prelude::*;

use crate::business_hours;
use crate::parts::focus;
use crate::parts::form::{Refused, Sending};
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;

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
                        Ok(page) => view! { <Form page /> }.into_any(),
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
    fn new(hours: Option<(String, String)>) -> Self {
        let open = hours.is_some();
        let (from, to) = hours.unwrap_or_else(|| ("09:00".into(), "18:00".into()));
        Self {
            open: RwSignal::new(open),
            from: RwSignal::new(from),
            to: RwSignal::new(to),
        }
    }

    fn set(self, hours: Option<(String, String)>) {
        self.open.set(hours.is_some());
        if let Some((from, to)) = hours {
            self.from.set(from);
            self.to.set(to);
        }
    }

    fn typed(self) -> Option<(String, String)> {
        self.open.get().then(|| (self.from.get(), self.to.get()))
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
    /// What is there now, in place of what is typed.
    fn set(self, form: HoursForm) {
        self.zone.set(form.zone);
        for (day, hours) in self.week.into_iter().zip(form.week) {
            day.set(hours);
        }
        self.closed_days.set(form.closed_days);
        self.undo_time.set(form.undo_time);
        self.region.set(form.region);
    }

    fn form(self) -> HoursForm {
        HoursForm {
            zone: self.zone.get(),
            week: self.week.map(Day::typed),
            closed_days: self.closed_days.get(),
            undo_time: self.undo_time.get(),
            region: self.region.get(),
        }
    }
}

/// The names of the fields beside the days.
const FIELDS: [&str; 4] = ["Time zone", "Closed days", "Undo time", "Region"];

#[component]
fn Form(page: HoursPage) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let HoursPage {
        form,
        version,
        leaves,
        zones,
    } = page;
    let typed = Typed {
        zone: RwSignal::new(form.zone),
        week: form.week.map(Day::new),
        closed_days: RwSignal::new(form.closed_days),
        undo_time: RwSignal::new(form.undo_time),
        region: RwSignal::new(form.region),
    };
    let seen = StoredValue::new(version);
    let form = Memo::new(move |_| typed.form());
    let leaves = RwSignal::new(Some(leaves));
    let sending = Sending::new();
    // Counts what was asked: an answer to what was typed before is dropped.
    let turn = StoredValue::new(0_u32);
    paced(
        400,
        move || form.get(),
        move || {
            turn.update_value(|turn| *turn += 1);
            let (mine, form) = (turn.get_value(), form.get_untracked());
            leptos::task::spawn_local(async move {
                let answer = business_hours::preview_hours(form).await;
                if turn.try_get_value() == Some(mine) {
                    _ = leaves.try_set(answer.ok());
                }
            });
        },
    );
    let would_leave = move || match leaves.get() {
        Some(leaves) => {
            view! { "A deletion ordered now would leave " <b>{leaves}</b> "." }.into_any()
        }
        None => "When all is filled in right, this says when a deletion ordered now would leave."
            .into_any(),
    };
    let wrong = move |field: &'static str| sending.wrong(field);
    let fields: Vec<_> = DAYS.into_iter().chain(FIELDS).collect();
    let load = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            match business_hours::hours().await {
                Ok(page) => {
                    seen.set_value(page.version);
                    typed.set(page.form);
                    focus::keep("zone", || sending.forget());
                }
                Err(error) => toasts.fail(&error),
            }
        });
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !sending.begin() {
            return;
        }
        let form = form.get_untracked();
        leptos::task::spawn_local(async move {
            match business_hours::save_hours(form, seen.get_value()).await {
                Ok(version) => {
                    _ = seen.try_set_value(version);
                    toasts.say(
                        "Business hours saved. They hold for what waits already, too; the undo time holds for new deletions.",
                    );
                    sending.done();
                    shell.refresh();
                }
                Err(error) => sending.fail(error),
            }
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
            <p class="panel pad" aria-live="polite">
                <span>{would_leave}</span>
            </p>
            <section class="panel pad" aria-labelledby="week">
                <h2 id="week">"Week"</h2>
                <div class="field short">
                    <label for="zone">"Time zone"</label>
                    <input
                        id="zone"
                        list="zones"
                        autocomplete="off"
                        aria-describedby="zone-hint zone-wrong"
                        aria-invalid=invalid(no_zone)
                        prop:value=typed.zone
                        value=typed.zone.get_untracked()
                        on:input=move |ev| typed.zone.set(event_target_value(&ev))
                    />
                    <datalist id="zones">
                        {ZONES.map(|zone| view! { <option value=zone></option> })}
                    </datalist>
                    <span class="hint" id="zone-hint">
                        {format!("Summer time as known in edition {zones} of the time zone database.")}
                    </span>
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
                        "A deletion leaves once both this time and business hours are over. The X, the tick of “Run now” and “layer queue run” don’t wait for this time. 0 to 1,440."
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
            <Refused sending fields on_load=Some(load) />
            <footer>
                <button class="button primary" aria-disabled=move || sending.busy()>
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
