//! Ask first: drafts handed to the Layer Admins, and what they answer.
//!
//! The asking is an act with the draft's own id, so that a draft is asked about once and its words are found beside the
//! chain by it. The answer is an order (`deletion_order.asked_by`) or a dismissal with an act of its own.

use async_trait::async_trait;
use domain::ask_first::{
    ANSWER_STAYS, ASKED_LIFE, ASKED_ROWS, Answer, AskedDraft, AskedLead, AskedLeads, AskedPage,
    Asking, Dismissal, MOST_ASKED, asked_message, most_asked,
};
use domain::audit::{Act, ActorRef, Fact};
use domain::deletion_order::OrderId;
use domain::draft::{Confirmation, Confirmed, Draft, DraftCounts, DraftId};
use domain::lead::LeadId;
use domain::permission::{
    Actor, DeleteLeads, Granted, Permission, QueueScope, RedactDetails, RunQueue,
};
use domain::ports::AskFirst;
use domain::reason::UNKNOWN_REASON;
use domain::time::Millis;
use domain::{Error, Result};
use sea_orm::{ConnectionTrait, QueryResult};

use super::confirmation::{NO_DRAFT, NO_STACK, Whose};
use super::sql::{self, internal, values};
use super::times::Times;
use super::{Store, Writing, audit, dialect, draft, fact, number, reason, rights, word};
use crate::database::Priority;

/// What is asked, beside the chain under the draft's id.
pub const WORDS: &str = "words";
/// What is answered, beside the chain under the dismissal's act.
pub const ANSWER: &str = "answer";

/// What [`asked_of_row`] reads of `draft f`.
const COLUMNS: &str = "f.id, f.leads, f.asked_at, s.label AS asked_reason, f.expires_at, f.dismissed_at, f.ordered_as, \
     m.name AS by_name, w.name AS work_stack, q.text AS words, a.text AS answer_words, d.name AS dismissed_name, \
     r.at AS ordered_at, r.undo_until, r.waiting, r.erased, o.name AS ordered_name \
     FROM draft f JOIN member m ON m.id = f.member LEFT JOIN work_stack w ON w.id = f.work_stack \
     LEFT JOIN audit_text q ON q.act = f.id AND q.name = 'words' \
     LEFT JOIN audit_text a ON a.act = f.dismissed_act AND a.name = 'answer' \
     LEFT JOIN member d ON d.id = f.dismissed_by LEFT JOIN reason s ON s.code = f.asked_reason \
     LEFT JOIN deletion_order r ON r.id = f.ordered_as LEFT JOIN member o ON o.id = r.member";

/// Of an asked draft `f`: it waits for an answer at the instant that follows.
const WAITS: &str = "f.asked_at IS NOT NULL AND f.body_digest IS NULL AND f.dismissed_at IS NULL AND f.expires_at > ";

