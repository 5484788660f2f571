//! Drafts: the leads of a deletion, frozen in one statement when the dialog opens.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::draft::{
    Confirmation, Confirmed, DRAFT_LIFE, Draft, DraftCounts, DraftId, LeftOut, LeftOutCause,
    MOST_DRAFTS,
};
use domain::error::{Error, Result};
use domain::lead::LeadId;
use domain::member::MemberId;
use domain::permission::{DeleteAll, DeleteLeads, Granted, Permission};
use domain::ports::Drafts;
use domain::selection::Selection;
use domain::work_stack::WorkStackId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::confirmation::Whose;
use super::duplicate::kept_lead_lost;
use super::query::Query;
use super::reason::offered_reasons;
use super::scope::Stack;
use super::sql::{self, values};
use super::times::Times;
use super::view::View;
use super::{Store, Writing, dialect, scope, who_may};
use crate::database::Priority;

/// A kept lead that is none: a lead drafted as a copy that isn't one any more. It is left out like a copy whose kept
/// lead is gone, now and when the draft is confirmed.
const NO_KEPT_LEAD: &str = "0";

#[async_trait]
impl Drafts for Store {
    async fn draft_leads(
        &self,
        by: Granted<DeleteLeads>,
        stack: WorkStackId,
        selection: Selection,
    ) -> Result<Draft> {
        selection.check()?;
        let Selection::Leads(leads) = selection else {
            return Err(Error::Forbidden(Permission::DeleteAll));
        };
        let writing = self.begin(Priority::Person).await?;
        let stacks = scope::stacks(writing.tx(), by.member()).await?;
        let stack = stacks
            .iter()
            .find(|s| s.id == stack)
            .ok_or_else(|| Error::not_found("work stack"))?;
        let draft = open(&writing, by.member(), stack, false).await?;

        let mut query = freeze(&draft, stack);
        query.add("l.id IN ");
        ids(&mut query, &writing, &leads);
        scope::seen(&mut query, &stacks, writing.now);
        query.add(dialect::kept_from_erasing(self.database().backend()));
        if query.execute(writing.tx()).await? == 0 {
            return Err(Error::not_found("lead"));
        }
        // Ticked leads that are gone stay in the draft's number, so that it can say so.
        fill(&writing, &draft, leads.len() as i64).await?;
        self.finish(writing, draft, by.member(), stack, false).await
    }

    async fn draft_matching(&self, by: Granted<DeleteAll>, selection: Selection) -> Result<Draft> {
        selection.check()?;
        let Selection::Matching {
            view,
            as_of,
            except,
        } = selection
        else {
            return Err(Error::field(
                "Selection",
                "Select the whole work stack first.",
            ));
        };
        let writing = self.begin(Priority::Person).await?;
        let stack = scope::stack(writing.tx(), by.member(), view.work_stack).await?;
        if changed_since(writing.tx(), &stack, as_of.sequence).await? {
            return Err(Error::Conflict(
                "This work stack was changed since you looked. Refresh it and select again: nothing was deleted.".into(),
            ));
        }
        let view = View::new(writing.tx(), stack, view, Some(as_of), writing.now).await?;
        let draft = open(&writing, by.member(), &view.stack, true).await?;

        let mut query = freeze(&draft, &view.stack);
        view.takes(&mut query);
        view.shows(&mut query);
        if !except.is_empty() {
            query.add(" AND l.id NOT IN ");
            ids(&mut query, &writing, &except);
        }
        query.add(dialect::kept_from_erasing(self.database().backend()));
        let leads = query.execute(writing.tx()).await?;
        if leads == 0 {
            return Err(Error::Conflict(
                "Nothing is left of what you selected. Refresh the work stack.".into(),
            ));
        }
        fill(&writing, &draft, i64::try_from(leads).unwrap_or(i64::MAX)).await?;
        self.finish(writing, draft, by.member(), &view.stack, true)
            .await
    }

    async fn confirm(
        &self,
        by: Granted<DeleteLeads>,
        confirmation: Confirmation,
    ) -> Result<Confirmed> {
        self.confirm_draft(by, confirmation, Whose::Own).await
    }
}

