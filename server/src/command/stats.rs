//! `layer stats`

use domain::text::number;
use serde_json::json;

use crate::store::Store;
use crate::store::lead_stats::lead_stats;

/// Prints Lead stats.
pub async fn run(store: &Store, as_json: bool) -> anyhow::Result<()> {
    let stats = lead_stats(store.reader(), store.now()).await?;
    if as_json {
        println!("{}", json!(stats));
        return Ok(());
    }
    let rows = [
        ("Leads", stats.leads),
        ("Deletions waiting", stats.deletions_waiting),
        ("Held", stats.held),
        ("Failed", stats.failed),
        ("Overdue", stats.overdue),
        ("Deleted", stats.deleted),
        (
            "Leads without contact records",
            stats.without_contact_records,
        ),
        (
            "Leads without a contact with a valid telephone number",
            stats.without_valid_telephone,
        ),
    ];
    for (name, value) in rows {
        println!("{:>12}  {name}", number(value));
    }
    Ok(())
}
