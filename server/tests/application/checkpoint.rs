//! Signed checkpoints beside the database: written as the log grows, once for a head, whole after a crash; what was changed in
//! them shows.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::audit::{Act, ActorRef};
use domain::checkpoint::Line;
use server::checkpoint::{CheckpointArgs, Checkpoints, Files, last_of};
use server::database::Priority;
use server::store::audit_verify::Verified;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::append_only::unlocked;
use crate::busy_log::BusyLog;

/// A log with checkpoints after each fifth act.
async fn with_checkpoints(folder: &Path) -> (BusyLog, Files, Arc<Checkpoints>) {
    let mut log = BusyLog::new(40, 5).await;
    let files = CheckpointArgs {
        checkpoints: Some(folder.join("log.checkpoints")),
        checkpoint_key: None,
    };
    let files = files.files("postgres://somewhere/layer").unwrap();
    let checkpoints = Arc::new(Checkpoints::open(&files).unwrap());
    for turn in 0..15 {
        log.act(turn).await;
        if turn % 5 == 4 {
            assert!(checkpoints.write(&log.app.store).await.unwrap().is_some());
        }
    }
    log.app.store.keeps_checkpoints_in(&files.checkpoints);
    (log, files, checkpoints)
}

async fn agreed(log: &BusyLog) -> u64 {
    let store = &log.app.store;
    let (verified, agreed) = store.verify_audit_and_checkpoints(|_| {}).await.unwrap();
    assert!(matches!(verified, Verified::Whole { .. }), "{verified:?}");
    agreed.unwrap().count
}

async fn why_broken(log: &BusyLog) -> (Option<i64>, String) {
    match log.app.store.verify_audit().await.unwrap() {
        Verified::Broken { entry, why } => (entry, why),
        whole => panic!("{whole:?}"),
    }
}

fn lines(files: &Files) -> Vec<String> {
    let text = std::fs::read_to_string(&files.checkpoints).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn one_is_written_for_a_head_and_the_log_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, files, checkpoints) = with_checkpoints(folder.path()).await;
    assert_eq!(agreed(&log).await, 3);
    assert_eq!(checkpoints.write(&log.app.store).await.unwrap(), None);
    log.act(14).await;
    let sequence = log.app.store.sequence().await.unwrap();
    let written = checkpoints.write(&log.app.store).await.unwrap().unwrap();
    assert_eq!(
        (written.sequence, written.at),
        (sequence, log.app.store.now())
    );
    assert_eq!(agreed(&log).await, 4);
    let lines = lines(&files);
    assert_eq!(lines.len(), 5);
    assert!(matches!(Line::parse(&lines[0]), Some(Line::Key { .. })));
    for line in &lines[1..] {
        assert!(matches!(Line::parse(line), Some(Line::Checkpoint { .. })));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_is_its_owners_alone_and_stays_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (_, files, checkpoints) = with_checkpoints(folder.path()).await;
    let mode = std::fs::metadata(&files.key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = Checkpoints::open(&files).unwrap();
    assert_eq!(again.key_id(), checkpoints.key_id());
    assert_eq!(lines(&files).len(), 4, "the key's line stands there once");
}

#[tokio::test]
async fn a_line_that_a_crash_tore_is_none_and_the_next_one_heals_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, files, checkpoints) = with_checkpoints(folder.path()).await;
    let whole = std::fs::read(&files.checkpoints).unwrap();
    let line = whole.split(|byte| *byte == b'\n').nth(3).unwrap().to_vec();
    for cut in [1, 20, line.len()] {
        let mut torn = whole.clone();
        torn.extend(&line[..cut]);
        std::fs::write(&files.checkpoints, torn).unwrap();
        assert_eq!(agreed(&log).await, 3, "torn after {cut} bytes");
    }
    log.act(14).await;
    checkpoints.write(&log.app.store).await.unwrap().unwrap();
    assert_eq!(lines(&files).len(), 5);
    assert_eq!(agreed(&log).await, 4);
}

