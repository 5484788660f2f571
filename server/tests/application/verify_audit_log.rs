//! `docs/verify_audit_log.py` verifies without our code, and comes to the same verdict: whole, or broken at the same entry.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use domain::audit::Act;
use domain::time::HOUR;
use server::checkpoint::{Checkpoints, Files};
use server::database::{Database, Priority};
use server::store::Store;
use server::store::audit_verify::Verified;

use crate::append_only::unlocked;
use crate::busy_log::BusyLog;
use crate::tamper::{KINDS, Tamperer, times};
use crate::test_database::skips_on_postgres;

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify_audit_log.py")
}

fn python() -> Option<Command> {
    let there = Command::new("python3").arg("--version").output();
    there.is_ok_and(|output| output.status.success()).then(|| {
        let mut python = Command::new("python3");
        python.arg("-B").arg(script());
        python
    })
}

/// What the script says of a copy of the database: `None` where it is whole, else the entry that it names, if any.
fn verdict(database: &Path, checkpoints: Option<&Path>) -> Option<Option<i64>> {
    let mut python = python().unwrap();
    python.arg(database);
    if let Some(checkpoints) = checkpoints {
        python.arg("--checkpoints").arg(checkpoints);
    }
    let output = python.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => {
            assert!(said.contains("is whole"), "{said}");
            None
        }
        Some(1) => {
            let (_, after) = said.split_once("The audit log is broken").unwrap();
            let entry = after.strip_prefix(" at entry ");
            Some(entry.map(|entry| entry.split_once('.').unwrap().0.parse().unwrap()))
        }
        _ => panic!("{said}{}", String::from_utf8(output.stderr).unwrap()),
    }
}

fn ours(verified: &Verified) -> Option<Option<i64>> {
    match verified {
        Verified::Whole { .. } => None,
        Verified::Broken { entry, .. } => Some(*entry),
    }
}

#[test]
fn the_script_knows_every_kind_of_entry_and_so_does_its_page() {
    let page = std::fs::read_to_string(script().with_file_name("audit-log.md")).unwrap();
    let script = std::fs::read_to_string(script()).unwrap();
    for act in Act::ALL {
        let mut words = script.split(|c: char| c.is_whitespace() || c == '"');
        assert!(words.any(|word| word == act.code()), "{act:?}");
        assert!(page.contains(&format!("`{}`", act.code())), "{act:?}");
    }
}

#[tokio::test]
async fn it_comes_to_the_same_verdict_on_a_whole_and_on_tampered_databases() {
    if skips_on_postgres("the verifier in Python reads SQLite's file") {
        return;
    }
    if python().is_none() {
        eprintln!("python3 isn't there: nothing was compared");
        return;
    }
    let mut log = BusyLog::with(60, 24, 6).await;
    // The clock is put back meanwhile.
    log.app.clock.advance(-HOUR);
    for turn in 24..48 {
        log.act(turn).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let files = Files {
        checkpoints: path("kept.checkpoints"),
        key: path("kept.key"),
    };
    let checkpoints = Arc::new(Checkpoints::open(&files).unwrap());
    checkpoints.write(&log.app.store).await.unwrap().unwrap();
    let kept = files.checkpoints.as_path();

    unlocked(&log.app.store).await;
    let database = log.app.store.database();
    while !database.checkpoint().await.unwrap() {}
    let whole = database.file().unwrap().clone();
    assert_eq!(verdict(&whole, Some(kept)), None);
    assert_eq!(verdict(&whole, None), None);

    // A checkpoint that was changed.
    let text = std::fs::read_to_string(kept).unwrap();
    let changed = path("changed.checkpoints");
    std::fs::write(
        &changed,
        text.replace("layer-checkpoint-1 ", "layer-checkpoint-1 1"),
    )
    .unwrap();
    assert!(verdict(&whole, Some(&changed)).is_some());

    let mut tamperer = Tamperer::new(&log.app, 7).await;
    let (mut broken, mut differ) = (0, Vec::new());
    for turn in 0..times(110) {
        let copy = path("copy.db");
        std::fs::copy(&whole, &copy).unwrap();
        let opened = Database::open(&format!("sqlite://{}", copy.display())).await;
        let store = Store::new(opened.unwrap(), Arc::new(log.app.clock.clone()), false);
        let writing = store.begin(Priority::Person).await.unwrap();
        let tx = writing.tx();
        let what = match turn % (KINDS.len() + 2) {
            0 => format!(
                "cut with its head: {}",
                tamperer.cut_tail_and_head(tx).await
            ),
            1 => format!("written anew: {}", tamperer.write_anew(tx).await),
            n => format!(
                "{:?}: {:?}",
                KINDS[n - 2],
                tamperer.tamper(tx, KINDS[n - 2]).await
            ),
        };
        writing.commit_quietly().await.unwrap();
        store.keeps_checkpoints_in(kept);
        let said = store.verify_audit().await.unwrap();
        store.database().close().await;
        let theirs = verdict(&copy, Some(kept));
        if theirs != ours(&said) {
            differ.push(format!(
                "{turn} {what}: we say {said:?}, the script {theirs:?}"
            ));
        }
        broken += i32::from(theirs.is_some());
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    println!("{broken} tampered databases with the same verdict");
    assert!(broken as usize >= times(90));
}
