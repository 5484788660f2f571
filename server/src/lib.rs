//! The server: where the pages' ports meet the database, HTTP and the clock.
//!
//! - [`store`]: the ports, on the database; one file a noun
//! - [`database`]: connections, the one writer of SQLite, checks at start
//! - [`entity`]: its rows, one file a table
//! - [`clock`]: the instant that counts
//! - [`web`]: HTTP: pages, server functions, sessions, the live stream
//! - [`command`]: the command line
//! - [`worker`]: runs the Deletion Queue

pub mod clock;
pub mod command;
pub mod database;
pub mod demo;
pub mod entity;
pub mod import;
pub mod mail;
pub mod store;
pub mod telephone;
pub mod throttle;
pub mod told;
pub mod web;
pub mod worker;