impl Store {
    /// Reads what the dialog shows, in the draft's own transaction, and keeps the draft.
    async fn finish(
        &self,
        writing: Writing<'_>,
        draft: DraftId,
        by: MemberId,
        stack: &Stack,
        whole: bool,
    ) -> Result<Draft> {
        let times = self.times(writing.tx()).await?;
        let whole = whole.then(|| stack.name.clone());
        let filled = read(&writing, draft, whole, &times).await?;
        let on = writing.tx();
        let filled = Draft {
            layer_admins: who_may::other_layer_admins(on, by).await?,
            colleagues: who_may::colleagues(on, by, stack).await?,
            ..filled
        };
        writing.commit_quietly().await?;
        Ok(filled)
    }
}

/// What the dialog shows of a draft, whoever opens it; keeps the numbers that it shows.
pub async fn read(
    writing: &Writing<'_>,
    draft: DraftId,
    whole: Option<String>,
    times: &Times,
) -> Result<Draft> {
    let (counts, counts_if_must) = counts(writing.tx(), draft).await?;
    keep_shown(writing, draft, [counts.leads, counts_if_must.leads]).await?;
    Ok(Draft {
        id: draft,
        whole,
        counts,
        counts_if_must,
        reasons: offered_reasons(writing.tx()).await?,
        leaves: times.leaves_if_ordered_now().words(),
        layer_admins: Vec::new(),
        colleagues: Vec::new(),
        asked_by: None,
        asked_reason: None,
    })
}

/// Whether somebody changed the stack after this act: a whole view of it takes other leads now than the person saw.
async fn changed_since<C: ConnectionTrait>(on: &C, stack: &Stack, sequence: i64) -> Result<bool> {
    let Some(act) = stack.changed_act.clone() else {
        return Ok(false);
    };
    let changed: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM audit_entry WHERE act = $1 AND sequence > $2",
        values![act, sequence],
    )
    .await?;
    Ok(changed.unwrap_or(0) > 0)
}

/// Makes an empty draft; the person's oldest ones go. Used ones stay until they expire: they answer a repeat.
async fn open(
    writing: &Writing<'_>,
    member: MemberId,
    stack: &Stack,
    whole: bool,
) -> Result<DraftId> {
    sql::execute(
        writing.tx(),
        "DELETE FROM draft WHERE member = $1 AND body_digest IS NULL AND asked_at IS NULL AND id NOT IN \
         (SELECT id FROM draft WHERE member = $1 AND body_digest IS NULL AND asked_at IS NULL \
          ORDER BY created_at DESC, id DESC LIMIT $2)",
        values![member.0, MOST_DRAFTS as i64 - 1],
    )
    .await?;
    let id = Uuid::now_v7();
    sql::execute(
        writing.tx(),
        "INSERT INTO draft (id, member, work_stack, whole, leads, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, 0, $5, $6)",
        values![
            id.as_bytes().to_vec(),
            member.0,
            stack.id.0,
            i64::from(whole),
            writing.now.0,
            writing.now.plus(DRAFT_LIFE).0
        ],
    )
    .await?;
    Ok(DraftId(id))
}

/// The one statement that freezes leads with their revisions, up to its conditions.
fn freeze(draft: &DraftId, stack: &Stack) -> Query {
    let mut query = Query::new("INSERT INTO draft_lead (draft, lead, revision, kept_lead) SELECT ");
    query
        .bind(draft.0.as_bytes().to_vec())
        .add(", l.id, l.revision, ");
    if stack.filter.possible_duplicate {
        query
            .with_copies()
            .add("COALESCE((SELECT kept FROM copy WHERE copy.lead = l.id), ")
            .add(NO_KEPT_LEAD)
            .add(")");
    } else {
        query.add("CAST(NULL AS BIGINT)");
    }
    query.add(" FROM lead l WHERE ");
    query
}

async fn fill(writing: &Writing<'_>, draft: &DraftId, leads: i64) -> Result<()> {
    sql::execute(
        writing.tx(),
        "UPDATE draft SET leads = $2 WHERE id = $1",
        values![draft.0.as_bytes().to_vec(), leads],
    )
    .await?;
    Ok(())
}

/// Keeps the numbers that the dialog shows: the one typed to confirm is compared with them.
async fn keep_shown(writing: &Writing<'_>, draft: DraftId, shown: [u64; 2]) -> Result<()> {
    let [may, must] = shown.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    sql::execute(
        writing.tx(),
        "UPDATE draft SET shown = $2, shown_if_must = $3 WHERE id = $1",
        values![draft.0.as_bytes().to_vec(), may, must],
    )
    .await?;
    Ok(())
}

