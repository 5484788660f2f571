//! The erasure map holds: every column of the live schema is in it, and of an erased lead nothing is left but what it
//! allows.

use std::collections::BTreeMap;

use crate::desk::Desk;
use crate::test_database::{is_postgres, numbers_go_on_after, schema, skips_on_postgres, values};
use domain::ask_first::Asking;
use domain::deletion_order::OrderId;
use domain::draft::{Confirmation, DraftId, LeftOutCause};
use domain::lead::LeadId;
use domain::ports::{AskFirst, DeletionOrders, Drafts, Imports, UrgentDeletions};
use domain::selection::Selection;
use domain::urgent_deletion::UrgentDeletion;
use domain::work_stack::WorkStackId;
use server::import::readable;

const MAP: &str = include_str!("../../erasure_map.toml");

/// What the map says, by table and column.
fn map() -> BTreeMap<(String, String), String> {
    let (mut table, mut map) = (String::new(), BTreeMap::new());
    for line in MAP.lines() {
        let line = line.split('#').next().unwrap().trim();
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').to_owned();
        } else if let Some((column, fate)) = line.split_once('=') {
            let fate = fate.trim().trim_matches('"').to_owned();
            assert!(
                ["erased", "number", "typed", "passing", "nothing"].contains(&fate.as_str()),
                "{line}"
            );
            map.insert((table.clone(), column.trim().to_owned()), fate);
        }
    }
    map
}

#[tokio::test]
async fn the_map_has_every_column_of_the_schema_and_no_other() {
    let desk = Desk::new().await;
    let mapped: Vec<(String, String)> = map().into_keys().collect();
    let mut live = schema(desk.store.reader()).await;
    live.sort();
    assert_eq!(
        live, mapped,
        "server/erasure_map.toml and the schema differ"
    );
    // Nothing copies values elsewhere: the triggers that there are refuse.
    let copies = if is_postgres() {
        "SELECT (SELECT COUNT(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid \
          WHERE NOT t.tgisinternal AND p.prosrc NOT LIKE '%RAISE EXCEPTION%is append-only%') \
          + (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = 'public')"
    } else {
        "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'view' OR name = 'sqlite_stat4' \
          OR type = 'trigger' AND sql NOT LIKE '% BEGIN SELECT RAISE(ABORT, ''% is append-only''); END'"
    };
    assert_eq!(desk.number(copies, []).await, 0);
}

/// A value wherever it is: a number, a text or bytes.
fn shows(bytes: &[u8], number: i64, words: &[&str]) -> bool {
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    has(bytes, &number.to_be_bytes())
        || has(bytes, number.to_string().as_bytes())
        || words
            .iter()
            .any(|word| has(&bytes.to_ascii_lowercase(), word.as_bytes()))
}

