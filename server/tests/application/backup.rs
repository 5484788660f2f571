//! `layer backup` and `layer restore`: a whole copy beside a running server, and back.

use std::fs;
use std::process::{Child, Command};

use crate::command::Desk;
use crate::test_database::skips_on_postgres;

fn end(mut layer: Child) {
    let kill = Command::new("kill").arg(layer.id().to_string()).status();
    assert!(kill.unwrap().success());
    assert!(layer.wait().unwrap().success());
}

/// Leads from 1 on are deleted, and the queue is run.
fn erase_all(desk: &Desk) {
    let words = [
        "delete",
        "--work-stack",
        "All leads",
        "--reason",
        "outdated",
    ];
    desk.says(&[&words[..], &["--as", "manager@demo.test", "--yes"]].concat());
    desk.says(&["queue", "run"]);
}

#[test]
fn a_backup_beside_a_running_server_is_a_whole_database() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "40", "--seed", "1"]);
    let (layer, _) = desk.serve();
    let said = desk.says(&["backup", "copy.db"]);
    assert!(said.starts_with("copy.db: 40 leads, "), "{said}");
    end(layer);
    let copy = format!("sqlite://{}", desk.folder().join("copy.db").display());
    let on_copy = |words: &[&str]| desk.says(&[words, &["--database", &copy]].concat());
    assert_eq!(
        on_copy(&["stats", "--json"]),
        desk.says(&["stats", "--json"])
    );
    on_copy(&["audit", "verify"]);
    // A name that is taken is refused: a backup is never written over.
    let before = fs::read(desk.folder().join("copy.db")).unwrap();
    assert!(
        desk.refuses(&["backup", "copy.db"])
            .contains("is there already")
    );
    assert_eq!(fs::read(desk.folder().join("copy.db")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_a_backup() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    if skips_on_postgres("its own tools make its backups") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    desk.says(&["backup", "copy.db"]);
    let rights = fs::metadata(desk.folder().join("copy.db"))
        .unwrap()
        .permissions();
    assert_eq!(rights.mode() & 0o777, 0o600);
}

#[test]
fn a_restore_brings_back_what_was_and_says_who_came_back_with_it() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "40", "--seed", "1"]);
    let before = desk.json(&["stats", "--json"]);
    desk.says(&["backup", "copy.db"]);
    erase_all(&desk);
    assert_eq!(desk.json(&["stats", "--json"])["leads"], 0);

    let said = desk.says(&["restore", "copy.db"]);
    assert!(
        said.contains("40 leads that were erased since this backup are back"),
        "{said}"
    );
    assert_eq!(desk.json(&["stats", "--json"]), before);
    desk.says(&["audit", "verify"]);
    // What had to make room is there, whole.
    let kept = fs::read_dir(desk.folder()).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.to_str()?.contains("before-restore").then_some(path)
    });
    let kept = format!("sqlite://{}", kept.unwrap().display());
    desk.says(&["audit", "verify", "--database", &kept]);
}

#[test]
fn a_restore_puts_the_checkpoints_of_the_log_before_aside_and_says_so() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "40", "--seed", "1"]);
    desk.says(&["backup", "copy.db"]);
    erase_all(&desk);
    desk.says(&["audit", "checkpoint"]);
    let checkpoints = desk.folder().join("layer.checkpoints");
    let before = fs::read(&checkpoints).unwrap();

    let said = desk.says(&["restore", "copy.db"]);
    assert!(said.contains("The checkpoints that were there"), "{said}");
    assert!(!checkpoints.exists());
    let aside = fs::read_dir(desk.folder()).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.to_str()?;
        name.contains("layer.checkpoints.before-restore-")
            .then_some(path)
    });
    assert_eq!(fs::read(aside.unwrap()).unwrap(), before);
    // Nobody cries that it was tampered with, and new ones begin.
    desk.says(&["audit", "verify"]);
    let (layer, address) = desk.serve();
    desk.says(&["healthcheck", "--listen", &address]);
    end(layer);
    assert!(checkpoints.exists());
    desk.says(&["audit", "verify"]);
}

#[test]
fn a_restore_where_the_database_is_lost_takes_nothing_from_the_log_that_it_left() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "40", "--seed", "1"]);
    desk.says(&["backup", "copy.db"]);
    let before = desk.json(&["stats", "--json"]);
    let (mut layer, _) = desk.serve();
    erase_all(&desk);
    layer.kill().unwrap();
    layer.wait().unwrap();
    let log = desk.folder().join("layer.db-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    fs::remove_file(desk.folder().join("layer.db")).unwrap();

    let said = desk.says(&["restore", "copy.db"]);
    assert!(said.contains("a write-ahead log of one: it is "), "{said}");
    assert_eq!(desk.json(&["stats", "--json"]), before);
    desk.says(&["audit", "verify"]);
}

#[test]
fn a_restore_under_a_running_server_is_refused() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    desk.says(&["backup", "copy.db"]);
    let (layer, _) = desk.serve();
    assert!(
        desk.refuses(&["restore", "copy.db"])
            .contains("layer serve")
    );
    end(layer);
    desk.says(&["restore", "copy.db"]);
}

#[test]
fn a_file_that_is_no_backup_is_refused_in_one_sentence() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    let before = desk.json(&["stats", "--json"]);
    desk.file(
        "letter.txt",
        &"This is a letter and no database. ".repeat(200),
    );
    // To SQLite an empty file is a database.
    desk.file("empty.db", "");
    for file in ["letter.txt", "empty.db"] {
        let refused = desk.refuses(&["restore", file]);
        let to = desk.folder().join("layer.db");
        assert_eq!(
            refused,
            format!(
                "{file} wasn't restored, and {} is as it was: it is no whole database of Layer.\n",
                to.display()
            )
        );
        assert_eq!(desk.json(&["stats", "--json"]), before);
    }
}

#[test]
fn a_backup_that_is_not_whole_is_not_restored() {
    if skips_on_postgres("pg_dump does it there") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "40", "--seed", "1"]);
    desk.says(&["backup", "copy.db"]);
    let copy = desk.folder().join("copy.db");
    let whole = fs::read(&copy).unwrap();
    let before = desk.json(&["stats", "--json"]);
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..middle + 8_192].fill(0xA5);
    for (bytes, why) in [
        (&whole[..whole.len() / 3], "cut off"),
        (&torn[..], "torn"),
        (&b"a letter and no database".repeat(300)[..], "a letter"),
        // For SQLite it is a database: one without a table.
        (&b""[..], "empty"),
    ] {
        fs::write(&copy, bytes).unwrap();
        let refused = desk.refuses(&["restore", "copy.db"]);
        assert!(refused.contains("wasn't restored"), "{why}: {refused}");
        assert!(!refused.contains(".part"), "{why}: {refused}");
        assert_eq!(desk.json(&["stats", "--json"]), before, "{why}");
    }
    // One whose log was changed is no backup either.
    fs::write(&copy, &whole).unwrap();
    let other = Desk::new();
    fs::copy(&copy, other.folder().join("layer.db")).unwrap();
    other.tamper("UPDATE audit_entry SET at = at + 1 WHERE sequence = 1");
    fs::copy(other.folder().join("layer.db"), &copy).unwrap();
    assert!(
        desk.refuses(&["restore", "copy.db"])
            .contains("audit log is broken")
    );
    assert_eq!(desk.json(&["stats", "--json"]), before);
}
