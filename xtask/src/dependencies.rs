//! The crates that are compiled: which, how many of each, from where, and under which licences.

use std::collections::BTreeSet;

use anyhow::Result;
use spdx::{Expression, LicenseReq, ParseMode};

use crate::metadata::Metadata;
use crate::run::{cargo, first_word, output};

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

/// Where crates come from: the registry alone, whose releases don't change.
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What Layer may be built of, as SPDX names it: each lets a company run and change Layer without opening what is its own.
/// The Mozilla licence asks for changes of its own files alone.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Says what is wrong with them.
pub fn check(wrong: &mut Vec<String>) -> Result<()> {
    versions(wrong)?;
    let metadata = Metadata::read()?;
    for package in metadata.packages().filter(|package| !package.is_ours()) {
        if package.source != SOURCE {
            wrong.push(format!(
                "`{}` comes from {}, and not from the registry",
                package.name, package.source
            ));
        }
        if !may_be_used(&package.licence) {
            wrong.push(format!(
                "`{}` is under `{}`, which is none of the licences in xtask/src/dependencies.rs",
                package.name, package.licence
            ));
        }
    }
    Ok(())
}

/// Whether one of the ways that this expression leaves open is ours. Crates of old write `MIT/Apache-2.0`.
fn may_be_used(licence: &str) -> bool {
    let ours = |wanted: &LicenseReq| {
        let name = wanted.license.id().map(|id| id.name);
        LICENCES.iter().any(|ours| name == Some(*ours))
    };
    Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|licence| licence.evaluate(ours))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_that_asks_for_the_source_is_refused_unless_another_can_be_taken() {
        assert!(may_be_used("MIT/Apache-2.0"));
        assert!(may_be_used("(Apache-2.0 OR MIT) AND BSD-3-Clause"));
        assert!(may_be_used("MIT OR LGPL-2.1-or-later"));
        assert!(!may_be_used("AGPL-3.0-only"));
        assert!(!may_be_used("MIT AND GPL-3.0-only"));
        assert!(!may_be_used(""));
    }
}