#[tokio::test]
async fn of_an_erased_lead_nothing_is_left_but_what_the_map_allows() {
    let desk = Desk::new().await;
    // A number that is nothing else's.
    desk.write(&numbers_go_on_after("lead", 771_234_567), [])
        .await;
    let lead = LeadId(771_234_568);
    let manager = "Manager";

    // It comes in by a file, with a row beside that is refused.
    let file = "Id,Name,Phone,Email,Source,Owner,Country,Note\n\
                xqid77,Xqname Xqsecond,07911 771771,xqmail@mail.example,Xqsource,Xqowner,Xqcountry,Xqnote\n\
                xqid78,Xqname\n";
    let file = readable(file.into()).unwrap();
    let mapping = domain::import::Mapping::of_headers(&file.headers);
    let import = desk
        .store
        .keep_upload(desk.actor(manager).granted().unwrap(), "leads.csv", file)
        .await
        .unwrap();
    desk.store
        .import_start(desk.actor(manager).granted().unwrap(), import, mapping, 1)
        .await
        .unwrap();
    assert!(desk.store.run_started_import(false).await.unwrap());
    desk.write(
        "INSERT INTO activity (lead, n, kind, at, text, member) VALUES ($1, 2, 'call', 0, 'Xqcall', 3)",
        [lead.0.into()],
    )
    .await;

    // It is in a draft that nobody confirms and in one that somebody asked about, was deleted and taken back, and waits again.
    draft(&desk, "Team Leader", lead).await;
    let asking = Asking {
        draft: draft(&desk, "Team Leader", lead).await,
        words: "Is this one a double?".into(),
        reason: String::new(),
    };
    let asked = asking.draft;
    desk.store
        .ask_first(desk.actor("Team Leader").granted().unwrap(), asking)
        .await
        .unwrap();
    let first = order(&desk, manager, lead).await;
    desk.store
        .undo(desk.actor(manager).granted().unwrap(), first)
        .await
        .unwrap();
    order(&desk, manager, lead).await;
    let words = [
        "xqid77",
        "xqname",
        "xqsecond",
        "771771",
        "177177",
        "xqmail",
        "xqsource",
        "xqowner",
        "xqcountry",
        "xqnote",
        "xqcall",
    ];
    let map = map();
    let mut filled = Vec::new();
    for (table, column) in schema(desk.store.reader()).await {
        if found(&desk, &table, &column, lead, &words).await && !filled.contains(&table) {
            filled.push(table);
        }
    }
    for table in [
        "lead",
        "contact_record",
        "activity",
        "lead_key",
        "draft_lead",
        "open_deletion",
        "deletion",
    ] {
        assert!(
            filled.iter().any(|name| name == table),
            "{table} holds nothing of the lead: the test is blind"
        );
    }

    let urgent = UrgentDeletion {
        lead,
        because: None,
    };
    let gone = desk
        .store
        .delete_now(desk.actor(manager).granted().unwrap(), urgent)
        .await
        .unwrap();
    assert!(gone.erased, "{}", gone.message);

    for ((table, column), fate) in &map {
        let allowed = fate == "number";
        let words_left = found(&desk, table, column, LeadId(i64::MIN), &words).await;
        assert!(
            !words_left,
            "{table}.{column} still holds values of the lead"
        );
        let number_left = found(&desk, table, column, lead, &[]).await;
        assert!(
            allowed || !number_left,
            "{table}.{column} still holds the lead's number"
        );
    }

    let page = desk
        .store
        .asked(desk.actor("Layer Admin").granted().unwrap(), asked)
        .await
        .unwrap();
    assert_eq!(page.leads.rows, []);
    assert_eq!(page.counts.left_out[0].cause, LeftOutCause::Gone);

    // Nor are its values in the file, on freed pages or in the log.
    if !skips_on_postgres("its files hold old rows until VACUUM; docs/postgresql.md says so") {
        while !desk.store.database().checkpoint().await.unwrap() {}
        let file = desk.store.database().file().unwrap().clone();
        let mut bytes = std::fs::read(&file).unwrap();
        let log = file.with_file_name(format!(
            "{}-wal",
            file.file_name().unwrap().to_string_lossy()
        ));
        bytes.extend(std::fs::read(log).unwrap_or_default());
        bytes.make_ascii_lowercase();
        for word in words {
            let left = bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes());
            assert!(!left, "the file still holds {word}");
        }
    }

    // The next lead's number is new.
    let next = desk.add(&[crate::desk::named("Next")]).await;
    assert_eq!(next, [LeadId(lead.0 + 1)]);
}

async fn found(desk: &Desk, table: &str, column: &str, lead: LeadId, words: &[&str]) -> bool {
    let values = values(desk.store.reader(), table, column).await;
    values.iter().any(|value| shows(value, lead.0, words))
}

async fn draft(desk: &Desk, by: &str, lead: LeadId) -> DraftId {
    let by = desk.actor(by).granted().unwrap();
    let selection = Selection::Leads([lead].into());
    desk.store
        .draft_leads(by, WorkStackId(1), selection)
        .await
        .unwrap()
        .id
}

async fn order(desk: &Desk, by: &str, lead: LeadId) -> OrderId {
    let confirmation = Confirmation {
        draft: draft(desk, by, lead).await,
        reason: "irrelevant".into(),
        details: String::new(),
        typed: String::new(),
        sentence_confirmed: false,
    };
    let by = desk.actor(by).granted().unwrap();
    desk.store.confirm(by, confirmation).await.unwrap().order
}
