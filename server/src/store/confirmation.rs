//! Confirming a draft: one transaction that makes the order and flags what is still as the dialog showed it.
//!
//! It never takes a lead that isn't in the draft, and never stops because the stack has changed: what it leaves out is
//! named by cause and number. The draft's id is the idempotency key.

use domain::ask_first::Answer;
use domain::audit::{Act, ActorRef, Digest, Fact};
use domain::deletion_order::OrderId;
use domain::draft::{self, Confirmation, Confirmed, DraftId};
use domain::permission::{DeleteLeads, Granted, Permission};
use domain::reason::Reason;
use domain::{Error, Result};
use sea_orm::ConnectionTrait;
use sha2::{Digest as _, Sha256};

use super::claim::{self, Becomes};
use super::duplicate::kept_lead_lost;
use super::query::Query;
use super::reason::offered_reason;
use super::sql::{self, values};
use super::{
    Store, Writing, ask_first, audit, dialect, draft as drafts, fact, lock, number, rights, word,
};
use crate::database::Priority;

/// What a person reads whose draft is another's, expired or was never there: nothing tells which.
pub const NO_DRAFT: &str = "This selection is too old to be confirmed. Close it, and press Delete again: nothing was deleted.";

/// What a person reads whose draft was made from a work stack that is deleted: what they looked at is there no more.
pub const NO_STACK: &str = "The work stack of these leads was deleted meanwhile. Nothing was deleted: close this, and select them in another one.";

/// Whose draft somebody confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One's own, out of the dialog in which it was made.
    Own,
    /// One that somebody asked the Layer Admins about.
    Asked,
}

/// A draft as the database has it.
struct Kept {
    /// Who asked first.
    asked_by: Option<i64>,
    whole: bool,
    work_stack: Option<i64>,
    /// The numbers that the dialog showed: with a reason that may be skipped, and with one that must be carried out.
    shown: [u64; 2],
    used: Option<(Vec<u8>, String)>,
}

impl Store {
    /// Confirms a draft. The same confirmation sent again gets the first answer again; another one for the same draft is
    /// refused, and so are an expired draft and another person's.
    pub async fn confirm_draft(
        &self,
        by: Granted<DeleteLeads>,
        confirmation: Confirmation,
        whose: Whose,
    ) -> Result<Confirmed> {
        let writing = self.begin(Priority::Person).await?;
        let body = digest(&confirmation);
        let kept = match whose {
            Whose::Own => kept(&writing, &by, confirmation.draft).await?,
            Whose::Asked => self.kept_asked(&writing, &by, confirmation.draft).await?,
        };
        if let Some((digest, answer)) = kept.used {
            if digest != body {
                return Err(Error::field(
                    "Selection",
                    "This deletion was confirmed already, with another reason. Nothing more was deleted.",
                ));
            }
            return serde_json::from_str(&answer).map_err(|_| Error::Conflict(NO_DRAFT.into()));
        }
        rights::check(writing.tx(), by.member(), Permission::DeleteLeads).await?;
        if whose == Whose::Asked {
            rights::check(writing.tx(), by.member(), Permission::RunQueue).await?;
        }
        if kept.whole {
            rights::check(writing.tx(), by.member(), Permission::DeleteAll).await?;
        }
        let reason = offered_reason(writing.tx(), &confirmation.reason).await?;
        let details = reason.check(&confirmation.details, confirmation.sentence_confirmed)?;
        draft::check_typed(
            kept.shown[usize::from(reason.must_be_carried_out)],
            &confirmation.typed,
        )?;

        // What is counted is what is flagged: nobody changes these leads, or those that copies are kept for, in between.
        let mut frozen = Query::new("SELECT lead FROM draft_lead WHERE draft = ");
        frozen
            .bind(confirmation.draft.0.as_bytes().to_vec())
            .add(" UNION ALL SELECT kept_lead FROM draft_lead WHERE kept_lead IS NOT NULL AND draft = ")
            .bind(confirmation.draft.0.as_bytes().to_vec());
        lock::leads(&writing, &frozen).await?;
        let (may, must) = drafts::counts(writing.tx(), confirmation.draft).await?;
        let counts = if reason.must_be_carried_out {
            must
        } else {
            may
        };
        if reason.must_be_carried_out {
            take_over(&writing, confirmation.draft).await?;
        }
        let times = self.times(writing.tx()).await?;
        let order = OrderId(writing.act);
        insert_order(
            &writing,
            &NewOrder {
                by: by.member().0,
                asked_by: kept.asked_by,
                reason: &reason,
                work_stack: kept.work_stack,
                urgent: false,
                puts_back: None,
                left_out: serde_json::to_string(&counts.left_out).unwrap_or_default(),
                undo_until: writing.now.plus(times.undo_time.millis()).0,
                confirmed: counts.leads,
            },
        )
        .await?;
        let flagged = flag(
            &writing,
            confirmation.draft,
            &reason,
            times.undo_time.millis(),
        )
        .await?;
        if flagged != counts.leads {
            // The counts and the flagging are of one transaction: they can't differ while the statements say the same.
            return Err(sql::internal(sea_orm::DbErr::Custom(
                "a draft's counts and its leads differ".into(),
            )));
        }
        writing.add_stat("waiting", flagged as i64).await?;

        let left_out: u64 = counts.left_out.iter().map(|l| l.count).sum();
        let mut facts = vec![
            number("leads", flagged),
            number("left-out", left_out),
            word("reason", &reason.code),
            firmly(&reason),
        ];
        facts.extend(kept.work_stack.map(|stack| number("work-stack", stack)));
        if let Some(asked_by) = kept.asked_by {
            facts.push(number("asked-by", asked_by));
            facts.push(fact("draft", Fact::Id(confirmation.draft.0)));
        }
        if let Some(details) = &details {
            facts.push(audit::keep_text(writing.tx(), writing.act, "details", details).await?);
        }
        facts.extend(audit::closed_rows(writing.tx(), writing.act).await?);
        let leaves = times.leaves_if_ordered_now();
        let confirmed = Confirmed {
            order,
            deleted: flagged,
            message: draft::message(flagged, &counts.left_out, &leaves),
            left_out: counts.left_out,
        };
        use_up(&writing, confirmation.draft, &body, &confirmed).await?;
        writing
            .commit(ActorRef::Member(by.member()), Act::OrderConfirmed, facts)
            .await?;
        Ok(confirmed)
    }
}

