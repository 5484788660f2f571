//! What cargo knows of the crates that are compiled.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run::{cargo, output};

/// A crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// An expression of SPDX; empty where it names none.
    pub licence: String,
    /// The registry; empty for a crate of the workspace.
    pub source: String,
    /// It writes code while others are compiled, and isn't in what comes of them.
    pub is_macro: bool,
}

impl Package {
    /// Whether it is a crate of the workspace.
    pub fn is_ours(&self) -> bool {
        self.source.is_empty()
    }
}

/// All crates that Cargo.lock names, with who needs whom.
pub struct Metadata {
    packages: BTreeMap<String, Package>,
    /// Who is compiled into whom, by their ids.
    needs: BTreeMap<String, Vec<String>>,
}

impl Metadata {
    /// Asks cargo.
    pub fn read() -> Result<Self> {
        let told: Value = serde_json::from_str(&output(cargo().args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
        ]))?)?;
        let packages = array(&told["packages"]).iter().map(|package| {
            let of = Package {
                name: word(&package["name"]),
                version: word(&package["version"]),
                licence: word(&package["license"]),
                source: word(&package["source"]),
                is_macro: array(&package["targets"]).iter().any(|target| {
                    array(&target["kind"])
                        .iter()
                        .any(|kind| kind == "proc-macro")
                }),
            };
            (word(&package["id"]), of)
        });
        let needs = array(&told["resolve"]["nodes"]).iter().map(|node| {
            let of = array(&node["deps"])
                .iter()
                .filter(|needed| is_compiled_in(needed))
                .map(|needed| word(&needed["pkg"]))
                .collect();
            (word(&node["id"]), of)
        });
        Ok(Self {
            packages: packages.collect(),
            needs: needs.collect(),
        })
    }

    /// Every crate.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }

    /// What is compiled into these crates of the workspace on one platform or another, they themselves included. What only
    /// builds them isn't.
    pub fn compiled_into(&self, names: &[&str]) -> Result<BTreeSet<&Package>> {
        let mut left = Vec::new();
        for name in names {
            let of_ours =
                |(_, package): &(&String, &Package)| package.name == *name && package.is_ours();
            let found = self.packages.iter().find(of_ours);
            left.push(
                found
                    .with_context(|| format!("there is no crate `{name}`"))?
                    .0,
            );
        }
        let mut ids = BTreeSet::new();
        while let Some(id) = left.pop() {
            let is_macro = self
                .packages
                .get(id)
                .is_some_and(|package| package.is_macro);
            if !is_macro && ids.insert(id) {
                left.extend(self.needs.get(id).into_iter().flatten());
            }
        }
        Ok(ids
            .into_iter()
            .filter_map(|id| self.packages.get(id))
            .collect())
    }
}

/// Neither for its tests nor for its build script.
fn is_compiled_in(needed: &Value) -> bool {
    array(&needed["dep_kinds"])
        .iter()
        .any(|kind| kind["kind"].is_null())
}

/// The elements; none where it isn't an array.
pub fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_program_is_told_from_what_builds_or_tests_it() -> Result<()> {
        let metadata = Metadata::read()?;
        let names: Vec<&str> = metadata
            .compiled_into(&["server"])?
            .iter()
            .map(|package| &*package.name)
            .collect();
        assert!(
            ["server", "domain", "sea-orm", "libsqlite3-sys"]
                .iter()
                .all(|name| names.contains(name))
        );
        assert!(
            !["xtask", "frontend", "lightningcss", "cc", "serde_derive"]
                .iter()
                .any(|name| names.contains(name))
        );
        Ok(())
    }
}
