//! What is inside of a release: its bill of materials, as CycloneDX writes it.
//!
//! <https://cyclonedx.org/docs/1.6/json/>

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::metadata::{Metadata, Package};

/// The crates that a release is compiled of: the program, and the browser's half that it carries.
const RELEASE: [&str; 2] = ["server", "frontend"];

/// Writes it; answers how many crates it names.
pub fn write(to: &Path) -> Result<usize> {
    let metadata = Metadata::read()?;
    let packages = metadata.compiled_into(&RELEASE)?;
    let components: Vec<Value> = packages
        .iter()
        .filter(|package| !package.is_ours())
        .map(|package| component(package))
        .collect();
    let many = components.len();
    let layer = packages.iter().find(|package| package.is_ours());
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "name": "layer",
            "version": layer.map(|package| &package.version),
        }},
        "components": components,
    });
    fs::write(to, serde_json::to_vec_pretty(&bill)?)?;
    Ok(many)
}

fn component(package: &Package) -> Value {
    let Package {
        name,
        version,
        licence,
        ..
    } = package;
    let url = format!("pkg:cargo/{name}@{version}");
    json!({
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "purl": url,
        // Crates of old write a slash where SPDX writes OR.
        "licenses": [{ "expression": licence.replace(" / ", " OR ").replace('/', " OR ") }],
    })
}
