//! What a file holds is told before anything of it is imported: rows that can't be, and what is guessed in the others.

use domain::import::{Field, Guess, ImportId, ImportState, Mapping};
use domain::permission::{Granted, ImportLeads};
use domain::ports::Imports;
use server::import::decode::Unreadable;
use server::import::{MOST_BYTES, import_file, readable};

use crate::import::{ADMIN, Desk, MANAGER, person};

fn manager() -> Granted<ImportLeads> {
    person(MANAGER).granted().unwrap()
}

async fn upload(desk: &Desk, text: &str) -> ImportId {
    let file = readable(text.as_bytes().to_vec()).unwrap();
    desk.store
        .keep_upload(manager(), "leads.csv", file)
        .await
        .unwrap()
}

/// The refused rows as they are downloaded.
async fn download(desk: &Desk, import: ImportId) -> String {
    let mut pieces = desk.store.import_refusals(manager(), import).await.unwrap();
    let mut csv = Vec::new();
    while let Some(piece) = pieces.recv().await {
        csv.extend(piece.unwrap().unwrap_or_default());
    }
    String::from_utf8(csv).unwrap()
}

const RAGGED: &str = "Name,Phone,Email\nAnn,07911 123456,\n=1+1,short\nBob,,bob@mail.example\n\"=2,unclosed\nCy,x,y,z\n,,\n";

#[tokio::test]
async fn while_rows_are_refused_nothing_comes_in_unless_the_valid_ones_are_wanted() {
    let desk = Desk::new().await;
    let path = desk.database.folder().join("leads.csv");
    std::fs::write(&path, RAGGED).unwrap();
    let entries = "SELECT COUNT(*) FROM audit_entry";
    let before = desk.number(entries).await;
    let outcome = import_file(&desk.store, &path, false).await.unwrap();
    assert!(outcome.numbers.is_none());
    assert_eq!((outcome.findings.valid, outcome.findings.refused), (2, 4));
    assert_eq!(desk.number("SELECT COUNT(*) FROM lead").await, 0);
    assert_eq!(desk.number(entries).await, before);
    let outcome = import_file(&desk.store, &path, true).await.unwrap();
    assert_eq!(outcome.numbers.unwrap().imported, 2);
    assert_eq!(desk.number("SELECT COUNT(*) FROM lead").await, 2);
    // Where all are valid nothing is to be said first.
    std::fs::write(&path, "Name,Phone\nDi,07911 123458\n").unwrap();
    let outcome = import_file(&desk.store, &path, false).await.unwrap();
    assert_eq!(outcome.numbers.unwrap().imported, 1);
}

#[tokio::test]
async fn an_upload_says_which_rows_are_refused_and_starts_with_as_many_as_it_said() {
    let desk = Desk::new().await;
    let id = upload(&desk, RAGGED).await;
    let page = desk.store.import(manager(), id).await.unwrap();
    let found = page.findings.as_ref().unwrap();
    assert_eq!((found.valid, found.refused), (2, 4));
    let lines: Vec<u64> = found.refusals.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 5, 6, 7]);
    assert!(found.refusals.iter().all(|row| row.cause.ends_with('.')));
    // Shown by a page that is older than the columns that were chosen since.
    let start = |valid| {
        let mapping = page.mapping.clone();
        desk.store.import_start(manager(), id, mapping, valid)
    };
    let late = start(6).await.unwrap_err();
    assert_eq!(late.code(), "too-late");
    let still = desk.store.import(manager(), id).await.unwrap();
    assert_eq!(still.state, ImportState::Preview);
    assert_eq!(start(2).await.unwrap().state, ImportState::Running);
    // Pressed twice.
    let twice = start(2).await.unwrap();
    assert_eq!((twice.state, twice.findings), (ImportState::Running, None));
    assert!(desk.store.run_started_import(false).await.unwrap());
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!((page.numbers.imported, page.numbers.refused), (2, 4));
}

