//! What must hold at every moment, whatever was done to the database: one oracle for every promise.

use anyhow::Result;
use server::store::audit_verify::Verified;
use server::store::lead_stats::{lead_stats, recount};
use server::store::sql;

use crate::frame::Report;
use crate::ground::{Ground, Open};

/// A number that must be 0, and what it says where it isn't.
const NOTHING_HALF_DONE: [(&str, &str); 6] = [
    (
        "SELECT COUNT(*) FROM deletion d JOIN lead l ON l.id = d.lead WHERE d.state = 'erased'",
        "leads are there and erased",
    ),
    (
        "SELECT COUNT(*) FROM open_deletion o WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = o.lead)",
        "open deletions have no lead",
    ),
    (
        // Not `NOT IN`: PostgreSQL would look through all leads for each row, once they are too many to hold.
        "SELECT (SELECT COUNT(*) FROM contact_record r WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = r.lead)) \
         + (SELECT COUNT(*) FROM activity r WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = r.lead)) \
         + (SELECT COUNT(*) FROM lead_key r WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = r.lead)) \
         + (SELECT COUNT(*) FROM draft_lead r WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = r.lead))",
        "rows belong to a lead that isn't there",
    ),
    (
        "SELECT COUNT(*) FROM lead l WHERE l.contact_count <> (SELECT COUNT(*) FROM contact_record c WHERE c.lead = l.id) \
         OR l.activity_count <> (SELECT COUNT(*) FROM activity a WHERE a.lead = l.id)",
        "leads lack some of their contact records or activities",
    ),
    (
        // Each lead of a ground has four, and nothing that the suite does takes one away: two sums see that for any number of
        // leads.
        "SELECT 4 * (SELECT COUNT(*) FROM lead) - (SELECT COUNT(*) FROM lead_key)",
        "names, telephone numbers and e-mails don't find their lead",
    ),
    (
        "SELECT COUNT(*) FROM deletion_order r WHERE r.confirmed <> \
           r.waiting + r.held + r.failed + r.erased + r.skipped + r.removed \
         OR r.waiting + r.held + r.failed <> (SELECT COUNT(*) FROM open_deletion o WHERE o.deletion_order = r.id) \
         OR r.erased + r.skipped + r.removed <> (SELECT COUNT(*) FROM deletion d WHERE d.deletion_order = r.id)",
        "orders don't add up to their rows",
    ),
];

/// Looks at everything that must hold, on a ground where `added` leads were ever added, and reports what doesn't.
pub async fn check(open: &Open, added: u64, report: &mut Report) -> Result<()> {
    for (statement, words) in NOTHING_HALF_DONE {
        let broken = open.number(statement).await?;
        if broken != 0 {
            report.half_done += broken.unsigned_abs();
            report.broke(format!("{broken} {words}"));
        }
    }
    let twice = "SELECT COUNT(*) FROM (SELECT lead FROM deletion WHERE state = 'erased' GROUP BY lead HAVING COUNT(*) > 1) d";
    report.doubled += open.number(twice).await?.unsigned_abs();
    let erased = open
        .number("SELECT COUNT(*) FROM deletion WHERE state = 'erased'")
        .await?;
    let there = open.number("SELECT COUNT(*) FROM lead").await?;
    let known = (erased + there).unsigned_abs();
    if known != added {
        report.lost += known.abs_diff(added);
        report.broke(format!(
            "of {added} leads {there} are there and {erased} erased"
        ));
    }
    match open.verify_audit().await? {
        Verified::Whole { .. } => {}
        Verified::Broken { entry, why } => {
            report.broke(format!("the chain is broken at {entry:?}: {why}"));
        }
    }
    let back = "SELECT COUNT(*) FROM audit_entry a JOIN audit_entry b ON b.sequence = a.sequence + 1 WHERE b.at < a.at";
    let back = open.number(back).await?;
    report.holds(back == 0, || {
        format!("the audit log's time falls {back} times")
    });
    let now = open.now();
    let (kept, counted) = (
        lead_stats(open.reader(), now).await?,
        recount(open.reader(), now).await?,
    );
    report.holds(kept == counted, || {
        format!("Lead stats say {kept:?} and are {counted:?}")
    });
    if open.database().file().is_some() {
        let sound: Option<String> = sql::value(open.reader(), "PRAGMA integrity_check", []).await?;
        report.holds(sound.as_deref() == Some("ok"), || {
            format!("the file is damaged: {sound:?}")
        });
        let astray: Option<i64> = sql::value(
            open.reader(),
            "SELECT COUNT(*) FROM pragma_foreign_key_check",
            [],
        )
        .await?;
        report.holds(astray == Some(0), || {
            format!("{astray:?} rows refer to nothing")
        });
    }
    Ok(())
}

/// The same, through connections of its own.
pub async fn check_ground(ground: &Ground, added: u64, report: &mut Report) -> Result<()> {
    let open = ground.open().await?;
    let checked = check(&open, added, report).await;
    open.close().await;
    checked
}
