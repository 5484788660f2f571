//! What the compiler doesn't check: who may depend on whom, and a few traps.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::dependencies;
use crate::metadata::array;
use crate::run::{cargo, first_word, output, root};

/// Nobody below `domain` may bring these in, however far away: it is pure, and builds for both targets in seconds.
const NOT_UNDER_DOMAIN: [&str; 7] = [
    "leptos", "axum", "sea-orm", "sqlx", "tokio", "app", "server",
];

/// What a crate may not name itself: `app` knows only `domain`, and only `server` is where all meet.
const NOT_DIRECTLY: [(&str, &[&str]); 3] = [
    (
        "domain",
        &[
            "leptos",
            "axum",
            "sea-orm",
            "tokio",
            "app",
            "server",
            "migrations",
        ],
    ),
    (
        "app",
        &[
            "axum",
            "sea-orm",
            "tokio",
            "leptos_axum",
            "sqlx",
            "server",
            "migrations",
        ],
    ),
    (
        "frontend",
        &["axum", "sea-orm", "tokio", "sqlx", "server", "migrations"],
    ),
];

/// How many lines say `cfg(feature …)`: the halves are told apart by crates, not by conditions.
const MOST_CFG: usize = 1;

/// What it takes to run a statement past the fault points, which are in `store/sql.rs`: one that went past them would never be
/// made to fail. Names, since whoever calls a trait's method must bring the trait in.
const PAST_FAULT_POINTS: [&str; 13] = [
    "_raw(",
    "_unprepared(",
    "tx.commit()",
    "EntityTrait",
    "ModelTrait",
    "StreamTrait",
    "TransactionTrait",
    "Statement::",
    "sea_query",
    "sea_orm::prelude",
    "sea_orm::*",
    "sqlx::query",
    "sqlx::raw_sql",
];

/// What of the server may, because no transaction that erases runs a statement of theirs: whole files, and folders. Any other
/// file, and any new one, may not.
const NOT_ERASING: [&str; 12] = [
    // Where the fault points are.
    "store/sql.rs",
    // Connections, as they are opened and looked after; the schema; what nodes call to each other.
    "database.rs",
    "database/",
    "entity/",
    "neighbours.rs",
    // Reading alone, at one instant.
    "store/snapshot.rs",
    // A copy of the whole file.
    "store/backup.rs",
    // What is made once, when a database is new.
    "store/founding.rs",
    // Who somebody is, and what they were refused.
    "store/member.rs",
    "store/security_event.rs",
    "store/session.rs",
    // What Settings hold.
    "store/work_stack_settings.rs",
];

/// A file above this is worth a look.
const MANY_LINES: usize = 400;

/// Runs every check; says all that is wrong, not only the first.
pub fn check() -> Result<()> {
    let mut wrong = Vec::new();
    directions(&mut wrong)?;
    dependencies::check(&mut wrong)?;
    source_files(&mut wrong)?;
    style_sheets(&mut wrong)?;
    for line in &wrong {
        eprintln!("wrong: {line}");
    }
    match wrong.len() {
        0 => {
            println!("the layers hold");
            Ok(())
        }
        many => bail!("{many} of the layer checks failed"),
    }
}

fn directions(wrong: &mut Vec<String>) -> Result<()> {
    let metadata: Value = serde_json::from_str(&output(cargo().args([
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
    ]))?)?;
    for (name, forbidden) in NOT_DIRECTLY {
        let package = array(&metadata["packages"])
            .iter()
            .find(|package| package["name"] == name);
        let package = package.with_context(|| format!("there is no crate `{name}`"))?;
        for dependency in array(&package["dependencies"])
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
        {
            if let Some(what) = forbidden.iter().find(|what| dependency["name"] == **what) {
                wrong.push(format!(
                    "`{name}` must not depend on `{what}` ({name}/Cargo.toml)"
                ));
            }
        }
    }
    let tree = output(cargo().args([
        "tree",
        "--package",
        "domain",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]))?;
    let under: BTreeSet<&str> = tree.lines().map(first_word).collect();
    for what in NOT_UNDER_DOMAIN.iter().filter(|what| under.contains(*what)) {
        wrong.push(format!(
            "`domain` brings in `{what}`: see `cargo tree --package domain --invert {what}`"
        ));
    }
    Ok(())
}

/// What in this file of the server would go past the fault points.
fn past_fault_points(path: &str, text: &str) -> Option<&'static str> {
    let path = path.strip_prefix("server/src/")?;
    if NOT_ERASING.iter().any(|may| path.starts_with(may)) {
        return None;
    }
    PAST_FAULT_POINTS
        .into_iter()
        .find(|past| text.contains(past))
}

