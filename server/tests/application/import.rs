//! Leads from CSV files: read, written once, changed where a file says more, refused by line and cause.
use std::sync::Arc;

use crate::test_database::{TestDatabase, kept_stat};
use domain::audit::ActorRef;
use domain::import::{Field, ImportId, ImportNumbers, ImportPage, ImportState, Mapping};
use domain::lead::LeadId;
use domain::member::MemberId;
use domain::permission::{Actor, Granted, ImportLeads, first_roles};
use domain::ports::{Imports, Settings};
use domain::time::{DAY, Millis};
use server::clock::SetClock;
use server::database::Priority;
use server::import::decode::Unreadable;
use server::import::{self, Outcome, readable};
use server::store::{Store, member, sql};

const NOW: Millis = Millis(1_795_514_400_000);

pub struct Desk {
    pub store: Store,
    pub clock: SetClock,
    pub database: TestDatabase,
}

impl Desk {
    pub async fn new() -> Self {
        let database = TestDatabase::new();
        let db = database.open().await;
        let clock = SetClock::new(NOW);
        let store = Store::new(db, Arc::new(clock.clone()), true);
        store.found().await.unwrap();
        let writing = store.begin(Priority::Person).await.unwrap();
        member::add_demo_people(writing.tx(), NOW).await.unwrap();
        writing.commit_quietly().await.unwrap();
        Self {
            store,
            clock,
            database,
        }
    }

    async fn import(&self, bytes: impl AsRef<[u8]>) -> anyhow::Result<Outcome> {
        let path = self.database.folder().join("leads.csv");
        std::fs::write(&path, bytes).unwrap();
        import::import_file(&self.store, &path, true).await
    }

    /// Starts an upload's import as the page does, with what it was shown.
    pub async fn start(
        &self,
        by: Granted<ImportLeads>,
        id: ImportId,
    ) -> domain::Result<ImportPage> {
        let page = self.store.import_page(by.member(), id).await?;
        let valid = page.findings.map_or(0, |found| found.valid);
        self.store.import_start(by, id, page.mapping, valid).await
    }

    async fn numbers(&self, bytes: impl AsRef<[u8]>) -> [u64; 4] {
        let numbers = self.import(bytes).await.unwrap().numbers.unwrap();
        self.stats_are_exact().await;
        four(numbers)
    }

    pub async fn texts(&self, statement: &str) -> Vec<String> {
        sql::column(self.store.reader(), statement, [])
            .await
            .unwrap()
    }

    pub async fn number(&self, statement: &str) -> i64 {
        sql::value(self.store.reader(), statement, [])
            .await
            .unwrap()
            .unwrap_or(0)
    }

    async fn run(&self, statement: &str) {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        sql::execute(writing.tx(), statement, []).await.unwrap();
        writing.commit_quietly().await.unwrap();
    }

    async fn stats_are_exact(&self) {
        for (name, wanted) in [
            ("leads", "SELECT COUNT(*) FROM lead"),
            (
                "without_contact_records",
                "SELECT COUNT(*) FROM lead l WHERE NOT EXISTS \
              (SELECT 1 FROM contact_record c WHERE c.lead = l.id)",
            ),
            (
                "without_valid_telephone",
                "SELECT COUNT(*) FROM lead l WHERE NOT EXISTS \
              (SELECT 1 FROM contact_record c WHERE c.lead = l.id AND c.telephone_valid = 1)",
            ),
        ] {
            let kept = kept_stat(name);
            assert_eq!(
                self.number(&kept).await,
                self.number(wanted).await,
                "{name}"
            );
        }
    }
}

/// imported, unchanged, changed, refused
fn four(n: ImportNumbers) -> [u64; 4] {
    [n.imported, n.unchanged, n.changed, n.refused]
}

pub fn person(member: i64) -> Actor {
    let (role, permissions) = first_roles().into_iter().nth(member as usize - 1).unwrap();
    Actor {
        member: MemberId(member),
        name: role.into(),
        role: role.into(),
        permissions: permissions.into_iter().collect(),
    }
}