#[tokio::test]
async fn an_import_under_other_columns_than_were_shown_is_refused_and_nothing_comes_in() {
    let desk = Desk::new().await;
    let id = upload(&desk, "Name,Nickname\nAnn,Annie\nBob,Bo\n").await;
    let shown = desk.store.import(manager(), id).await.unwrap().mapping;
    // Chosen on another page. As many rows are valid as before.
    let nicknames = Mapping(vec![None, Some(Field::Name)]);
    let chosen = desk
        .store
        .import_mapping(manager(), id, nicknames.clone())
        .await
        .unwrap();
    assert_eq!(chosen.findings.unwrap().valid, 2);
    for other in [shown, Mapping::default()] {
        let refused = desk
            .store
            .import_start(manager(), id, other, 2)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), "too-late", "{refused}");
    }
    assert!(!desk.store.run_started_import(false).await.unwrap());
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!(
        (page.state, &page.mapping),
        (ImportState::Preview, &nicknames)
    );
    assert_eq!(desk.number("SELECT COUNT(*) FROM lead").await, 0);
    // Once they are seen, they come in.
    let started = desk.store.import_start(manager(), id, nicknames, 2).await;
    assert_eq!(started.unwrap().state, ImportState::Running);
    assert!(desk.store.run_started_import(false).await.unwrap());
    let names = desk.texts("SELECT name FROM lead ORDER BY id").await;
    assert_eq!(names, ["Annie", "Bo"]);
}

#[tokio::test]
async fn other_columns_are_looked_through_anew() {
    let desk = Desk::new().await;
    let id = upload(&desk, "Name,Nickname\n,Annie\n,Bo\n").await;
    let none = desk.start(manager(), id).await.unwrap_err();
    assert!(none.to_string().contains("No row"), "{none}");
    let mapping = Mapping(vec![None, Some(Field::Name)]);
    let page = desk
        .store
        .import_mapping(manager(), id, mapping)
        .await
        .unwrap();
    let found = page.findings.unwrap();
    assert_eq!((found.valid, found.refused), (2, 0));
    assert_eq!(
        desk.start(manager(), id).await.unwrap().state,
        ImportState::Running
    );
}

#[tokio::test]
async fn what_is_guessed_is_told_by_kind_with_its_lines() {
    let desk = Desk::new().await;
    let file = format!(
        "Name,Phone,Email,Status,Country,Added\n\
         Ann,07911 123456,ann@mail.example,Open,GB,2026-03-04\n\
         Bo,12,,whatever,GB,04/03/2026\n\
         Cy,07911 123457,n/a,New,Narnia,31/12/98\n\
         ,07911 123458,,Lost,,13/01/2026\n\
         D\u{202e}i,{},,,,\n",
        "1".repeat(70)
    );
    let id = upload(&desk, &file).await;
    let found = desk
        .store
        .import(manager(), id)
        .await
        .unwrap()
        .findings
        .unwrap();
    let told: Vec<(Guess, Vec<u64>)> = found
        .guesses
        .iter()
        .map(|guessed| (guessed.guess, guessed.lines.clone()))
        .collect();
    for (guess, lines) in [
        (Guess::Status, vec![3]),
        (Guess::DayAndMonth, vec![3]),
        (Guess::Century, vec![4]),
        (Guess::Telephone, vec![3, 4, 6]),
        (Guess::TelephoneCut, vec![6]),
        (Guess::Email, vec![4]),
        (Guess::Country, vec![4]),
        (Guess::Name, vec![5]),
        (Guess::Hidden, vec![6]),
    ] {
        assert!(
            told.contains(&(guess, lines.clone())),
            "{guess:?} {lines:?}: {told:?}"
        );
    }
    assert_eq!((told.len(), found.refused), (9, 0));
    // The words that nobody knows become New, and of a lead that is known they change nothing.
    let path = desk.database.folder().join("leads.csv");
    for status in ["Working", "whatever"] {
        std::fs::write(&path, format!("Id,Name,Status\n7,Eve,{status}\n")).unwrap();
        import_file(&desk.store, &path, false).await.unwrap();
    }
    let contacted = domain::lead::LeadStatus::Contacted.number();
    assert_eq!(
        desk.number("SELECT status FROM lead WHERE name = 'Eve'")
            .await,
        contacted
    );
}

