//! layer
fn main() {}