pub const MANAGER: i64 = 3;
pub const ADMIN: i64 = 4;

const SALESFORCE: &str = "\
Lead ID,First Name,Last Name,Company,Phone,Email,Lead Source,Lead Status,Lead Owner,Country,Created Date,Description
00Qa,Anna,Müller,Acme,030 901820,anna@mail.example,Web,Open - Not Contacted,Sam,Germany,2025-03-04,Wants a garden
00QA,Bob,Stone,,07911 123456,,Rightmove,Working - Contacted,,UK,04/03/2025 13:42,
00Qc,Carol,,,call me,carol@mail.example,Zoopla,Closed - Converted,,,2025-03-04T10:00:00Z,
00Qd,Dan,Dry,,,,Walk-in,New,,,,
";

#[tokio::test]
async fn a_salesforce_export_comes_in_and_twice_adds_nothing() {
    let desk = Desk::new().await;
    assert_eq!(desk.numbers(SALESFORCE).await, [4, 0, 0, 0]);
    assert_eq!(
        desk.texts("SELECT name FROM lead ORDER BY id").await,
        ["Anna Müller", "Bob Stone", "Carol", "Dan Dry"]
    );
    // A number without + is read in its country's region, else in the one set.
    assert_eq!(
        desk.texts("SELECT e164 FROM contact_record ORDER BY lead")
            .await,
        ["+4930901820", "+447911123456", ""]
    );
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM lead WHERE contact_count = 0")
            .await,
        1
    );
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM lead WHERE valid_telephone_count = 0")
            .await,
        2
    );
    assert_eq!(
        desk.texts("SELECT text FROM activity").await,
        ["Wants a garden"]
    );
    let acts = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'imported'";
    assert_eq!(desk.number(acts).await, 1);
    assert_eq!(desk.numbers(SALESFORCE).await, [0, 4, 0, 0]);
    assert_eq!(
        desk.number(acts).await,
        1,
        "what told nothing new is no act"
    );
    assert_eq!(desk.number("SELECT MAX(revision) FROM lead").await, 1);
}

#[tokio::test]
async fn a_row_of_a_known_id_overwrites_what_it_says_and_empties_nothing() {
    let desk = Desk::new().await;
    desk.numbers(
        "Id,Name,Owner,Phone,Email\n7,Ann Lee,Sam,,\n8,Bob,,07911 123456,bob@mail.example\n",
    )
    .await;
    let more = "Id,Name,Owner,Phone,Email\n7,Ann Lee,,07911 654321,\n8,Robert Stone,Sam,+44 7911 123456,BOB@mail.example\n";
    assert_eq!(desk.numbers(more).await, [0, 0, 2, 0]);
    assert_eq!(
        desk.texts("SELECT owner FROM lead ORDER BY id").await,
        ["Sam", "Sam"]
    );
    assert_eq!(
        desk.texts("SELECT name FROM lead ORDER BY id").await,
        ["Ann Lee", "Robert Stone"]
    );
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM contact_record").await,
        2,
        "the same record, written otherwise"
    );
    assert_eq!(desk.number("SELECT MIN(revision) FROM lead").await, 2);
    assert_eq!(
        desk.texts("SELECT key FROM lead_key WHERE kind = 'name' AND lead = 2 ORDER BY key")
            .await,
        ["robert", "stone"]
    );
    assert_eq!(desk.numbers(more).await, [0, 2, 0, 0]);
}

#[tokio::test]
async fn rows_without_id_are_the_same_when_all_mapped_fields_are_equal() {
    let desk = Desk::new().await;
    let file = "Name,Telephone\nAnn,07911 123456\nAnn,07911 123456\nAnn,07911 123457\n";
    assert_eq!(desk.numbers(file).await, [2, 1, 0, 0]);
    assert_eq!(desk.numbers(file).await, [0, 3, 0, 0]);
}

