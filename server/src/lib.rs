//! The server: where the pages' ports meet the database, HTTP and the clock.
//!
//! - [`store`]: the ports, on the database; one file a noun
//! - [`database`]: connections, the one writer of SQLite, checks at start
//! - [`entity`]: its rows, one file a table
//! - [`fault`]: where the torture suite makes statements fail
//! - [`clock`]: the instant that counts
//! - [`web`]: HTTP: pages, server functions, sessions, the live stream
//! - [`command`]: the command line
//! - [`worker`]: runs the Deletion Queue
//! - [`neighbours`]: the other nodes on one PostgreSQL
//! - [`lasting`]: tasks that begin anew where they panicked

pub mod checkpoint;
pub mod clock;
pub mod command;
pub mod database;
pub mod demo;
pub mod entity;
pub mod fault;
pub mod import;
pub mod lasting;
pub mod mail;
pub mod neighbours;
pub mod sheet;
pub mod store;
pub mod telephone;
pub mod told;
pub mod web;
pub mod worker;