/// What an order may not do later than when it was confirmed: leave out leads that changed.
pub fn firmly(reason: &Reason) -> (String, Fact) {
    number("must-be-carried-out", u64::from(reason.must_be_carried_out))
}

/// An order to be made by this act.
pub struct NewOrder<'a> {
    /// Who.
    pub by: i64,
    /// Who asked first, where a Layer Admin confirms it for them.
    pub asked_by: Option<i64>,
    /// Why.
    pub reason: &'a Reason,
    /// From which stack.
    pub work_stack: Option<i64>,
    /// By the X.
    pub urgent: bool,
    /// The order that it puts back.
    pub puts_back: Option<Vec<u8>>,
    /// What was left out, as JSON.
    pub left_out: String,
    /// The end of its undo time.
    pub undo_until: i64,
    /// How many leads.
    pub confirmed: u64,
}

/// Makes the order of this act: all that it confirms waits.
pub async fn insert_order(writing: &Writing<'_>, order: &NewOrder<'_>) -> Result<()> {
    insert_order_as(writing, writing.act, order).await
}

/// Makes an order under an id of its own.
pub async fn insert_order_as(
    writing: &Writing<'_>,
    id: uuid::Uuid,
    order: &NewOrder<'_>,
) -> Result<()> {
    let confirmed = i64::try_from(order.confirmed).unwrap_or(i64::MAX);
    writing.concerns(order.reason.code.clone());
    sql::execute(
        writing.tx(),
        "INSERT INTO deletion_order (id, at, member, reason, must_be_carried_out, work_stack, urgent, puts_back, left_out, \
         undo_until, confirmed, waiting, act, asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13)",
        values![
            id.as_bytes().to_vec(),
            writing.now.0,
            order.by,
            order.reason.code.as_str(),
            i64::from(order.reason.must_be_carried_out),
            order.work_stack,
            i64::from(order.urgent),
            order.puts_back.clone(),
            order.left_out.as_str(),
            order.undo_until,
            confirmed,
            writing.act.as_bytes().to_vec(),
            order.asked_by
        ],
    )
    .await?;
    Ok(())
}

impl Store {
    /// An asked draft: any Layer Admin's, until it is answered. Who confirmed it may send the same again; whoever else
    /// presses reads what was done.
    async fn kept_asked(
        &self,
        writing: &Writing<'_>,
        by: &Granted<DeleteLeads>,
        draft: DraftId,
    ) -> Result<Kept> {
        let kept = read(writing, draft).await?;
        let times = self.times(writing.tx()).await?;
        let asked = ask_first::asked(writing.tx(), draft, &times).await?;
        match asked.answer {
            Answer::Waiting => Ok(kept.0),
            Answer::Deleted { order, .. } => {
                let own: Option<i64> = sql::value(
                    writing.tx(),
                    "SELECT COUNT(*) FROM deletion_order WHERE id = $1 AND member = $2",
                    values![order.0.as_bytes().to_vec(), by.member().0],
                )
                .await?;
                if own == Some(1) {
                    Ok(kept.0)
                } else {
                    Err(asked.answer.too_late())
                }
            }
            Answer::Dismissed { .. } | Answer::RanOut { .. } => Err(asked.answer.too_late()),
        }
    }
}

/// One's own draft, out of its dialog.
async fn kept(writing: &Writing<'_>, by: &Granted<DeleteLeads>, draft: DraftId) -> Result<Kept> {
    let gone = || Error::Conflict(NO_DRAFT.into());
    let (kept, member, expires_at) = read(writing, draft).await?;
    if member != by.member().0 {
        return Err(gone());
    }
    if kept.asked_by.is_some() {
        return Err(Error::Conflict(
            "You asked the Layer Admins about these leads: they answer now. Nothing was deleted."
                .into(),
        ));
    }
    if kept.used.is_none() && expires_at <= writing.now.0 {
        return Err(gone());
    }
    if kept.used.is_none() && kept.work_stack.is_none() {
        return Err(Error::Conflict(NO_STACK.into()));
    }
    Ok(kept)
}