#[tokio::test]
async fn the_same_id_twice_in_a_file_is_one_lead() {
    let desk = Desk::new().await;
    let file = "Id,Name,Phone\n1,Ann,\n2,Bob,\n1,Ann,07911 123456\n1,Ann,07911 123456\n";
    assert_eq!(desk.numbers(file).await, [2, 1, 1, 0]);
    assert_eq!(desk.number("SELECT COUNT(*) FROM lead").await, 2);
}

#[tokio::test]
async fn more_rows_than_a_chunk_are_one_act_a_chunk() {
    let desk = Desk::new().await;
    let mut file = String::from("Id,Name,Phone\n");
    for i in 0..1_201 {
        file += &format!("{i},Lead {i},\n");
    }
    assert_eq!(desk.numbers(&file).await, [1_201, 0, 0, 0]);
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM audit_entry WHERE kind = 'imported'")
            .await,
        3
    );
}

#[tokio::test]
async fn every_encoding_is_read() {
    let text = "Name,Phone\nJosé Müller,07911 123456\n";
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(unit).collect()
    };
    let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        ["\u{feff}", text].concat().into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        latin1,
    ] {
        let desk = Desk::new().await;
        assert_eq!(desk.numbers(bytes).await, [1, 0, 0, 0]);
        assert_eq!(desk.texts("SELECT name FROM lead").await, ["José Müller"]);
    }
}

#[tokio::test]
async fn broken_rows_are_refused_by_line_and_cause_and_the_rest_comes_in() {
    let desk = Desk::new().await;
    let huge = "x".repeat(1_000_000);
    let file = format!(
        "Name,Phone,Email,Added\n\
         Ann,07911 123456,,\n\
         \"Bob,secret,,\n\
         Carol,secret\n\
         Dan,secret,,,,more\n\
         E\0ve,secret,,\n\
         {huge},secret,,\n\
         ,,,\n\
         Frank,,,secret date\n\
         Grace,,,2025-02-03\n"
    );
    let outcome = desk.import(&file).await.unwrap();
    assert_eq!(four(outcome.numbers.unwrap()), [2, 0, 0, 7]);
    let lines: Vec<u64> = outcome
        .findings
        .refusals
        .iter()
        .map(|row| row.line)
        .collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8, 9]);
    for row in &outcome.findings.refusals {
        assert!(
            row.cause.ends_with('.') && !row.cause.contains("secret"),
            "{}",
            row.cause
        );
        assert!(row.cause.len() < 200);
    }
    assert_eq!(
        desk.texts("SELECT name FROM lead ORDER BY id").await,
        ["Ann", "Grace"]
    );
}

#[tokio::test]
async fn files_that_are_no_table_are_refused_whole() {
    let refused = |bytes: &[u8]| readable(bytes.to_vec()).unwrap_err();
    assert_eq!(refused(b""), Unreadable::Empty);
    assert_eq!(refused(b" \r\n\r\n"), Unreadable::Empty);
    assert_eq!(refused(b"PK\x03\x04rest"), Unreadable::Workbook);
    assert_eq!(refused(b"N\0a\0m\0e\0\n\0"), Unreadable::Nul);
    assert_eq!(refused(b"\xff\xfeN\0\xd8"), Unreadable::Encoding);
    assert_eq!(
        refused(b"Ann Lee,ann@mail.example,07911 123456\n"),
        Unreadable::NoHeader
    );
    let desk = Desk::new().await;
    let unknown = desk.import("Foo,Bar\n1,2\n").await.unwrap_err();
    assert!(format!("{unknown:#}").contains("columns"));
    assert_eq!(desk.number("SELECT COUNT(*) FROM lead").await, 0);
}

#[tokio::test]
async fn what_looks_like_sql_or_markup_is_only_text() {
    let desk = Desk::new().await;
    let name = "Robert'); DROP TABLE lead;-- <script>alert(1)</script>";
    assert_eq!(
        desk.numbers(format!("Name,Phone\n\"{name}\",\n")).await,
        [1, 0, 0, 0]
    );
    assert_eq!(desk.texts("SELECT name FROM lead").await, [name]);
}