#[tokio::test]
async fn checkpoints_of_an_older_key_are_verified_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, files, checkpoints) = with_checkpoints(folder.path()).await;
    std::fs::remove_file(&files.key).unwrap();
    let renewed = Arc::new(Checkpoints::open(&files).unwrap());
    assert_ne!(renewed.key_id(), checkpoints.key_id());
    log.act(14).await;
    renewed.write(&log.app.store).await.unwrap().unwrap();
    assert_eq!(agreed(&log).await, 4);
}

#[tokio::test]
async fn whatever_is_changed_in_a_line_shows() {
    let folder = tempfile::tempdir().unwrap();
    let (log, files, _) = with_checkpoints(folder.path()).await;
    let whole = std::fs::read(&files.checkpoints).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    for place in (0..whole.len()).filter(|at| !ends.contains(at)).step_by(3) {
        let mut changed = whole.clone();
        // Another digit or letter, which stays one.
        changed[place] = match changed[place] {
            b'1' => b'2',
            _ => b'1',
        };
        std::fs::write(&files.checkpoints, changed).unwrap();
        let (entry, why) = why_broken(&log).await;
        assert!(
            entry.is_none() && why.contains("checkpoint"),
            "{place}: {why}"
        );
    }
    // Without the key's line nothing says whose they are.
    std::fs::write(&files.checkpoints, &whole[ends[0] + 1..]).unwrap();
    assert!(why_broken(&log).await.1.contains("isn't signed by its key"));
}

#[tokio::test]
async fn a_log_that_went_back_contradicts_the_checkpoint_that_knew_more() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _, checkpoints) = with_checkpoints(folder.path()).await;
    let known = log.app.store.sequence().await.unwrap();
    // Pause and Resume: entries that leave nothing beside the chain.
    log.act(13).await;
    checkpoints.write(&log.app.store).await.unwrap().unwrap();
    unlocked(&log.app.store).await;
    log.app
        .write(
            "DELETE FROM audit_entry WHERE sequence > $1",
            [known.into()],
        )
        .await;
    log.app
        .write(
            "UPDATE audit_head SET sequence = $1, hash = (SELECT hash FROM audit_entry WHERE sequence = $1)",
            [known.into()],
        )
        .await;
    let (entry, why) = why_broken(&log).await;
    assert_eq!(entry, Some(known + 1));
    assert!(
        why.starts_with("The log's end was cut off: the checkpoint of 2026-11-24"),
        "{why}"
    );
}

#[tokio::test]
async fn what_another_process_did_has_its_checkpoint_too() {
    let folder = tempfile::tempdir().unwrap();
    let (log, files, checkpoints) = with_checkpoints(folder.path()).await;
    let other = log.app.another_node().await;
    let (stop, stopped) = watch::channel(false);
    let apart = Duration::from_millis(20);
    let keeping = tokio::spawn(checkpoints.keep_apart(apart, other.store.clone(), stopped));
    let newest = async |sequence| {
        let there = async {
            while last_of(&files.checkpoints)
                .unwrap()
                .is_none_or(|last| last.sequence < sequence)
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), there).await.unwrap();
    };
    // The first may be in what it writes when it begins.
    for _ in 0..3 {
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let acted = writing
            .commit(ActorRef::Worker, Act::SettingChanged, Vec::new())
            .await
            .unwrap();
        newest(acted).await;
    }
    stop.send_replace(true);
    timeout(Duration::from_secs(20), keeping)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn the_server_writes_one_when_it_starts_and_after_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _, checkpoints) = with_checkpoints(folder.path()).await;
    let (stop, stopped) = watch::channel(false);
    log.act(13).await;
    let keeping = tokio::spawn(checkpoints.clone().keep(log.app.store.clone(), stopped));
    let until = async |count| {
        let there = async {
            while agreed(&log).await < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), there).await.unwrap();
    };
    until(4).await;
    let admin = log.admin.clone();
    log.app.delete(&admin, 30..=32).await;
    let by = ActorRef::Worker;
    server::worker::drain(&log.app.store, false, by)
        .await
        .unwrap();
    // Within the minute in which an act alone brings none.
    until(5).await;
    stop.send_replace(true);
    timeout(Duration::from_secs(20), keeping)
        .await
        .unwrap()
        .unwrap();
}
