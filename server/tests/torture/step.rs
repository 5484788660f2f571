//! What somebody does to the model's leads, carried out on the database and on the model, and the two compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::audit::ActorRef;
use domain::lead::LeadId;
use domain::lead_edit::{LeadChange, LeadEdit};
use domain::ports::{DeletionOrders, Drafts, Leads, Removals, UrgentDeletions};
use domain::removal::Removal;
use domain::urgent_deletion::{Because, UrgentDeletion};
use server::clock::{Clock, SetClock};
use server::fault::{self, Fault};
use server::worker;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::ground::{Open, confirmation};
use crate::model::{self, Model, OpenDeletion, Taken, UNDO};

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Orders the deletion of these, and somebody edits one while the dialog is open.
    Flag {
        by: &'static str,
        must: bool,
        leads: Vec<usize>,
        edited: Option<usize>,
    },
    /// Writes a note.
    Edit(usize),
    /// Takes an order back.
    Undo(usize),
    /// Remove Deletions: all, or only those that may be skipped.
    Remove { weak_only: bool },
    /// Undoes a removal.
    PutBack(usize),
    /// The X.
    Urgent(usize),
    /// Time goes by.
    Wait(i64),
    /// The queue runs.
    Run,
}

/// Where and how a step is broken off, if it comes so far.
pub type Crash = Option<(usize, Fault)>;

/// How many steps were broken off so far.
static STRUCK: AtomicU64 = AtomicU64::new(0);

/// How many steps of this process were broken off so far: many a step has fewer points than the one that was drawn.
pub fn struck() -> u64 {
    STRUCK.load(Ordering::SeqCst)
}

/// Carries a step out on the database and on the model, and compares the two.
pub async fn take(
    open: &Open,
    clock: &SetClock,
    model: &mut Model,
    step: &Step,
    crash: Crash,
) -> Result<()> {
    let before = model.clone();
    let acknowledged = match step {
        Step::Wait(millis) => {
            clock.advance(*millis);
            true
        }
        Step::Flag {
            by,
            must,
            leads,
            edited,
        } => {
            flag(open, clock, model, by, *must, leads, *edited, crash).await?;
            true
        }
        Step::Edit(one) => edit(open, model, *one, crash).await?,
        Step::Run => {
            model.run(clock.now().0);
            let store = open.shared();
            let ran = broken_off(crash, async move {
                worker::drain(&store, true, ActorRef::Worker).await
            })
            .await;
            must_be_fine(crash, ran)?
        }
        Step::Undo(place) => {
            let Some((order, by, leads)) = model.orders.get(*place).cloned() else {
                return Ok(());
            };
            for one in leads {
                if model.leads[one].open.is_some() {
                    Model::close(&mut model.leads[one], true);
                }
            }
            model.forget(|_, order_too| order_too == order);
            let (store, by) = (open.shared(), open.granted(by).await?);
            let undone = broken_off(crash, async move { store.undo(by, order).await }).await;
            must_be_fine(crash, undone)?
        }
        Step::Remove { weak_only } => remove(open, model, *weak_only, crash).await?,
        Step::PutBack(place) => put_back(open, clock, model, *place, crash).await?,
        Step::Urgent(one) => urgent(open, model, *one, crash).await?,
    };
    let found = model::read(open, &model.ids()).await?;
    if found == model.leads {
        return Ok(());
    }
    // What was broken off before it was answered may also not have happened.
    if !acknowledged && found == before.leads {
        *model = before;
        return Ok(());
    }
    let mut message = String::from("the database isn't as the model");
    for (is, should) in found.iter().zip(&model.leads) {
        if is != should {
            message += &format!("; is {is:?}, should be {should:?}");
        }
    }
    bail!(message)
}