#[tokio::test]
async fn of_two_equal_headers_the_first_is_taken() {
    let desk = Desk::new().await;
    assert_eq!(
        desk.numbers("Name,Email,Email\nAnn,a@mail.example,b@mail.example\n")
            .await,
        [1, 0, 0, 0]
    );
    assert_eq!(
        desk.texts("SELECT email FROM contact_record").await,
        ["a@mail.example"]
    );
}

#[tokio::test]
async fn an_upload_is_previewed_mapped_and_carried_out_in_the_background() {
    let desk = Desk::new().await;
    let manager = || person(MANAGER).granted().unwrap();
    let file = readable(b"Who,Number\nAnn,07911 123456\nBob,12\n\"C,x\n".to_vec()).unwrap();
    let id = desk
        .store
        .keep_upload(manager(), "leads.csv", file)
        .await
        .unwrap();
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!((page.state, page.rows), (ImportState::Preview, 3));
    assert_eq!(page.headers, ["Who", "Number"]);
    assert_eq!(page.sample, [["Ann", "07911 123456"], ["Bob", "12"]]);
    assert!(
        desk.start(manager(), id).await.is_err(),
        "no column names a lead"
    );
    assert!(
        desk.store
            .import(person(ADMIN).granted().unwrap(), id)
            .await
            .is_err(),
        "another person's"
    );

    let twice = Mapping(vec![Some(Field::Name), Some(Field::Name)]);
    assert_eq!(
        desk.store
            .import_mapping(manager(), id, twice)
            .await
            .unwrap_err()
            .status(),
        422
    );
    let short = Mapping(vec![Some(Field::Name)]);
    assert_eq!(
        desk.store
            .import_mapping(manager(), id, short)
            .await
            .unwrap_err()
            .status(),
        422
    );
    let mapping = Mapping(vec![Some(Field::Name), Some(Field::Telephone)]);
    desk.store
        .import_mapping(manager(), id, mapping.clone())
        .await
        .unwrap();
    let page = desk.start(manager(), id).await.unwrap();
    assert_eq!(page.state, ImportState::Running);
    assert!(
        desk.store
            .import_mapping(manager(), id, mapping)
            .await
            .is_err()
    );
    assert!(desk.store.run_started_import(false).await.unwrap());
    assert!(!desk.store.run_started_import(false).await.unwrap());

    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!(
        (page.state, four(page.numbers)),
        (ImportState::Done, [2, 0, 0, 1])
    );
    assert_eq!(page.refused[0].line, 4);
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM import_file").await,
        0,
        "the file is gone"
    );
    desk.stats_are_exact().await;
    assert!(person(1).granted::<ImportLeads>().is_err());
}

#[tokio::test]
async fn an_import_that_was_cut_off_goes_on_where_it_stood() {
    let desk = Desk::new().await;
    let manager = || person(MANAGER).granted().unwrap();
    let mut text = String::from("Name,Phone\n");
    for i in 0..700 {
        text += &format!("Lead {i},\n");
    }
    let file = readable(text.clone().into_bytes()).unwrap();
    let id = desk
        .store
        .keep_upload(manager(), "leads.csv", file)
        .await
        .unwrap();
    desk.start(manager(), id).await.unwrap();
    // The first chunk was committed, then the process ended.
    let mapping = desk.store.import(manager(), id).await.unwrap().mapping;
    let reading = import::reading(&desk.store, mapping).await.unwrap();
    let mut table = import::table::Table::of(&text).unwrap();
    let chunk = import::next_chunk(&mut table, &reading).unwrap();
    let actor = ActorRef::Member(MemberId(MANAGER));
    let begun = desk.store.standing().await.unwrap().unwrap();
    assert_eq!((begun.import, begun.done), (id.0, 0));
    let written = desk.store.import_chunk(&chunk, actor, Some(begun)).await;
    assert_eq!(written.unwrap().map(four), Some([500, 0, 0, 0]));
    // Another node that believes that the first chunk is still to be written leaves it, and what it would have counted.
    let again = desk.store.import_chunk(&chunk, actor, Some(begun)).await;
    assert_eq!(again.unwrap(), None);
    assert_eq!(desk.store.standing().await.unwrap().unwrap().done, 500);
    assert!(desk.store.run_started_import(false).await.unwrap());
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!(four(page.numbers), [700, 0, 0, 0]);
    let highest = desk.number("SELECT MAX(id) FROM lead").await;
    assert_eq!(LeadId(highest), LeadId(700));
}

