//! What input is fed to, and samples of it: for P37 and for `cargo xtask fuzz`.

use domain::audit::{Fact, decode_facts, encode_facts};
use domain::import::Mapping;
use domain::time::Millis;
use domain::work_stack::{Cursor, Filter, GridView, RowsRequest};
use domain::{business_hours, text};
use jiff::tz::TimeZone;
use server::import::table::Table;
use server::import::{next_chunk, readable, row::Reading};
use server::telephone;
use uuid::Uuid;

/// What is fed.
pub struct Target {
    /// What it reads; its program under `server/fuzz/src/bin` is called so.
    pub name: &'static str,
    /// What one begins from.
    pub samples: Vec<Vec<u8>>,
    /// Takes any bytes, and doesn't panic.
    pub take: fn(&[u8]),
}

/// All of them.
pub fn targets() -> Vec<Target> {
    let bytes = |samples: &[&str]| samples.iter().map(|s| s.as_bytes().to_vec()).collect();
    vec![
        Target {
            name: "csv",
            samples: bytes(&[
                "Name,Telephone,E-mail,Country\nAnn,\"020 7946 0018\",a@example.com,GB\n",
                "Id;Name;Added\r\n1;\"Bo; \"\"Fry\"\"\";2026-11-24 10:00\r\n",
                "\u{feff}Name\tNote\nCy\tone\u{202e}two\n",
                "Name,Phone,Status,Last activity\nDi,+44 20 7946 0018 ext 3,new,31/12/2026\n\"Ed",
            ]),
            take: csv,
        },
        Target {
            name: "filters",
            samples: bytes(&[
                r#"{"sources":["Portal"],"statuses":["new"],"owners":[],"idle_days":90,"no_contact_record":true}"#,
                r#"{"added_within_days":1,"possible_duplicate":true,"no_valid_telephone":true}"#,
                r#"{"work_stack":1,"search":"ann","order":null,"hide_deletions":true,"only":null}"#,
            ]),
            take: filters,
        },
        Target {
            name: "cursors",
            samples: bytes(&[
                r#"{"key":"ann example","lead":"L-20418"}"#,
                r#"{"key":"1795514400000","lead":"L-9223372036854775807"}"#,
                r#"{"view":{"work_stack":1,"search":"","order":null,"hide_deletions":null,"only":null},"as_of":{"sequence":3,"highest":5},"from":{"After":{"key":"","lead":"L-1"}}}"#,
                "24:00",
                "١٢٬٣٧١",
            ]),
            take: cursors,
        },
        Target {
            name: "telephones",
            samples: bytes(&[
                "+44 20 7946 0018",
                "020 7946 0018 x12",
                "tel:+1-201-555-0123;phone-context=+1",
                ".;phone-context=",
                "+dwPAA;phone-context=AA",
                "０３-１２３４-５６７８",
                "1800 FLOWERS",
            ]),
            take: telephones,
        },
        Target {
            name: "entries",
            samples: vec![
                encode_facts(&[
                    ("erased".into(), Fact::Number(500)),
                    ("reason".into(), Fact::Word("outdated".into())),
                    ("rows".into(), Fact::Digest([7; 32])),
                    ("order".into(), Fact::Id(Uuid::nil())),
                ]),
                encode_facts(&[]),
                vec![0xff; 64],
            ],
            take: entries,
        },
    ]
}

/// A file that somebody imports: read to its end, in chunks.
pub fn csv(bytes: &[u8]) {
    let Ok(file) = readable(bytes.to_vec()) else {
        return;
    };
    let reading = Reading {
        mapping: Mapping::of_headers(&file.headers),
        zone: TimeZone::UTC,
        region: "GB".into(),
        now: Millis(1_795_514_400_000),
    };
    let Ok(mut table) = Table::of(&file.text) else {
        return;
    };
    while next_chunk(&mut table, &reading).is_some() {}
}

/// The filter of a work stack, a view's search, and whatever people type.
pub fn filters(bytes: &[u8]) {
    if let Ok(filter) = serde_json::from_slice::<Filter>(bytes) {
        _ = filter.idle_since(Millis(1_795_514_400_000));
        _ = filter.idle_since(Millis(i64::MIN));
        _ = filter.sentence();
    }
    if let Ok(view) = serde_json::from_slice::<GridView>(bytes) {
        _ = text::fold(&view.search);
    }
    let words = String::from_utf8_lossy(bytes);
    for read in [text::fold, text::plain, text::line, text::address] {
        _ = read(&words);
    }
    _ = text::is_visible(&words);
}

/// Where a page goes on; references, times and numbers as they are typed.
pub fn cursors(bytes: &[u8]) {
    _ = serde_json::from_slice::<Cursor>(bytes);
    _ = serde_json::from_slice::<RowsRequest>(bytes);
    let words = String::from_utf8_lossy(bytes);
    _ = words.parse::<domain::lead::LeadId>();
    _ = business_hours::minutes(&words);
    _ = text::typed_number(&words);
}

/// A telephone number. What is taken for valid is one.
pub fn telephones(bytes: &[u8]) {
    let words = String::from_utf8_lossy(bytes);
    for region in ["GB", "", "US", "ZZ"] {
        if let Some(e164) = telephone::e164(&words, region) {
            assert!(e164.starts_with('+') && e164.len() <= telephone::LONGEST);
            _ = telephone::international(&e164);
        }
    }
    _ = telephone::international(&words);
    _ = telephone::region_of(&words);
}

/// The facts of an audit entry. What can be read is written the same.
pub fn entries(bytes: &[u8]) {
    if let Some(facts) = decode_facts(bytes) {
        assert_eq!(encode_facts(&facts), bytes);
    }
}