fn ids(query: &mut Query, writing: &Writing<'_>, leads: &BTreeSet<LeadId>) {
    let numbers: Vec<String> = leads.iter().map(|lead| lead.0.to_string()).collect();
    let (before, after) = dialect::numbers_of_json(writing.tx().get_database_backend());
    query
        .add(before)
        .bind(format!("[{}]", numbers.join(",")))
        .add(after);
}

/// The frozen leads that are there: the draft is `w`, its lead `d`, with the lead itself, its open deletion and order.
pub const FROZEN: &str = "draft w JOIN draft_lead d ON d.draft = w.id JOIN lead l ON l.id = d.lead \
     LEFT JOIN open_deletion o ON o.lead = l.id LEFT JOIN deletion_order r ON r.id = o.deletion_order";

/// Why a lead of [`FROZEN`] stays with a reason that may be skipped, in the words of [`cause_of`]; empty: it goes.
pub const MAY_STAY: &str = concat!(
    "CASE WHEN o.state = 'held' AND o.cause = 'legal-hold' THEN 'on-hold' \
      WHEN o.lead IS NOT NULL THEN 'already-deleted' \
      WHEN l.revision <> d.revision THEN 'changed' \
      WHEN EXISTS (SELECT 1 FROM deletion c WHERE c.lead = l.id AND c.at > w.created_at) THEN 'changed' \
      WHEN ",
    kept_lead_lost!("d"),
    " THEN 'kept-lead-gone' ELSE '' END"
);

/// The same with a reason that must be carried out: it takes over weaker open deletions.
const MUST_STAY: &str = "CASE WHEN o.state = 'held' AND o.cause = 'legal-hold' THEN 'on-hold' \
      WHEN r.must_be_carried_out = 1 THEN 'already-deleted' ELSE '' END";

/// What goes and what stays of a draft, as things stand: with a reason that may be skipped, and with one that must be
/// carried out, which takes over weaker open deletions and asks no *changed since*.
pub async fn counts<C: ConnectionTrait>(
    on: &C,
    draft: DraftId,
) -> Result<(DraftCounts, DraftCounts)> {
    let key = draft.0.as_bytes().to_vec();
    let groups: Vec<(String, String, i64, i64, i64)> = sql::tuples(
        on,
        &format!(
            "SELECT may, must, COUNT(*), CAST(SUM(contact_count) AS BIGINT), CAST(SUM(activity_count) AS BIGINT) FROM ( \
               SELECT l.contact_count, l.activity_count, {MAY_STAY} AS may, {MUST_STAY} AS must \
               FROM {FROZEN} WHERE w.id = $1) f \
             GROUP BY may, must"
        ),
        values![key.clone()],
    )
    .await?;
    let drafted: i64 = sql::value(on, "SELECT leads FROM draft WHERE id = $1", values![key])
        .await?
        .unwrap_or(0);
    let mut both = (DraftCounts::default(), DraftCounts::default());
    let mut found = 0;
    for (may, must, leads, contact_records, activities) in groups {
        found += leads;
        for (counts, cause) in [(&mut both.0, may), (&mut both.1, must)] {
            let number = |n: i64| u64::try_from(n).unwrap_or(0);
            match cause_of(&cause) {
                Some(cause) => leave_out(counts, cause, number(leads)),
                None => {
                    counts.leads += number(leads);
                    counts.contact_records += number(contact_records);
                    counts.activities += number(activities);
                }
            }
        }
    }
    if let Ok(gone @ 1..) = u64::try_from(drafted - found) {
        leave_out(&mut both.0, LeftOutCause::Gone, gone);
        leave_out(&mut both.1, LeftOutCause::Gone, gone);
    }
    Ok(both)
}

fn leave_out(counts: &mut DraftCounts, cause: LeftOutCause, count: u64) {
    match counts.left_out.iter_mut().find(|l| l.cause == cause) {
        Some(left_out) => left_out.count += count,
        None => counts.left_out.push(LeftOut { cause, count }),
    }
    counts.left_out.sort_by_key(|l| l.cause);
}

/// The cause of that word; `None`: it goes.
pub fn cause_of(code: &str) -> Option<LeftOutCause> {
    match code {
        "already-deleted" => Some(LeftOutCause::AlreadyDeleted),
        "changed" => Some(LeftOutCause::Changed),
        "kept-lead-gone" => Some(LeftOutCause::KeptLeadGone),
        "on-hold" => Some(LeftOutCause::OnHold),
        _ => None,
    }
}