#[async_trait]
impl AskFirst for Store {
    async fn ask_first(&self, by: Granted<DeleteLeads>, asking: Asking) -> Result<String> {
        let words = asking.check()?;
        let mut writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::DeleteLeads).await?;
        let reason = chosen(writing.tx(), &asking.reason).await?;
        let lock = dialect::for_update(writing.tx().get_database_backend());
        let key = asking.draft.0.as_bytes().to_vec();
        type Row = (i64, i64, i64, Option<i64>, Option<Vec<u8>>, Option<i64>);
        let found: Option<Row> = sql::tuple(
            writing.tx(),
            &format!(
                "SELECT member, leads, expires_at, asked_at, body_digest, work_stack FROM draft WHERE id = $1{lock}"
            ),
            values![key.clone()],
        )
        .await?;
        let gone = || Error::Conflict(NO_DRAFT.into());
        let (member, leads, expires_at, asked_at, used, work_stack) = found.ok_or_else(gone)?;
        if member != by.member().0 {
            return Err(gone());
        }
        let leads = u64::try_from(leads).unwrap_or(0);
        if asked_at.is_some() {
            let before: Option<Option<String>> = sql::value(
                writing.tx(),
                "SELECT text FROM audit_text WHERE act = $1 AND name = $2",
                values![key, WORDS],
            )
            .await?;
            return if before.flatten() == Some(words) {
                Ok(asked_message(leads))
            } else {
                Err(Error::Conflict(
                    "You have asked about these leads already, with other words. The Layer Admins have those.".into(),
                ))
            };
        }
        if used.is_some() || expires_at <= writing.now.0 {
            return Err(gone());
        }
        if work_stack.is_none() {
            return Err(Error::Conflict(NO_STACK.into()));
        }
        let waiting: Option<i64> = sql::value(
            writing.tx(),
            &format!("SELECT COUNT(*) FROM draft f WHERE f.member = $1 AND {WAITS}$2"),
            values![by.member().0, writing.now.0],
        )
        .await?;
        // On PostgreSQL two that are asked at one instant may both be the last: that hurts nobody.
        if waiting.unwrap_or(0) >= i64::from(MOST_ASKED) {
            return Err(most_asked());
        }
        sql::execute(
            writing.tx(),
            "UPDATE draft SET asked_at = $2, expires_at = $3, asked_reason = $4 WHERE id = $1",
            values![
                key,
                writing.now.0,
                writing.now.plus(ASKED_LIFE).0,
                reason.clone()
            ],
        )
        .await?;
        writing.act = asking.draft.0;
        let mut facts = vec![
            fact("draft", Fact::Id(asking.draft.0)),
            number("leads", leads),
        ];
        facts.extend(reason.map(|code| word("reason", &code)));
        facts.push(audit::keep_text(writing.tx(), writing.act, WORDS, &words).await?);
        writing
            .commit(ActorRef::Member(by.member()), Act::DraftAsked, facts)
            .await?;
        Ok(asked_message(leads))
    }

    async fn answers_seen(&self, by: Granted<DeleteLeads>) -> Result<()> {
        if new_answers(self.reader(), by.actor(), self.now()).await? == 0 {
            return Ok(());
        }
        let writing = self.begin(Priority::Person).await?;
        sql::execute(
            writing.tx(),
            "UPDATE draft SET answer_seen_at = $2 WHERE member = $1 AND asked_at IS NOT NULL AND answer_seen_at IS NULL \
             AND (body_digest IS NOT NULL OR dismissed_at IS NOT NULL OR expires_at <= $2)",
            values![by.member().0, writing.now.0],
        )
        .await?;
        writing.commit_quietly().await
    }

    async fn asked(&self, by: Granted<RunQueue>, draft: DraftId) -> Result<AskedPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let asked = asked(&on, draft, &times).await?;
        // Like the queue, this shows names to who sees all of it.
        let (counts, leads) = match asked.answer {
            Answer::Waiting => (
                draft::counts(&on, draft).await?.0,
                leads(&on, by.actor(), draft, LeadId(0)).await?,
            ),
            _ => (DraftCounts::default(), AskedLeads::default()),
        };
        on.commit().await.map_err(internal)?;
        let has_words = asked.words.is_some()
            || matches!(&asked.answer, Answer::Dismissed { words: Some(_), .. });
        Ok(AskedPage {
            may_redact: has_words
                && without_order(&asked.answer)
                && by.actor().may(Permission::RedactDetails),
            asked,
            counts,
            leads,
        })
    }

    async fn asked_leads(
        &self,
        by: Granted<RunQueue>,
        draft: DraftId,
        after: LeadId,
    ) -> Result<AskedLeads> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let page = match asked(&on, draft, &times).await?.answer {
            Answer::Waiting => leads(&on, by.actor(), draft, after).await?,
            _ => AskedLeads::default(),
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn open_asked(&self, by: Granted<RunQueue>, draft: DraftId) -> Result<Draft> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RunQueue).await?;
        rights::check(writing.tx(), by.member(), Permission::DeleteLeads).await?;
        let times = self.times(writing.tx()).await?;
        let asked = asked(writing.tx(), draft, &times).await?;
        if asked.answer != Answer::Waiting {
            return Err(asked.answer.too_late());
        }
        let filled = draft::read(&writing, draft, None, &times).await?;
        writing.commit_quietly().await?;
        Ok(Draft {
            asked_by: Some(asked.by),
            asked_reason: asked.reason,
            ..filled
        })
    }

    async fn confirm_asked(
        &self,
        by: Granted<RunQueue>,
        confirmation: Confirmation,
    ) -> Result<Confirmed> {
        let deletes = by.actor().granted::<DeleteLeads>()?;
        self.confirm_draft(deletes, confirmation, Whose::Asked)
            .await
    }

    async fn dismiss(&self, by: Granted<RunQueue>, dismissal: Dismissal) -> Result<()> {
        let words = dismissal.check()?;
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RunQueue).await?;
        lock(&writing, dismissal.draft).await?;
        let times = self.times(writing.tx()).await?;
        let asked = asked(writing.tx(), dismissal.draft, &times).await?;
        let key = dismissal.draft.0.as_bytes().to_vec();
        if asked.answer != Answer::Waiting {
            // The same person's second press is the same answer.
            let own: Option<i64> = sql::value(
                writing.tx(),
                "SELECT COUNT(*) FROM draft WHERE id = $1 AND dismissed_by = $2",
                values![key, by.member().0],
            )
            .await?;
            return if own == Some(1) {
                Ok(())
            } else {
                Err(asked.answer.too_late())
            };
        }
        sql::execute(
            writing.tx(),
            "DELETE FROM draft_lead WHERE draft = $1",
            values![key.clone()],
        )
        .await?;
        sql::execute(
            writing.tx(),
            "UPDATE draft SET dismissed_at = $2, dismissed_by = $3, dismissed_act = $4 WHERE id = $1",
            values![
                key,
                writing.now.0,
                by.member().0,
                writing.act.as_bytes().to_vec()
            ],
        )
        .await?;
        let mut facts = vec![
            fact("draft", Fact::Id(dismissal.draft.0)),
            number("leads", asked.leads),
        ];
        if let Some(words) = words {
            facts.push(audit::keep_text(writing.tx(), writing.act, ANSWER, &words).await?);
        }
        writing
            .commit(ActorRef::Member(by.member()), Act::DraftDismissed, facts)
            .await?;
        Ok(())
    }

    async fn redact_asked(&self, by: Granted<RedactDetails>, draft: DraftId) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RedactDetails).await?;
        lock(&writing, draft).await?;
        let times = self.times(writing.tx()).await?;
        if !without_order(&asked(writing.tx(), draft, &times).await?.answer) {
            return Err(Error::Conflict(
                "Only what was dismissed or ran out is redacted here. Where leads were deleted, redact it on the order's page.".into(),
            ));
        }
        let dismissal: Option<Option<Vec<u8>>> = sql::value(
            writing.tx(),
            "SELECT dismissed_act FROM draft WHERE id = $1",
            values![draft.0.as_bytes().to_vec()],
        )
        .await?;
        let dismissal = dismissal.flatten();
        let mut texts = vec![(draft.0.as_bytes().as_slice(), WORDS)];
        texts.extend(dismissal.as_deref().map(|act| (act, "answer")));
        let of = fact("draft", Fact::Id(draft.0));
        audit::redact(self, writing, by.member(), of, &texts).await?;
        Ok(())
    }
}

