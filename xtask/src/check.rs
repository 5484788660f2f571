//! What the compiler doesn't check: who may depend on whom, and a few traps.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cargo, output, root};

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

/// One version each: two sqlx means two SQLite, one of them old.
const ONE_VERSION: [&str; 5] = [
    "sqlx",
    "sqlx-core",
    "libsqlite3-sys",
    "tower-sessions",
    "leptos",
];

/// Not at all.
const NOT_COMPILED: [&str; 3] = ["sqlx-mysql", "openssl-sys", "aws-lc-sys"];

/// How many lines say `cfg(feature …)`: the halves are told apart by crates, not by conditions.
const MOST_CFG: usize = 1;

/// A file above this is worth a look.
const MANY_LINES: usize = 400;

/// Runs every check; says all that is wrong, not only the first.
pub fn check() -> Result<()> {
    let mut wrong = Vec::new();
    directions(&mut wrong)?;
    versions(&mut wrong)?;
    sources(&mut wrong)?;
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

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What is compiled, for whatever target. Not what is in Cargo.lock: cargo locks optional crates that nobody asks for.
fn versions(wrong: &mut Vec<String>) -> Result<()> {
    let tree = [
        "tree",
        "--workspace",
        "--locked",
        "--target",
        "all",
        "--all-features",
        "--prefix",
        "none",
    ];
    let tree = output(cargo().args(tree).args(["--format", "{p}"]))?;
    // `sqlx v0.9.1 (*)`: the star says that it was shown before.
    let compiled: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, rest)| (name, first_word(rest)))
        .collect();
    let count = |name: &str| {
        compiled
            .iter()
            .filter(|(compiled, _)| *compiled == name)
            .count()
    };
    for name in NOT_COMPILED {
        if count(name) > 0 {
            wrong.push(format!(
                "`{name}` is compiled: see `cargo tree --workspace --target all --invert {name}`"
            ));
        }
    }
    for name in ONE_VERSION {
        match count(name) {
            1 => {}
            0 => wrong.push(format!(
                "`{name}` is no longer compiled: take it out of the layer checks"
            )),
            many => wrong.push(format!(
                "{many} versions of `{name}` are compiled: see `cargo tree --duplicates`"
            )),
        }
    }
    Ok(())
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

fn sources(wrong: &mut Vec<String>) -> Result<()> {
    let mut conditions = Vec::new();
    for name in ["domain", "app", "frontend", "server", "migrations"] {
        for path in rust_files(&root().join(name))? {
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

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
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