#[tokio::test]
async fn a_number_is_read_in_its_country_and_in_an_unknown_one_only_with_a_plus() {
    let desk = Desk::new().await;
    let file = "Name,Phone,Country\nAnn,0300 1234567,PK\nBob,07911 123456,Narnia\nCy,+44 7911 123456,Narnia\n";
    assert_eq!(desk.numbers(file).await, [3, 0, 0, 0]);
    assert_eq!(
        desk.texts("SELECT e164 FROM contact_record ORDER BY lead")
            .await,
        ["+923001234567", "", "+447911123456"]
    );
}

#[tokio::test]
async fn the_region_is_one_that_is_known_and_importing_again_reads_the_numbers_in_it() {
    let desk = Desk::new().await;
    let save = async |region: &str| {
        let admin = || person(ADMIN).granted().unwrap();
        let mut setting = desk.store.hours(admin()).await.unwrap();
        setting.form.region = region.into();
        desk.store
            .save_hours(admin(), setting.form, setting.version)
            .await?;
        Ok::<_, domain::Error>(desk.store.hours(admin()).await.unwrap().form.region)
    };
    for unknown in ["XX", "ZZ", "", "G"] {
        let refused = save(unknown).await.unwrap_err();
        assert!(refused.of_field("Region").is_some(), "{unknown}");
    }
    assert_eq!(save("de").await.unwrap(), "DE");
    let with_id = "Id,Name,Phone,Mobile,Email\n1,Ann,020 7946 0123,07911 123456,ann@mail.example\n";
    let without = "Name,Phone\nBob,07911 123457\n";
    assert_eq!(desk.numbers(with_id).await, [1, 0, 0, 0]);
    assert_eq!(desk.numbers(without).await, [1, 0, 0, 0]);
    assert_eq!(save("uk").await.unwrap(), "GB");
    assert_eq!(desk.numbers(with_id).await, [0, 0, 1, 0]);
    assert_eq!(desk.numbers(without).await, [0, 0, 1, 0]);
    let e164 = ["+442079460123", "+447911123456", "+447911123457"];
    assert_eq!(
        desk.texts("SELECT e164 FROM contact_record ORDER BY lead, n")
            .await,
        e164
    );
    assert_eq!(
        desk.texts("SELECT key FROM lead_key WHERE kind = 'e164' ORDER BY lead, key")
            .await,
        e164
    );
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM lead_key WHERE kind = 'digits'")
            .await,
        3,
        "no key is left of how they were read before"
    );
    assert_eq!(
        desk.number("SELECT CAST(SUM(valid_telephone_count) AS BIGINT) FROM lead")
            .await,
        3
    );
    assert_eq!(desk.numbers(with_id).await, [0, 1, 0, 0]);
    assert_eq!(desk.numbers(without).await, [0, 1, 0, 0]);
}

#[tokio::test]
async fn a_mobile_beside_a_telephone_is_a_contact_record_of_its_own() {
    let desk = Desk::new().await;
    let file = "Id,Name,Phone,Mobile,Email\n\
                1,Ann,ask at the desk,07911 123456,ann@mail.example\n\
                2,Bob,,07911 123457,bob@mail.example\n\
                3,Cy,07911 123458,+44 7911 123458,\n";
    assert_eq!(desk.numbers(file).await, [3, 0, 0, 0]);
    assert_eq!(
        desk.texts("SELECT telephone || '|' || email FROM contact_record ORDER BY lead, n")
            .await,
        [
            "ask at the desk|ann@mail.example",
            "07911 123456|",
            "07911 123457|bob@mail.example",
            "07911 123458|"
        ]
    );
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM lead WHERE valid_telephone_count = 0")
            .await,
        0
    );
    assert_eq!(desk.numbers(file).await, [0, 3, 0, 0]);
    // A number that comes later makes a record; the one with the e-mail stays the mobile's.
    let more = "Id,Name,Phone,Mobile,Email\n2,Bob,020 7946 0123,07911 123457,bob@mail.example\n";
    assert_eq!(desk.numbers(more).await, [0, 0, 1, 0]);
    assert_eq!(desk.numbers(more).await, [0, 1, 0, 0]);
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM contact_record WHERE lead = 2")
            .await,
        2
    );
}

