//! `/import`: leads from a CSV file. Uploaded, previewed, mapped, started, and told what came of it.

use domain::Permission;
use domain::import::{Field, ImportId, ImportPage as Import, ImportState, Mapping};
use domain::text::{leads, number};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::error::{Error, Result};
use crate::import;
use crate::parts::focus;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;

/// How often a running import is asked how far it is, in milliseconds.
const ASK_EVERY: u32 = 500;

/// The upload, or the import that the address names.
#[component]
pub fn ImportPage() -> impl IntoView {
    if !untrack(|| use_shell().may(Permission::ImportLeads)) {
        let error = Error(domain::Error::Forbidden(Permission::ImportLeads));
        return view! {
            <PageTop title="Import" />
            <div class="body">
                <Problem error />
            </div>
        }
        .into_any();
    }
    let query = use_query_map();
    let id = Memo::new(move |_| query.with(|query| query.get("id")));
    let wrong = move || {
        query
            .with(|query| query.get("wrong"))
            .filter(|wrong| !wrong.is_empty())
    };
    let first = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => read(&id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    view! {
        <PageTop
            title="Import"
            hint="Leads from a CSV file. Importing a file twice adds nothing, unless its leads were deleted in between."
        />
        <div class="body import">
            {move || {
                wrong().map(|words| view! { <p class="problem" role="alert">{sentence(&words)}</p> })
            }}
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(Some(import)) => view! { <Shown import /> }.into_any(),
                        Ok(None) => view! { <Upload /> }.into_any(),
                        Err(error) => view! { <Problem error /> <Upload /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

/// Why an upload was refused. Words of our own and not the address's: a link must not put words into Layer's mouth.
fn sentence(code: &str) -> &'static str {
    match code {
        "large" => "This file is too large. Split it and import the parts.",
        "wide" => "This file has more than 1,000 columns. Leave out those that you don't need.",
        "empty" => "This file has no rows. Choose a CSV file with a header and at least one row.",
        "compressed" => {
            "This file is compressed (gzip). Unpack it first, then import the CSV file."
        }
        "workbook" => "This is a workbook, no CSV file. Open it and save it as CSV.",
        "nul" => "This file holds NUL characters: it isn't text. Save it as CSV in UTF-8.",
        "encoding" => "This file's encoding is broken. Save it as CSV in UTF-8.",
        "no-header" => "The first line must name the columns, such as Name, Telephone, E-mail.",
        _ => {
            "This file could not be read as CSV. Save it as CSV in UTF-8, with a header, and try again."
        }
    }
}

async fn read(id: &str) -> Result<Import> {
    let id = id
        .parse()
        .map_err(|_| Error(domain::Error::not_found("import")))?;
    import::import(ImportId(id)).await
}

#[component]
fn Upload() -> impl IntoView {
    view! {
        <form class="panel pad upload" method="post" enctype="multipart/form-data" action="/import/upload">
            <div class="field">
                <label for="file">"CSV file"</label>
                <input id="file" type="file" name="file" accept=".csv,.tsv,.txt,text/csv" required aria-describedby="file-hint" />
                <span class="hint" id="file-hint">
                    "With a header. Exports of Salesforce and HubSpot are recognised; other columns you map on the next page."
                </span>
            </div>
            <footer>
                <button class="button primary">"Upload and preview"</button>
            </footer>
        </form>
    }
}

#[component]
fn Shown(import: Import) -> impl IntoView {
    let shell = use_shell();
    let page = RwSignal::new(import);
    let failed = RwSignal::new(None::<Error>);
    let pending = RwSignal::new(false);
    let state = Memo::new(move |_| page.with(|page| page.state));
    let id = page.with_untracked(|page| page.id);

    // Asks while it runs; the last answer is the result.
    Effect::new(move || {
        if state.get() != ImportState::Running {
            return;
        }
        leptos::task::spawn_local(async move {
            loop {
                TimeoutFuture::new(ASK_EVERY).await;
                let answer = import::import(id).await;
                let running = match answer {
                    Ok(fresh) => {
                        let running = fresh.state == ImportState::Running;
                        if page.try_set(fresh).is_some() {
                            return;
                        }
                        _ = failed.try_set(None);
                        running
                    }
                    Err(error) => {
                        if failed.try_set(Some(error)).is_some() {
                            return;
                        }
                        true
                    }
                };
                if !running {
                    shell.refresh();
                    return;
                }
            }
        });
    });
    let start = move |_| {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        failed.set(None);
        let (mapping, valid) = page.with_untracked(|page| {
            let valid = page.findings.as_ref().map_or(0, |found| found.valid);
            (page.mapping.clone(), valid)
        });
        leptos::task::spawn_local(async move {
            match import::import_start(id, mapping, valid).await {
                Ok(fresh) => _ = page.try_set(fresh),
                Err(error) => {
                    // What it would import now is shown below why it didn't.
                    if matches!(error.0, domain::Error::TooLate(_))
                        && let Ok(fresh) = import::import(id).await
                    {
                        _ = page.try_set(fresh);
                    }
                    _ = failed.try_set(Some(error));
                }
            }
            _ = pending.try_set(false);
        });
    };
    let names = move || page.with(|page| page.mapping.names_leads());
    let body = move || {
        match state.get() {
        ImportState::Preview => view! {
            <Preview page failed pending />
            <Found page />
            <footer>
                <button
                    type="button"
                    class="button primary"
                    disabled=move || !names() || pending.get() || page.with(none_is_valid)
                    aria-describedby="start-off"
                    on:click=start
                >
                    {move || page.with(press)}
                </button>
                <a class="button" href="/import">
                    "Choose another file"
                </a>
                <span class="hint" id="start-off">
                    {move || (!names()).then_some("Say first which column holds a name, a company, a telephone number or an e-mail.")}
                </span>
            </footer>
        }
        .into_any(),
        ImportState::Running => view! { <Progress page /> }.into_any(),
        ImportState::Done | ImportState::Failed => view! { <Outcome page /> }.into_any(),
    }
    };
    view! {
        {move || failed.get().map(|error| view! { <Problem error /> })}
        {body}
        <Refused page />
    }
}

/// What the button says: that rows stay behind, where some do.
fn press(page: &Import) -> String {
    match &page.findings {
        Some(found) if found.refused == 0 => {
            format!("Import {}", domain::text::count(found.valid, "row", "rows"))
        }
        _ => "Import the valid rows".into(),
    }
}

fn none_is_valid(page: &Import) -> bool {
    page.findings.as_ref().is_none_or(|found| found.valid == 0)
}

/// What the rows hold, before any is imported.
#[component]
fn Found(page: RwSignal<Import>) -> impl IntoView {
    let found = Memo::new(move |_| {
        page.with(|page| page.findings.clone().filter(|_| page.mapping.names_leads()))
    });
    let download = page.with_untracked(|page| format!("/import/refusals?id={}", page.id.0));
    move || {
        found.get().map(|found| {
            let refused = (found.refused > 0).then(|| {
                view! {
                    <p>
                        {format!(
                            "{} can’t be imported, and why stands below. ",
                            domain::text::count(found.refused, "row", "rows"),
                        )}
                        <a href=download.clone() download="refused-rows.csv" rel="external">
                            "Download them"
                        </a>
                        " to mend them: the file is kept until its import is through."
                    </p>
                }
            });
            let guesses = found.sentences();
            let guesses = (!guesses.is_empty()).then(|| {
                let lines = guesses.into_iter().map(|line| view! { <li>{line}</li> });
                view! { <ul>{lines.collect_view()}</ul> }
            });
            view! {
                <section class="panel pad" aria-labelledby="found">
                    <h2 id="found">
                        {format!(
                            "{} can be imported",
                            domain::text::count(found.valid, "row", "rows"),
                        )}
                    </h2>
                    {refused}
                    {guesses}
                </section>
            }
        })
    }
}

/// The first rows under what each column is taken for. A choice is shown at once; while it is on its way there is no other,
/// and where it fails, what was chosen before stands again.
#[component]
fn Preview(
    page: RwSignal<Import>,
    failed: RwSignal<Option<Error>>,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let (file, headers, sample, rows) = page.with_untracked(|page| {
        (
            page.file.clone(),
            page.headers.clone(),
            page.sample.clone(),
            page.rows,
        )
    });
    let column = move |(place, header): (usize, String)| {
        let field = move || page.with(|page| page.mapping.0.get(place).copied().flatten());
        let change = move |event| {
            let value: String = event_target_value(&event);
            let field = value
                .parse::<usize>()
                .ok()
                .and_then(|n| Field::ALL.get(n).copied());
            let (id, before) = page.with_untracked(|page| (page.id, page.mapping.clone()));
            let mut mapping = before.clone();
            choose(&mut mapping, place, field);
            let chosen = mapping.clone();
            page.update(|page| page.mapping = chosen);
            pending.set(true);
            failed.set(None);
            leptos::task::spawn_local(async move {
                match import::import_mapping(id, mapping).await {
                    Ok(fresh) => _ = page.try_set(fresh),
                    Err(error) => {
                        _ = page.try_update(|page| page.mapping = before);
                        _ = failed.try_set(Some(error));
                    }
                }
                _ = pending.try_set(false);
                // Disabled, the field lost the focus.
                focus::unless_held(column_id(place));
            });
        };
        let options = Field::ALL.into_iter().enumerate().map(move |(n, offered)| {
            view! {
                <option value=n selected=move || field() == Some(offered)>
                    {offered.label()}
                </option>
            }
        });
        let label = format!("Column {header}");
        let value = move || {
            let at = Field::ALL
                .iter()
                .position(|offered| field() == Some(*offered));
            at.map_or_else(String::new, |at| at.to_string())
        };
        view! {
            <th scope="col">
                <span>{header}</span>
                <select
                    class="control"
                    id=column_id(place)
                    aria-label=label
                    disabled=move || pending.get()
                    prop:value=value
                    on:change=change
                >
                    <option value="" selected=move || field().is_none()>
                        "Leave out"
                    </option>
                    {options.collect_view()}
                </select>
            </th>
        }
    };
    let line = |cells: Vec<String>| {
        view! { <tr>{cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> }
    };
    view! {
        <section class="panel" aria-labelledby="preview">
            <h2 id="preview">{format!("{file}: {}", domain::text::count(rows, "row", "rows"))}</h2>
            <div class="scroll sample" tabindex="0" role="group" aria-label="The first rows">
                <table>
                    <thead>
                        <tr>{headers.into_iter().enumerate().map(column).collect_view()}</tr>
                    </thead>
                    <tbody>{sample.into_iter().map(line).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}

fn column_id(place: usize) -> String {
    format!("column-{place}")
}

/// One column is one field: who takes a field takes it from the column that had it.
fn choose(mapping: &mut Mapping, place: usize, field: Option<Field>) {
    for other in &mut mapping.0 {
        if field.is_some() && *other == field {
            *other = None;
        }
    }
    if let Some(column) = mapping.0.get_mut(place) {
        *column = field;
    }
}

#[component]
fn Progress(page: RwSignal<Import>) -> impl IntoView {
    let done = move || page.with(|page| through(page).min(page.rows));
    let percent = move || {
        page.with(|page| {
            (through(page) * 100)
                .checked_div(page.rows)
                .unwrap_or(0)
                .min(100)
        })
    };
    view! {
        <section class="panel pad" aria-labelledby="running">
            <h2 id="running">"Rows come in"</h2>
            <p>{move || format!("{} of {} rows", number(done()), number(page.with(|page| page.rows)))}</p>
            <div
                class="progress"
                role="progressbar"
                aria-labelledby="running"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=percent
            >
                <b style=move || format!("inline-size:{}%", percent())></b>
            </div>
            <p class="hint">"It goes on when you leave this page."</p>
        </section>
    }
}

/// Rows that are through.
fn through(page: &Import) -> u64 {
    let numbers = page.numbers;
    numbers.imported + numbers.unchanged + numbers.changed + numbers.refused
}

#[component]
fn Outcome(page: RwSignal<Import>) -> impl IntoView {
    let numbers = move || page.with(|page| page.numbers);
    let sentence = move || {
        let n = numbers();
        format!(
            "{} imported, {} changed, {} unchanged, {} refused.",
            leads(n.imported),
            number(n.changed),
            number(n.unchanged),
            number(n.refused)
        )
    };
    let trouble = move || {
        page.with(|page| page.trouble.clone()).map(|trouble| {
            view! {
                <p class="problem" role="alert">
                    {trouble}
                </p>
            }
        })
    };
    let heading = move || match page.with(|page| page.state) {
        ImportState::Failed => "It ended early",
        _ => "It is through",
    };
    view! {
        <section class="panel pad" aria-labelledby="result">
            <h2 id="result">{heading}</h2>
            {trouble}
            <p>{sentence}</p>
            <footer>
                <a class="button" href="/work-stacks">
                    "Go to the work stacks"
                </a>
                <a class="button" href="/import">
                    "Choose another file"
                </a>
            </footer>
        </section>
    }
}

/// Where and why, not what it held.
#[component]
fn Refused(page: RwSignal<Import>) -> impl IntoView {
    let refused = Memo::new(move |_| {
        page.with(|page| match &page.findings {
            Some(found) if page.mapping.names_leads() => (found.refusals.clone(), found.refused),
            Some(_) => (Vec::new(), 0),
            None => (page.refused.clone(), page.numbers.refused),
        })
    });
    move || {
        let (rows, all) = refused.get();
        (!rows.is_empty()).then(|| {
            let shown = rows.len() as u64;
            let more = (all > shown).then(
                || view! { <p class="hint pad">{format!("And {} more.", number(all - shown))}</p> },
            );
            let row = |row: domain::import::RefusedRow| {
                view! {
                    <tr>
                        <td>{format!("Line {}", number(row.line))}</td>
                        <td class="wrap">{row.cause}</td>
                    </tr>
                }
            };
            view! {
                <section class="panel rows" aria-labelledby="refused">
                    <h2 id="refused">"Refused rows"</h2>
                    <table class="cards">
                        <thead>
                            <tr>
                                <th scope="col">"Line"</th>
                                <th scope="col">"Why"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                    </table>
                    {more}
                </section>
            }
            .into_any()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_taken_from_the_column_that_had_it() {
        let mut mapping = Mapping(vec![Some(Field::Name), Some(Field::Email), None]);
        choose(&mut mapping, 2, Some(Field::Name));
        assert_eq!(mapping.0, [None, Some(Field::Email), Some(Field::Name)]);
        choose(&mut mapping, 1, None);
        assert_eq!(mapping.0, [None, None, Some(Field::Name)]);
    }
}
