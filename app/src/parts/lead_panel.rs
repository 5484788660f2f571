//! A lead with its contact records, activities, stacks and deletions: beside the grid, and as a page of its own.

use domain::Permission;
use domain::lead::{
    Activity, ContactRecord, LEAD_ROWS, LeadDeletion, LeadId, LeadPage, LeadRequest,
};
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::error::Error;
use crate::lead;
use crate::live::Live;
use crate::parts::icon::Icon;
use crate::parts::lead_edit::{AddContactRecord, EditDetails, Removing, WriteNote};
use crate::parts::overlay::NoCode;
use crate::parts::pace::paced;
use crate::parts::problem::{Empty, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::status::Status;

/// The panel on this lead, for an [`Overlay`](crate::parts::overlay::Overlay).
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, fallible)]
pub fn lead_panel(lead: LeadId, on_close: Callback<()>) -> Result<AnyView, NoCode> {
    Ok(view! { <LeadPanel lead on_close /> }.into_any())
}

/// A lead as it is shown, read anew when something changed.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The last reading.
    pub page: RwSignal<LeadPage>,
    /// It can't be read any more: it was erased, or left one's work stacks.
    lost: RwSignal<Option<Error>>,
    /// The note that is being typed: it is there also when the lead isn't any more.
    pub note: RwSignal<String>,
    request: StoredValue<LeadRequest>,
    /// Counts the readings: an answer that a later one has overtaken is dropped.
    turn: StoredValue<u32>,
}

impl Shown {
    /// As it was first read.
    pub fn new(page: LeadPage) -> Self {
        let shown = Self {
            request: StoredValue::new(LeadRequest::first(page.row.id)),
            page: RwSignal::new(page),
            lost: RwSignal::new(None),
            note: RwSignal::new(String::new()),
            turn: StoredValue::new(0),
        };
        let (shell, live) = (use_shell(), expect_context::<Live>());
        paced(
            1000,
            move || (shell.changes(), live.sequence.get()),
            move || leptos::task::spawn_local(shown.read()),
        );
        shown
    }

    /// The name; of a lead that is gone nothing is left to say.
    pub fn name(self) -> String {
        let reference = self.page.with(|page| page.row.id.to_string());
        match self.lost.with(Option::is_some) {
            true => reference,
            false => self.page.with(|page| page.row.name.clone()),
        }
    }

    /// Reads it anew. What can't be read for the moment leaves what stands.
    pub async fn read(self) {
        let Some(turn) = self.turn.try_get_value() else {
            return;
        };
        self.turn.set_value(turn + 1);
        let answer = lead::lead(self.request.get_value()).await;
        if self.turn.try_get_value() != Some(turn + 1) {
            return;
        }
        match answer {
            Ok(fresh) => {
                // A lead that wasn't lost keeps its forms: setting this draws all of it anew.
                if self.lost.with_untracked(Option::is_some) {
                    self.lost.set(None);
                }
                if self.page.with_untracked(|page| *page != fresh) {
                    self.page.set(fresh);
                }
            }
            Err(error) if matches!(error.0.status(), 404 | 410) => self.lost.set(Some(error)),
            Err(_) => {}
        }
    }

    /// Shows more contact records or activities.
    fn more(self, add: fn(&mut LeadRequest)) {
        self.request.update_value(add);
        leptos::task::spawn_local(self.read());
    }
}

/// The panel beside the grid. Esc closes it.
#[component]
fn LeadPanel(
    /// Which lead.
    lead: LeadId,
    /// It was closed.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let first = RwSignal::new(None::<Result<LeadPage, Error>>);
    Effect::new(move || {
        leptos::task::spawn_local(async move {
            _ = first.try_set(Some(lead::lead(LeadRequest::first(lead)).await));
        });
    });
    let keys = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            on_close.run(());
        }
    };
    view! {
        <aside class="lead-panel" aria-label=format!("Lead {lead}") on:keydown=keys>
            <div class="lead-tools">
                <a class="link" href=format!("/leads/{lead}")>
                    "Open as a page"
                </a>
                <button type="button" class="button ghost icon" aria-label="Close the panel" on:click=move |_| on_close.run(())>
                    <Icon icon=Icon::X />
                </button>
            </div>
            {move || match first.get() {
                None => view! { <Skeleton /> }.into_any(),
                Some(Err(error)) => view! { <Missing error /> }.into_any(),
                Some(Ok(page)) => {
                    let shown = Shown::new(page);
                    view! {
                        <h2>{move || shown.name()}</h2>
                        <LeadDetails shown />
                    }
                        .into_any()
                }
            }}
        </aside>
    }
    .into_any()
}

/// Why there is no lead to show. An erased one says who deleted it, when and why.
#[component]
pub fn Missing(
    /// What was answered.
    error: Error,
) -> impl IntoView {
    let domain::Error::Gone(erased) = &error.0 else {
        return view! { <Problem error /> }.into_any();
    };
    crate::context::page_fails_with(&error.0);
    let order = erased.order.map(|order| {
        view! {
            <a class="link" href=format!("/settings/lead-management/orders/{order}")>
                "See the order"
            </a>
        }
    });
    view! {
        <div class="erased-lead">
            <Empty title=erased.sentence() hint="Nothing of this lead is left but its reference." />
            {order}
        </div>
    }
    .into_any()
}

/// What somebody was typing when the lead went: it can't be saved any more, but taken elsewhere.
#[component]
fn Unsaved(note: RwSignal<String>) -> impl IntoView {
    let typed = move || note.with(|note| !note.trim().is_empty());
    move || {
        typed().then(|| {
            view! {
                <div class="field unsaved">
                    <label for="unsaved-note">"Your note was not saved. Copy it if you need it."</label>
                    <textarea id="unsaved-note" rows="4" readonly prop:value=move || note.get()></textarea>
                </div>
            }
        })
    }
}