#[tokio::test]
async fn an_upload_whose_preview_is_left_for_a_day_goes() {
    let desk = Desk::new().await;
    let manager = || person(MANAGER).granted().unwrap();
    let file = || readable(b"Name,Phone\nAnn,07911 123456\n".to_vec()).unwrap();
    let left = desk.store.keep_upload(manager(), "a.csv", file()).await;
    let left = left.unwrap();
    let started = desk.store.keep_upload(manager(), "b.csv", file()).await;
    let started = started.unwrap();
    desk.start(manager(), started).await.unwrap();
    desk.clock.advance(DAY - 1);
    server::worker::purge(&desk.store).await.unwrap();
    assert!(desk.store.import(manager(), left).await.is_ok());
    assert!(!desk.store.wants_scrub());
    desk.clock.advance(1);
    server::worker::purge(&desk.store).await.unwrap();
    assert!(desk.store.import(manager(), left).await.is_err());
    assert_eq!(desk.number("SELECT COUNT(*) FROM import_file").await, 1);
    assert!(desk.store.wants_scrub(), "also from the write-ahead log");
    desk.store.scrub_begins();
    assert!(desk.store.run_started_import(false).await.unwrap());
    assert_eq!(desk.number("SELECT COUNT(*) FROM import_file").await, 0);
    assert!(desk.store.wants_scrub());
}

#[tokio::test]
async fn a_header_alone_is_no_lead_and_every_line_end_ends_a_line() {
    let desk = Desk::new().await;
    assert_eq!(desk.numbers("Name,Phone\n").await, [0, 0, 0, 0]);
    let mixed = "Name,Phone\rAnn,07911 123456\r\nBob,07911 123457\nCy,07911 123458\r";
    assert_eq!(desk.numbers(mixed).await, [3, 0, 0, 0]);
    assert_eq!(
        desk.texts("SELECT name FROM lead ORDER BY id").await,
        ["Ann", "Bob", "Cy"]
    );
}

#[tokio::test]
async fn a_thousand_refused_rows_are_told_and_all_are_counted() {
    let desk = Desk::new().await;
    let file = format!(
        "Name,Phone\n{}Ann,07911 123456\n",
        "too few\n".repeat(1_500)
    );
    let outcome = desk.import(&file).await.unwrap();
    assert_eq!(four(outcome.numbers.unwrap()), [1, 0, 0, 1_500]);
    assert_eq!(outcome.findings.refusals.len(), 1_000);
    // The same by the page.
    let manager = || person(MANAGER).granted().unwrap();
    let file = readable(file.into_bytes()).unwrap();
    let id = desk
        .store
        .keep_upload(manager(), "a.csv", file)
        .await
        .unwrap();
    desk.start(manager(), id).await.unwrap();
    assert!(desk.store.run_started_import(false).await.unwrap());
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!((page.numbers.refused, page.refused.len()), (1_500, 1_000));
}

#[tokio::test]
async fn a_cell_that_begins_as_a_formula_is_kept_as_it_stands() {
    let desk = Desk::new().await;
    let cells = [
        "=HYPERLINK(\"http://evil.test\")",
        "+cmd|calc",
        "-1+1",
        "@SUM(1)",
    ];
    for cell in cells {
        let quoted = cell.replace('"', "\"\"");
        let file = format!(
            "Name,Source,Owner,Note\n\"{quoted}\",\"{quoted}\",\"{quoted}\",\"{quoted}\"\n"
        );
        assert_eq!(desk.numbers(file).await, [1, 0, 0, 0], "{cell}");
    }
    for column in ["name", "source", "owner"] {
        let kept = desk
            .texts(&format!("SELECT {column} FROM lead ORDER BY id"))
            .await;
        assert_eq!(kept, cells, "{column}");
    }
    assert_eq!(
        desk.texts("SELECT text FROM activity ORDER BY lead").await,
        cells
    );
}