fn source_files(wrong: &mut Vec<String>) -> Result<()> {
    let mut conditions = Vec::new();
    for name in ["domain", "app", "frontend", "server", "migrations"] {
        for path in files_ending(&root().join(name), "rs")? {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("{} can't be read", path.display()))?;
            let path = path
                .strip_prefix(root())
                .unwrap_or(&path)
                .display()
                .to_string();
            for (number, line) in (1..).zip(text.lines()) {
                if line.contains("cfg")
                    && line.contains("feature =")
                    && !line.trim_start().starts_with("//")
                {
                    conditions.push(format!("{path}:{number}"));
                }
            }
            if path.starts_with("app/") && has_text_area_with_text(&text) {
                wrong.push(format!(
                    "{path}: Leptos writes the text inside <textarea> unescaped; use prop:value"
                ));
            }
            if let Some(past) = past_fault_points(&path, &text) {
                wrong.push(format!(
                    "{path}: `{past}` goes past the fault points; use store/sql.rs"
                ));
            }
            let lines = text.lines().count();
            if lines > MANY_LINES {
                println!("worth a look: {path} has {lines} lines");
            }
        }
    }
    if conditions.len() > MOST_CFG {
        wrong.push(format!(
            "{} lines say cfg(feature …): {}",
            conditions.len(),
            conditions.join(", ")
        ));
    }
    Ok(())
}

/// `<textarea>{text}</textarea>`: anything but an end of a tag before the closing one.
fn has_text_area_with_text(source: &str) -> bool {
    source
        .match_indices("</textarea>")
        .any(|(at, _)| !source[..at].trim_end().ends_with('>'))
}

/// A block that nothing closes swallows all rules behind it, and CSS calls that no error.
fn style_sheets(wrong: &mut Vec<String>) -> Result<()> {
    for path in files_ending(&root().join("style"), "css")? {
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} can't be read", path.display()))?;
        if !closes_its_blocks(&text) {
            let path = path.strip_prefix(root()).unwrap_or(&path);
            wrong.push(format!(
                "{}: a block is not closed, or closed twice",
                path.display()
            ));
        }
    }
    Ok(())
}

fn closes_its_blocks(style: &str) -> bool {
    style.matches('{').count() == style.matches('}').count()
}

fn files_ending(folder: &Path, wanted: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_ending(&path, wanted)?);
        } else if path.extension().is_some_and(|ending| ending == wanted) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_nothing_closes_is_found() {
        assert!(closes_its_blocks(".a { & b { color: red; } }"));
        assert!(!closes_its_blocks(".a { & b { color: red; } .c { }"));
    }

    #[test]
    fn a_statement_past_the_fault_points_is_found_also_in_a_new_file() {
        let found = |file| past_fault_points(file, "use sea_orm::EntityTrait;").is_some();
        assert!(found("server/src/store/erase.rs"));
        assert!(found("server/src/store/new/part.rs"));
        assert!(found("server/src/worker.rs"));
        assert!(!found("server/src/store/member.rs"));
        assert!(!found("server/tests/application/backup.rs"));
    }

    #[test]
    fn every_way_past_the_fault_points_is_found_and_their_own_is_none() {
        for way in [
            "tx.execute_unprepared(statement).await?;",
            "tx.query_one_raw(statement).await?;",
            "use sea_orm::{ConnectionTrait, ActiveModelTrait};",
            "use sea_orm::prelude::*;",
            "use sea_orm::sea_query::Query;",
            "Row::find_by_statement(Statement::from_string(backend, sql)).one(tx)",
            "sqlx::query(statement).execute(connection).await?;",
            "writing.inner.tx.commit().await?;",
        ] {
            let past = past_fault_points("server/src/store/erase.rs", way);
            assert!(past.is_some(), "{way}");
        }
        let text = "sql::execute(writing.tx(), statement, values![lead]).await?;";
        assert_eq!(past_fault_points("server/src/store/erase.rs", text), None);
    }

    #[test]
    fn a_text_area_with_text_is_found() {
        assert!(has_text_area_with_text(
            "<textarea rows=3>{details}</textarea>"
        ));
        assert!(!has_text_area_with_text(
            "<textarea prop:value=details></textarea>"
        ));
        assert!(!has_text_area_with_text("<textarea prop:value=details />"));
    }
}