/// The draft, locked, with whose it is and when it expires.
async fn read(writing: &Writing<'_>, draft: DraftId) -> Result<(Kept, i64, i64)> {
    let lock = dialect::for_update(writing.tx().get_database_backend());
    let row = sql::row(
        writing.tx(),
        &format!(
            "SELECT member, whole, work_stack, expires_at, shown, shown_if_must, body_digest, answer, asked_at \
             FROM draft WHERE id = $1{lock}"
        ),
        values![draft.0.as_bytes().to_vec()],
    )
    .await?
    .ok_or_else(|| Error::Conflict(NO_DRAFT.into()))?;
    let number = |column: &str| -> Result<u64> {
        Ok(u64::try_from(sql::get::<i64>(&row, column)?).unwrap_or(0))
    };
    let member: i64 = sql::get(&row, "member")?;
    let asked: Option<i64> = sql::get(&row, "asked_at")?;
    let digest: Option<Vec<u8>> = sql::get(&row, "body_digest")?;
    let kept = Kept {
        asked_by: asked.map(|_| member),
        whole: sql::get::<i64>(&row, "whole")? == 1,
        work_stack: sql::get(&row, "work_stack")?,
        shown: [number("shown")?, number("shown_if_must")?],
        used: digest.zip(sql::get(&row, "answer")?),
    };
    Ok((kept, member, sql::get(&row, "expires_at")?))
}

/// Closes the weaker open deletions of a draft's leads: the stricter order takes them over.
async fn take_over(writing: &Writing<'_>, draft: DraftId) -> Result<()> {
    let mut rest = Query::new(
        " WHERE r.must_be_carried_out = 0 AND NOT (o.state = 'held' AND o.cause = 'legal-hold') \
         AND o.lead IN (SELECT lead FROM draft_lead WHERE draft = ",
    );
    rest.bind(draft.0.as_bytes().to_vec()).add(")");
    if claim::claim(writing, Becomes::TAKEN_OVER, &rest, None).await? > 0 {
        let settled = claim::settle(writing, None).await?;
        tracing::debug!(skipped = settled.skipped, "taken over by a stricter order");
    }
    Ok(())
}

/// The one statement that flags: what is in the draft, is there, has no open deletion, and, unless the reason must be
/// carried out, is unchanged, wasn't taken off the queue after the person looked (they were told that it stays), and no
/// copy whose kept lead goes. The same conditions as in the draft's counts.
///
/// What has an open deletion is left out by the conflict and not by asking for it: PostgreSQL may answer that by reading the
/// whole table for each lead, and the table grows by this very statement (500,000 leads were not through after eight minutes).
async fn flag(
    writing: &Writing<'_>,
    draft: DraftId,
    reason: &Reason,
    undo_millis: i64,
) -> Result<u64> {
    sql::execute(
        writing.tx(),
        concat!(
            "INSERT INTO open_deletion (lead, deletion_order, ordered_at, revision, kept_lead, due_at) \
         SELECT l.id, $2, $3, d.revision, d.kept_lead, $4 FROM draft f JOIN draft_lead d ON d.draft = f.id \
         JOIN lead l ON l.id = d.lead \
         WHERE f.id = $1 AND ($5 = 1 OR (l.revision = d.revision \
         AND NOT EXISTS (SELECT 1 FROM deletion c WHERE c.lead = l.id AND c.at > f.created_at) AND NOT ",
            kept_lead_lost!("d"),
            ")) ORDER BY l.id ON CONFLICT (lead) DO NOTHING"
        ),
        values![
            draft.0.as_bytes().to_vec(),
            writing.act.as_bytes().to_vec(),
            writing.now.0,
            writing.now.plus(undo_millis).0,
            i64::from(reason.must_be_carried_out)
        ],
    )
    .await
}

/// Keeps the answer for whoever sends the same again, and lets the frozen leads go.
async fn use_up(
    writing: &Writing<'_>,
    draft: DraftId,
    body: &Digest,
    confirmed: &Confirmed,
) -> Result<()> {
    let key = draft.0.as_bytes().to_vec();
    sql::execute(
        writing.tx(),
        "DELETE FROM draft_lead WHERE draft = $1",
        values![key.clone()],
    )
    .await?;
    sql::execute(
        writing.tx(),
        "UPDATE draft SET body_digest = $2, answer = $3, ordered_as = $4 WHERE id = $1",
        values![
            key,
            body.to_vec(),
            serde_json::to_string(confirmed).unwrap_or_default(),
            confirmed.order.0.as_bytes().to_vec()
        ],
    )
    .await?;
    Ok(())
}

/// What tells one confirmation from another. Details are personal by nature: only this digest of them is kept.
fn digest(confirmation: &Confirmation) -> Digest {
    Sha256::digest(serde_json::to_vec(confirmation).unwrap_or_default()).into()
}