/// Everything about the lead but its name.
#[component]
pub fn LeadDetails(
    /// The lead.
    shown: Shown,
) -> impl IntoView {
    move || match shown.lost.get() {
        Some(error) => view! {
            <Missing error />
            <Unsaved note=shown.note />
        }
        .into_any(),
        None => view! { <Whole shown /> }.into_any(),
    }
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    // A right that changes shows with the next reading of the page.
    let may_edit = untrack(|| use_shell().may(Permission::EditLeads));
    let page = shown.page;
    view! {
        <div class="lead">
            {move || {
                page.with(|page| page.deletion.clone())
                    .map(|deletion| view! { <p class="lead-deletion">{words(deletion)}</p> })
            }}
            <section>
                {move || page.with(facts)} {may_edit.then(|| view! { <EditDetails shown /> })}
            </section>
            <section aria-labelledby="contact-records">
                <h3 id="contact-records">"Contact records"</h3>
                <ContactRecords shown may_edit />
                {may_edit.then(|| view! { <AddContactRecord shown /> })}
            </section>
            <section aria-labelledby="activities">
                <h3 id="activities">"Activities"</h3>
                {may_edit.then(|| view! { <WriteNote shown /> })}
                {move || page.with(|page| list(page.activities.iter().cloned().map(activity).collect()))}
                {move || {
                    page.with(|page| page.activity_count as usize > page.activities.len())
                        .then(|| {
                            let more = move |_| shown.more(|request| request.activities += LEAD_ROWS);
                            view! {
                                <button type="button" class="button" aria-label="Show more activities" on:click=more>
                                    "Show more"
                                </button>
                            }
                        })
                }}
            </section>
            {move || page.with(whereabouts)}
        </div>
    }
    .into_any()
}

fn facts(page: &LeadPage) -> AnyView {
    let row = &page.row;
    let last = match row.last_activity.as_str() {
        "" => "never".to_owned(),
        some => some.to_owned(),
    };
    let facts = [
        ("Reference", row.id.to_string()),
        ("Source", row.source.clone()),
        ("Owner", row.owner.clone()),
        ("Country", page.country.clone()),
        ("Added", row.added.clone()),
        ("Last activity", last),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| {
            view! {
                <dt>{label}</dt>
                <dd>{value}</dd>
            }
        })
        .collect_view();
    view! {
        <dl>
            <dt>"Status"</dt>
            <dd>
                <Status status=row.status />
            </dd>
            {facts}
        </dl>
    }
    .into_any()
}

/// Where the lead is: one's work stacks, and what deletions there were.
fn whereabouts(page: &LeadPage) -> AnyView {
    let stacks = page.work_stacks.iter().map(|stack| {
        let (href, name) = (format!("/work-stacks/{}", stack.id.0), stack.name.clone());
        view! { <a class="link" href=href>{name}</a> }.into_any()
    });
    let stacks = list(stacks.collect());
    let past: Vec<AnyView> = page.past_deletions.iter().cloned().map(words).collect();
    let past = (!past.is_empty()).then(|| {
        view! {
            <section>
                <h3>"Earlier deletions"</h3>
                {list(past)}
            </section>
        }
    });
    view! {
        <section>
            <h3>"Work stacks"</h3>
            {stacks}
        </section>
        {past}
    }
    .into_any()
}

fn list(lines: Vec<AnyView>) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="hint">"None."</p> }.into_any();
    }
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect();
    view! { <ul>{lines}</ul> }.into_any()
}

/// A deletion, with a link to its order for who may see it.
fn words(deletion: LeadDeletion) -> AnyView {
    let order = deletion.order.map(|order| {
        view! {
            " "
            <a class="link" href=format!("/settings/lead-management/orders/{order}")>
                "See the order"
            </a>
        }
    });
    view! { {deletion.words} {order} }.into_any()
}

fn activity(activity: Activity) -> AnyView {
    view! {
        <span class="hint">{activity.what}</span>
        <p>{activity.text}</p>
    }
    .into_any()
}

#[component]
fn ContactRecords(shown: Shown, may_edit: bool) -> impl IntoView {
    let removing = Removing::new(shown);
    let page = shown.page;
    let record = move |record: ContactRecord| {
        let invalid = !record.telephone.is_empty() && record.call.is_none();
        let remove = may_edit.then(|| removing.offer(record.clone()));
        view! {
            <div class="contact-record">
                {reach(record.telephone, record.call)}
                {invalid.then(|| view! { <span class="badge warn">"not valid"</span> })}
                {reach(record.email, record.write)} {remove}
            </div>
        }
        .into_any()
    };
    view! {
        {move || page.with(|page| list(page.contact_records.iter().cloned().map(record).collect()))}
        {move || {
            page.with(|page| page.row.contacts as usize > page.contact_records.len())
                .then(|| {
                    let more = move |_| shown.more(|request| request.contact_records += LEAD_ROWS);
                    view! {
                        <button type="button" class="button" aria-label="Show more contact records" on:click=more>
                            "Show more"
                        </button>
                    }
                })
        }}
    }
}

/// A number to call or an address to write to, as a link where it is one.
fn reach(what: String, link: Option<String>) -> AnyView {
    match link {
        Some(href) => view! { <a class="link" href=href>{what}</a> }.into_any(),
        None if what.is_empty() => ().into_any(),
        None => view! { <span>{what}</span> }.into_any(),
    }
}
