//! A lead with its contact records, activities, stacks and deletions: beside the grid, and as a page of its own.

use domain::lead::{Activity, ContactRecord, LeadId, LeadPage};
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::error::Error;
use crate::lead;
use crate::parts::icon::Icon;
use crate::parts::overlay::NoCode;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;
use crate::parts::status::Status;

/// The panel on this lead, for an [`Overlay`](crate::parts::overlay::Overlay).
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, fallible)]
pub fn lead_panel(lead: LeadId, on_close: Callback<()>) -> Result<AnyView, NoCode> {
    Ok(view! { <LeadPanel lead on_close /> }.into_any())
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
    let page = RwSignal::new(None::<Result<LeadPage, Error>>);
    Effect::new(move || {
        leptos::task::spawn_local(async move {
            _ = page.try_set(Some(lead::lead(lead).await));
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
            {move || match page.get() {
                None => view! { <Skeleton /> }.into_any(),
                Some(Err(error)) => view! { <Problem error /> }.into_any(),
                Some(Ok(page)) => {
                    view! {
                        <h2>{page.row.name.clone()}</h2>
                        <LeadDetails page />
                    }
                        .into_any()
                }
            }}
        </aside>
    }
    .into_any()
}

/// Everything about the lead but its name.
#[component]
pub fn LeadDetails(
    /// The lead.
    page: LeadPage,
) -> impl IntoView {
    let row = page.row;
    let fact = |label: &'static str, value: String| {
        (!value.is_empty()).then(|| {
            view! {
                <dt>{label}</dt>
                <dd>{value}</dd>
            }
        })
    };
    view! {
        <div class="lead">
            {(!page.deletion_sentence.is_empty())
                .then(|| view! { <p class="lead-deletion">{page.deletion_sentence}</p> })}
            <dl>
                <dt>"Status"</dt>
                <dd>
                    <Status status=row.status />
                </dd>
                {fact("Reference", row.id.to_string())}
                {fact("Source", row.source)}
                {fact("Owner", row.owner)}
                {fact("Country", page.country)}
                {fact("Added", row.added)}
                {fact("Last activity", if row.last_activity.is_empty() { "never".into() } else { row.last_activity })}
                {fact("Kept lead", row.kept.map(|lead| lead.to_string()).unwrap_or_default())}
            </dl>
            <section>
                <h3>"Contact records"</h3>
                {if page.contact_records.is_empty() {
                    view! { <p class="hint">"None."</p> }.into_any()
                } else {
                    view! { <ul>{page.contact_records.into_iter().map(contact).collect_view()}</ul> }.into_any()
                }}
            </section>
            <section>
                <h3>"Activities"</h3>
                {if page.activities.is_empty() {
                    view! { <p class="hint">"None."</p> }.into_any()
                } else {
                    view! { <ul>{page.activities.into_iter().map(activity).collect_view()}</ul> }.into_any()
                }}
            </section>
            {lines("Work stacks", page.work_stacks)}
            {lines("Earlier deletions", page.past_deletions)}
        </div>
    }
    .into_any()
}

fn lines(heading: &'static str, lines: Vec<String>) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        view! {
            <section>
                <h3>{heading}</h3>
                <ul>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </section>
        }
    })
}

fn contact(record: ContactRecord) -> impl IntoView {
    let invalid = !record.telephone.is_empty() && !record.telephone_valid;
    view! {
        <li>
            {(!record.telephone.is_empty()).then(|| view! { <span>{record.telephone}</span> })}
            {invalid.then(|| view! { <span class="badge warn">"not valid"</span> })}
            {(!record.email.is_empty()).then(|| view! { <span>{record.email}</span> })}
        </li>
    }
}

fn activity(activity: Activity) -> impl IntoView {
    view! {
        <li>
            <span class="hint">{activity.kind} ", " {activity.at}</span>
            <p>{activity.text}</p>
        </li>
    }
}