#[tokio::test]
async fn names_of_every_script_are_kept_and_what_turns_text_around_is_not() {
    let desk = Desk::new().await;
    let marks = format!("Z{}", "\u{301}".repeat(40));
    let file = format!("Name,Phone\nنور الدين,\n{marks},\nAnna\u{202E}gpj.exe,\n");
    assert_eq!(desk.numbers(file).await, [3, 0, 0, 0]);
    assert_eq!(
        desk.texts("SELECT name FROM lead ORDER BY id").await,
        ["نور الدين", marks.as_str(), "Annagpj.exe"]
    );
}

#[tokio::test]
async fn an_address_is_kept_as_it_was_given_and_only_the_same_one_is_the_same() {
    let desk = Desk::new().await;
    let addresses = [
        "ann@mail.example",
        "a.n.n@mail.example",
        "аnn@mail.example", // a Cyrillic а
        "ann@bücher.example",
        "ann@xn--bcher-kva.example",
        "\"ann lee\"@mail.example",
    ];
    let mut file = String::from("Name,Email\n");
    for (n, address) in addresses.iter().enumerate() {
        file += &format!("Ann {n},\"{}\"\n", address.replace('"', "\"\""));
    }
    file += &format!("Too long,{}@mail.example\n", "x".repeat(320));
    let outcome = desk.import(&file).await.unwrap();
    assert_eq!(four(outcome.numbers.unwrap()), [6, 0, 0, 1]);
    assert!(outcome.findings.refusals[0].cause.contains("E-mail"));
    assert_eq!(
        desk.texts("SELECT email FROM contact_record ORDER BY lead")
            .await,
        addresses
    );
    let keys = "SELECT COUNT(DISTINCT key) FROM lead_key WHERE kind = 'email'";
    assert_eq!(desk.number(keys).await, 6);
}

#[tokio::test]
async fn an_import_goes_on_once_a_fault_of_the_database_is_over() {
    let desk = Desk::new().await;
    let manager = || person(MANAGER).granted().unwrap();
    let file = readable(b"Name,Phone\nAnn,07911 123456\nBo,\n".to_vec()).unwrap();
    let kept = desk.store.keep_upload(manager(), "leads.csv", file).await;
    let id = kept.unwrap();
    desk.start(manager(), id).await.unwrap();
    desk.run("ALTER TABLE contact_record RENAME TO away").await;
    assert!(desk.store.run_started_import(false).await.is_err());
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!(page.state, ImportState::Running);

    desk.run("ALTER TABLE away RENAME TO contact_record").await;
    assert!(desk.store.run_started_import(false).await.unwrap());
    let page = desk.store.import(manager(), id).await.unwrap();
    assert_eq!(
        (page.state, four(page.numbers)),
        (ImportState::Done, [2, 0, 0, 0])
    );
}

#[tokio::test]
async fn bells_that_ring_during_a_fault_dont_make_an_import_be_given_up_sooner() {
    let desk = Desk::new().await;
    let manager = || person(MANAGER).granted().unwrap();
    let file = readable(b"Name,Phone\nAnn,07911 123456\n".to_vec()).unwrap();
    let kept = desk.store.keep_upload(manager(), "leads.csv", file).await;
    let id = kept.unwrap();
    desk.start(manager(), id).await.unwrap();
    desk.run("ALTER TABLE contact_record RENAME TO away").await;
    let other = Store::new(
        desk.database.open().await,
        Arc::new(desk.clock.clone()),
        false,
    );
    let other = Arc::new(other);
    let working = tokio::spawn(import::work(other.clone()));
    for _ in 0..2_000 {
        other.hear();
        let page = desk.store.import(manager(), id).await.unwrap();
        assert_eq!(page.state, ImportState::Running);
    }
    working.abort();
}
