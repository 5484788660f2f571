//! The demo: made-up leads with the mess of real ones, the same for the same seed.
//!
//! Of all leads 12 % have no contact record, 10 % a number that is none, 8 % are copies of another, 30 % are older than
//! a year; they come from six countries. Nothing of it is somebody's: numbers end in digits drawn, addresses in
//! `.example`.

mod made_up;

use domain::audit::{Act, ActorRef};
use domain::lead::LeadStatus;
use domain::work_stack::Filter;
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use crate::database::Priority;
use crate::store::lead_write::{self, NewLead};
use crate::store::sql::{self, internal, values};
use crate::store::{Store, Writing, member, number};
use made_up::{Maker, PORTALS};

/// Leads written at a time.
const CHUNK: usize = 2_000;

/// Fills an empty database with so many leads, the demo's stacks and people. Refuses one that has leads.
pub async fn fill(store: &Store, leads: usize, seed: u64) -> Result<()> {
    store.found().await?;
    let writing = store.begin(Priority::Person).await?;
    let anybody: Option<i64> = sql::value(
        writing.tx(),
        "SELECT CAST(1 AS BIGINT) WHERE EXISTS (SELECT 1 FROM lead) OR EXISTS (SELECT 1 FROM member WHERE demo = 0)",
        [],
    )
    .await?;
    if anybody.is_some() {
        return Err(Error::Conflict(
            "This database has leads or people of its own. The demo fills only an empty one: name another file with \
             --database."
                .into(),
        ));
    }
    member::add_demo_people(writing.tx(), writing.now).await?;
    add_stacks(writing.tx()).await?;
    add_leads(&writing, leads, seed).await?;
    let facts = vec![number("leads", leads), number("seed", seed)];
    writing
        .commit(ActorRef::CommandLine, Act::DemoFilled, facts)
        .await?;
    Ok(())
}

async fn add_leads(writing: &Writing<'_>, leads: usize, seed: u64) -> Result<()> {
    let mut maker = Maker::new(writing.now, seed);
    let mut left = leads;
    while left > 0 {
        let chunk: Vec<NewLead> = (0..left.min(CHUNK)).map(|_| maker.lead()).collect();
        lead_write::insert(writing, &chunk).await?;
        left -= chunk.len();
    }
    Ok(())
}

/// The demo's stacks beside `All leads`, seen by every role that sees that.
async fn add_stacks<C: ConnectionTrait>(on: &C) -> Result<()> {
    let stacks = [
        (
            "Portal, unworked",
            Filter {
                sources: PORTALS.map(str::to_owned).to_vec(),
                statuses: vec![LeadStatus::New],
                idle_days: Some(90),
                ..Filter::default()
            },
        ),
        (
            "New today",
            Filter {
                added_within_days: Some(1),
                ..Filter::default()
            },
        ),
        (
            "Possible duplicates",
            Filter {
                possible_duplicate: true,
                ..Filter::default()
            },
        ),
        (
            "No contact record",
            Filter {
                no_contact_record: true,
                ..Filter::default()
            },
        ),
        (
            "No valid telephone",
            Filter {
                no_valid_telephone: true,
                ..Filter::default()
            },
        ),
    ];
    for (position, (name, filter)) in (2_i64..).zip(stacks) {
        let filter = serde_json::to_string(&filter)
            .map_err(|error| internal(sea_orm::DbErr::Json(error.to_string())))?;
        sql::execute(
            on,
            "INSERT INTO work_stack (name, position, filter) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            values![name, position, filter],
        )
        .await?;
        sql::execute(
            on,
            "INSERT INTO work_stack_role (work_stack, role) \
             SELECT s.id, r.role FROM work_stack s, work_stack a JOIN work_stack_role r ON r.work_stack = a.id \
             WHERE s.name = $1 AND a.is_all = 1 ON CONFLICT DO NOTHING",
            values![name],
        )
        .await?;
    }
    Ok(())
}
