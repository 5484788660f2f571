//! The server: where the pages' ports meet the database, HTTP and the clock.
//!
//! - [`store`]: the ports, on the database; one file a noun
//! - [`database`]: connections, the one writer of SQLite, checks at start
//! - [`clock`]: the instant that counts

pub mod clock;
pub mod database;
pub mod store;