#[tokio::test]
async fn refused_rows_are_downloaded_with_line_why_and_what_stood_there_and_no_cell_is_a_formula() {
    let desk = Desk::new().await;
    let id = upload(&desk, RAGGED).await;
    let csv = download(&desk, id).await;
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 5, "{csv}");
    assert_eq!(lines[0], "Line,Why,Name,Phone,Email");
    assert!(
        lines[1].starts_with("3,") && lines[1].ends_with(",'=1+1,short"),
        "{csv}"
    );
    assert!(
        lines[2].starts_with("5,") && lines[2].ends_with("\"\"\"=2,unclosed\""),
        "{csv}"
    );
    assert!(
        lines[3].starts_with("6,") && lines[3].ends_with(",Cy,x,y,z"),
        "{csv}"
    );
    // Another person's import isn't theirs to read; after it is through the file is gone.
    let admin = person(ADMIN).granted().unwrap();
    assert_eq!(
        desk.store
            .import_refusals(admin, id)
            .await
            .unwrap_err()
            .status(),
        404
    );
    desk.start(manager(), id).await.unwrap();
    assert!(desk.store.run_started_import(false).await.unwrap());
    assert_eq!(
        desk.store
            .import_refusals(manager(), id)
            .await
            .unwrap_err()
            .status(),
        409
    );
}

#[tokio::test]
async fn more_refused_rows_than_are_told_are_all_downloaded() {
    let desk = Desk::new().await;
    let id = upload(&desk, &format!("Name,Phone\n{}", "too few\n".repeat(2_600))).await;
    let found = desk
        .store
        .import(manager(), id)
        .await
        .unwrap()
        .findings
        .unwrap();
    assert_eq!((found.refused, found.refusals.len()), (2_600, 1_000));
    assert_eq!(download(&desk, id).await.lines().count(), 2_601);
}

#[test]
fn a_compressed_file_is_refused_with_a_sentence_and_never_unpacked() {
    // What gzip writes for ten gigabytes of one letter begins like any other.
    let refused = readable(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).unwrap_err();
    assert_eq!(refused, Unreadable::Compressed);
    assert!(refused.to_string().contains("Unpack it first"));
    assert_eq!(
        readable(b"\x1f\x8b".to_vec()).unwrap_err(),
        Unreadable::Compressed
    );
}

#[tokio::test]
async fn odd_files_cost_the_rows_that_are_odd_and_no_more() {
    let desk = Desk::new().await;
    let endless = "x".repeat(20 << 20);
    let wide = format!("Ann{}", ",".repeat(1_000_000));
    for (file, valid, refused) in [
        ("Name,Phone\n".to_owned(), 0, 0),
        (format!("Name,Phone\n{endless},\nBob,\n"), 1, 1),
        (format!("Name,Phone\n{endless}"), 0, 1),
        (format!("Name,Phone\n{wide}\nBob,\n"), 1, 1),
        ("Name,Phone\r\nAnn,\rBob,\nCy,\n\r\n".to_owned(), 3, 0),
        ("Name,Phone\nA\0nn,\nBob,\n".to_owned(), 1, 1),
        ("Name,Name\nAnn,Bob\n".to_owned(), 1, 0),
        ("Name,Phone\n\"Ann,\nBob,\n".to_owned(), 1, 1),
    ] {
        let id = upload(&desk, &file).await;
        let found = desk
            .store
            .import(manager(), id)
            .await
            .unwrap()
            .findings
            .unwrap();
        let shown: String = file.chars().take(40).collect();
        assert_eq!((found.valid, found.refused), (valid, refused), "{shown}");
    }
    let latin1 = readable(b"Name,Phone\nJos\xe9,\n".to_vec()).unwrap();
    assert!(latin1.not_utf8);
    let id = desk
        .store
        .keep_upload(manager(), "a.csv", latin1)
        .await
        .unwrap();
    let mapping = Mapping(vec![Some(Field::Name), None]);
    for page in [
        desk.store.import(manager(), id).await.unwrap(),
        desk.store
            .import_mapping(manager(), id, mapping)
            .await
            .unwrap(),
    ] {
        let said = page.findings.unwrap().sentences();
        assert!(said[0].contains("isn't UTF-8"), "{said:?}");
    }
    assert_eq!(desk.number("SELECT COUNT(*) FROM lead").await, 0);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_at_the_command_line_too_without_being_read_to_its_end()
{
    let desk = Desk::new().await;
    let path = desk.database.folder().join("large.csv");
    let file = std::fs::File::create(&path).unwrap();
    // Ten gigabytes that take no room.
    file.set_len(MOST_BYTES as u64 * 160).unwrap();
    let refused = import_file(&desk.store, &path, true).await.unwrap_err();
    assert!(refused.to_string().contains("too large"), "{refused}");
}