/// Whether it is over, and no order has its words.
fn without_order(answer: &Answer) -> bool {
    matches!(answer, Answer::Dismissed { .. } | Answer::RanOut { .. })
}

/// The reason that the asker had chosen; `None` where none was yet.
async fn chosen<C: ConnectionTrait>(on: &C, code: &str) -> Result<Option<String>> {
    if code.is_empty() {
        return Ok(None);
    }
    let offered = reason::offered_reasons(on).await?;
    if offered.iter().all(|reason| reason.code != code) {
        return Err(Error::field("Reason", UNKNOWN_REASON));
    }
    Ok(Some(code.to_owned()))
}

/// Two answers at once come one after the other.
async fn lock(writing: &Writing<'_>, draft: DraftId) -> Result<()> {
    let lock = dialect::for_update(writing.tx().get_database_backend());
    sql::row(
        writing.tx(),
        &format!("SELECT id FROM draft WHERE id = $1{lock}"),
        values![draft.0.as_bytes().to_vec()],
    )
    .await?;
    Ok(())
}

/// An asked draft as it stands; 404 for a draft that nobody asked about.
pub async fn asked<C: ConnectionTrait>(
    on: &C,
    draft: DraftId,
    times: &Times,
) -> Result<AskedDraft> {
    let row = sql::row(
        on,
        &format!("SELECT {COLUMNS} WHERE f.id = $1 AND f.asked_at IS NOT NULL"),
        values![draft.0.as_bytes().to_vec()],
    )
    .await?
    .ok_or_else(|| Error::not_found("asked draft"))?;
    asked_of_row(&row, times)
}

/// What this person asked about, newest first.
pub async fn of_member<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
) -> Result<Vec<AskedDraft>> {
    let rows = sql::rows(
        on,
        &format!(
            "SELECT {COLUMNS} WHERE f.member = $1 AND f.asked_at IS NOT NULL ORDER BY f.asked_at DESC, f.id DESC LIMIT 100"
        ),
        values![actor.member.0],
    )
    .await?;
    rows.iter().map(|row| asked_of_row(row, times)).collect()
}

/// What waits for an answer, the oldest first.
pub async fn waiting<C: ConnectionTrait>(
    on: &C,
    times: &Times,
    most: u32,
) -> Result<Vec<AskedDraft>> {
    let rows = sql::rows(
        on,
        &format!("SELECT {COLUMNS} WHERE {WAITS} $1 ORDER BY f.asked_at, f.id LIMIT $2"),
        values![times.now.0, i64::from(most)],
    )
    .await?;
    rows.iter().map(|row| asked_of_row(row, times)).collect()
}