#[expect(clippy::too_many_arguments, reason = "what a step is made of")]
async fn flag(
    open: &Open,
    clock: &SetClock,
    model: &mut Model,
    by: &'static str,
    must: bool,
    leads: &[usize],
    edited: Option<usize>,
    crash: Crash,
) -> Result<()> {
    let ids: Vec<LeadId> = leads
        .iter()
        .filter(|one| model.leads[**one].revision.is_some())
        .map(|one| model.leads[*one].id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let draft = open.draft(by, &ids).await?;
    let seen: Vec<Option<i64>> = model.leads.iter().map(|lead| lead.revision).collect();
    clock.advance(1);
    if let Some(one) = edited {
        edit(open, model, one, None).await?;
    }
    clock.advance(1);
    let reason = if must { "do-not-contact" } else { "outdated" };
    let confirmation = confirmation(&draft, reason);
    let (store, granted, same) = (open.shared(), open.granted(by).await?, confirmation.clone());
    let mut confirmed = broken_off(crash, async move { store.confirm(granted, same).await }).await;
    if crash.is_some() && !matches!(confirmed, Some(Ok(_))) {
        // As a browser does that got no answer.
        confirmed = Some(open.confirm(open.granted(by).await?, confirmation).await);
    }
    let mut flagged = Vec::new();
    for one in leads {
        let lead = &mut model.leads[*one];
        let (Some(revision), Some(seen)) = (lead.revision, seen[*one]) else {
            continue;
        };
        match lead.open {
            Some(weak) if must && !weak.must => Model::close(lead, false),
            Some(_) => continue,
            None if must || revision == seen => {}
            None => continue,
        }
        flagged.push(*one);
        lead.open = Some(OpenDeletion {
            revision: seen,
            must,
            due: clock.now().0 + UNDO,
        });
    }
    model.forget(|lead, _| flagged.contains(&lead));
    match confirmed.context("the confirmation hangs")? {
        Ok(answer) if answer.deleted == flagged.len() as u64 => {
            model.orders.push((answer.order, by, flagged));
            Ok(())
        }
        Ok(answer) => bail!("`{}` instead of {}", answer.message, flagged.len()),
        Err(error) if flagged.is_empty() => {
            drop(error);
            Ok(())
        }
        Err(error) => bail!("the confirmation was refused: {error}"),
    }
}

async fn edit(open: &Open, model: &mut Model, one: usize, crash: Crash) -> Result<bool> {
    let lead = &mut model.leads[one];
    let edit = LeadEdit {
        lead: lead.id,
        revision: lead.revision.unwrap_or(1),
        change: LeadChange::WriteNote {
            text: "Called back".into(),
        },
    };
    let (store, by) = (open.shared(), open.granted("Agent").await?);
    let edited = broken_off(crash, async move { store.edit_lead(by, edit).await }).await;
    match lead.revision {
        Some(revision) => {
            lead.revision = Some(revision + 1);
            must_be_fine(crash, edited)
        }
        None => match edited {
            Some(Ok(_)) => bail!("a lead that is gone was edited"),
            _ => Ok(true),
        },
    }
}

async fn remove(open: &Open, model: &mut Model, weak_only: bool, crash: Crash) -> Result<bool> {
    let by = open.granted("Manager").await?;
    let mut groups = open.removal_preview(by, String::new()).await?.groups;
    groups.retain(|group| !weak_only || !group.must_be_carried_out);
    if groups.is_empty() {
        return Ok(true);
    }
    let mut took = Vec::new();
    for (one, lead) in model.leads.iter_mut().enumerate() {
        if let Some(deletion) = lead.open.filter(|open| !weak_only || !open.must) {
            took.push((one, deletion.revision, deletion.must));
            Model::close(lead, true);
        }
    }
    model.forget(|lead, _| took.iter().any(|(one, ..)| *one == lead));
    let removal = Removal {
        search: String::new(),
        groups,
        note: "Ordered by mistake".into(),
    };
    let (store, by) = (open.shared(), open.granted("Manager").await?);
    let removed = broken_off(crash, async move { store.remove(by, removal).await }).await;
    if let Some(Ok(removed)) = &removed {
        if removed.count != took.len() as u64 {
            bail!("`{}` instead of {}", removed.message, took.len());
        }
        model.removals.push(Taken {
            removal: removed.removal,
            leads: took,
            put_back: None,
        });
    }
    must_be_fine(crash, removed)
}

async fn put_back(
    open: &Open,
    clock: &SetClock,
    model: &mut Model,
    place: usize,
    crash: Crash,
) -> Result<bool> {
    let Some(taken) = model.removals.get(place).cloned() else {
        return Ok(true);
    };
    let removal = taken.removal;
    let undone = taken.put_back.is_some();
    let mut back = taken.put_back.unwrap_or(0);
    for (one, revision, must) in taken.leads.into_iter().filter(|_| !undone) {
        let lead = &mut model.leads[one];
        if lead.open.is_none() && lead.revision.is_some_and(|now| must || now == revision) {
            back += 1;
            lead.open = Some(OpenDeletion {
                revision,
                must,
                due: clock.now().0 + UNDO,
            });
        }
    }
    if back > 0 {
        model.removals[place].put_back = Some(back);
    }
    let (store, by) = (open.shared(), open.granted("Manager").await?);
    let put = broken_off(crash, async move { store.undo_removal(by, removal).await }).await;
    match put {
        Some(Ok(answer)) if answer.deleted == back => Ok(true),
        Some(Ok(answer)) => bail!("`{}` instead of {back}", answer.message),
        Some(Err(_)) if back == 0 => Ok(true),
        other => must_be_fine(crash, other),
    }
}

async fn urgent(open: &Open, model: &mut Model, one: usize, crash: Crash) -> Result<bool> {
    let lead = &mut model.leads[one];
    let urgent = UrgentDeletion {
        lead: lead.id,
        because: Some(Because {
            reason: "outdated".into(),
            details: String::new(),
            sentence_confirmed: false,
        }),
    };
    if lead.revision.is_some() {
        Model::erase(lead);
    }
    model.forget(|lead, _| lead == one);
    let (store, by) = (open.shared(), open.granted("Manager").await?);
    let pressed = broken_off(crash, async move { store.delete_now(by, urgent).await }).await;
    must_be_fine(crash, pressed)
}

/// Whether it was answered well. Without a crash it must have been.
fn must_be_fine<T>(crash: Crash, answer: Option<domain::Result<T>>) -> Result<bool> {
    match answer {
        Some(Ok(_)) => Ok(true),
        Some(Err(error)) if crash.is_none() => bail!("it was refused: {error}"),
        None if crash.is_none() => bail!("it was broken off by itself"),
        _ => Ok(false),
    }
}

/// Carries it out, and breaks it off at that point; `None` where nobody got an answer.
async fn broken_off<T: Send + 'static>(
    crash: Crash,
    work: impl Future<Output = domain::Result<T>> + Send + 'static,
) -> Option<domain::Result<T>> {
    let Some((point, way)) = crash else {
        return Some(work.await);
    };
    let (passed, struck) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let strikes = struck.clone();
    fault::arm(move |_, _| {
        if passed.fetch_add(1, Ordering::SeqCst) != point {
            return None;
        }
        STRUCK.fetch_add(1, Ordering::SeqCst);
        strikes.notify_one();
        Some(way)
    });
    let mut working = tokio::spawn(work);
    let answer = tokio::select! {
        answer = &mut working => answer.ok(),
        () = struck.notified() => {
            let answer = timeout(Duration::from_secs(5), async {
                if way == Fault::Hang {
                    working.abort();
                }
                (&mut working).await.ok()
            });
            answer.await.ok().flatten()
        }
    };
    fault::disarm();
    answer
}
