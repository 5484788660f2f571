//! The same targets as those of the torture suite's P37.

#[path = "../../tests/torture/input_targets.rs"]
pub mod input_targets;