/// How many asked drafts wait.
pub async fn count_waiting<C: ConnectionTrait>(on: &C, now: Millis) -> Result<u64> {
    let count: Option<i64> = sql::value(
        on,
        &format!("SELECT COUNT(*) FROM draft f WHERE {WAITS} $1"),
        values![now.0],
    )
    .await?;
    Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// How many answers this person hasn't looked at; one that ran out is an answer too.
pub async fn new_answers<C: ConnectionTrait>(on: &C, actor: &Actor, now: Millis) -> Result<u64> {
    let count: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM draft WHERE member = $1 AND asked_at IS NOT NULL AND answer_seen_at IS NULL \
         AND (body_digest IS NOT NULL OR dismissed_at IS NOT NULL OR expires_at <= $2)",
        values![actor.member.0, now.0],
    )
    .await?;
    Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// What the clock does to asked drafts: one that ran out lets its frozen leads go, and long after it is forgotten.
pub async fn purge(writing: &Writing<'_>) -> Result<()> {
    sql::execute(
        writing.tx(),
        "DELETE FROM draft_lead WHERE draft IN (SELECT id FROM draft WHERE asked_at IS NOT NULL AND expires_at <= $1)",
        values![writing.now.0],
    )
    .await?;
    sql::execute(
        writing.tx(),
        "DELETE FROM draft WHERE asked_at IS NOT NULL AND expires_at <= $1",
        values![writing.now.plus(-ANSWER_STAYS).0],
    )
    .await?;
    Ok(())
}

/// Whether [`purge`] has something to do.
pub async fn is_stale<C: ConnectionTrait>(on: &C, now: Millis) -> Result<bool> {
    let stale: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM draft f WHERE f.asked_at IS NOT NULL AND (f.expires_at <= $2 \
         OR f.expires_at <= $1 AND EXISTS (SELECT 1 FROM draft_lead d WHERE d.draft = f.id))",
        values![now.0, now.plus(-ANSWER_STAYS).0],
    )
    .await?;
    Ok(stale.unwrap_or(0) > 0)
}

fn asked_of_row(row: &QueryResult, times: &Times) -> Result<AskedDraft> {
    let moment = |at: Option<i64>| at.map(|at| times.moment(at)).unwrap_or_default();
    let expires: i64 = sql::get(row, "expires_at")?;
    let ordered: Option<Vec<u8>> = sql::get(row, "ordered_as")?;
    let dismissed: Option<i64> = sql::get(row, "dismissed_at")?;
    let answer = if let Some(order) = ordered {
        Answer::Deleted {
            by: sql::get::<Option<String>>(row, "ordered_name")?.unwrap_or_default(),
            at: moment(sql::get(row, "ordered_at")?),
            order: OrderId(sql::uuid(order)?),
            leaves: match (sql::get(row, "waiting")?, sql::get(row, "undo_until")?) {
                (Some(1_i64..), Some(due)) => Some(times.leaves(Millis(due)).words()),
                _ => None,
            },
            left: sql::get::<Option<i64>>(row, "erased")?
                .and_then(|left| u64::try_from(left).ok())
                .unwrap_or(0),
        }
    } else if dismissed.is_some() {
        Answer::Dismissed {
            by: sql::get::<Option<String>>(row, "dismissed_name")?
                .unwrap_or_else(|| "a Layer Admin".into()),
            at: moment(dismissed),
            words: sql::get(row, "answer_words")?,
        }
    } else if expires <= times.now.0 {
        Answer::RanOut {
            at: times.moment(expires),
        }
    } else {
        Answer::Waiting
    };
    Ok(AskedDraft {
        draft: DraftId(sql::uuid(sql::get(row, "id")?)?),
        by: sql::get(row, "by_name")?,
        at: moment(sql::get(row, "asked_at")?),
        words: sql::get(row, "words")?,
        reason: sql::get(row, "asked_reason")?,
        leads: u64::try_from(sql::get::<i64>(row, "leads")?).unwrap_or(0),
        work_stack: sql::get(row, "work_stack")?,
        until: times.moment(expires),
        answer,
    })
}

/// A page of the frozen leads, each with why it would stay.
async fn leads<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    draft: DraftId,
    after: LeadId,
) -> Result<AskedLeads> {
    let rows: Vec<(i64, String, String, String)> = sql::tuples(
        on,
        &format!(
            "SELECT l.id, l.name, l.source, {} AS stays FROM {} WHERE w.id = $1 AND d.lead > $2 ORDER BY d.lead LIMIT $3",
            draft::MAY_STAY,
            draft::FROZEN
        ),
        values![
            draft.0.as_bytes().to_vec(),
            after.0,
            i64::from(ASKED_ROWS) + 1
        ],
    )
    .await?;
    let more = rows.len() > ASKED_ROWS as usize;
    let names = actor.queue_scope() == Some(QueueScope::Everything);
    let rows: Vec<AskedLead> = rows
        .into_iter()
        .take(ASKED_ROWS as usize)
        .map(|(lead, name, source, stays)| AskedLead {
            lead: LeadId(lead),
            name: names.then_some(name),
            source,
            stays: draft::cause_of(&stays),
        })
        .collect();
    Ok(AskedLeads {
        next: rows.last().filter(|_| more).map(|row| row.lead),
        rows,
    })
}
