//! Layer's words and rules.
//!
//! Pure: no I/O, no clock, no randomness, no Leptos, no database. Decisions are functions that take `now` and the zone
//! as arguments; what needs the outside is asked for in [`ports`].
//!
//! One file is one noun, and the noun has the same file name in `app`, `server` and `end2end`:
//! - who: [`permission`], [`role`], [`member`], [`session`], [`account`], [`password`], [`who_may`]
//! - the data: [`lead`], [`work_stack`], [`selection`], [`import`]
//! - the deletion: [`reason`], [`draft`], [`deletion_order`], [`deletion`], [`deletion_queue`], [`urgent_deletion`],
//!   [`removal`], [`lead_stats`]
//! - when: [`business_hours`], [`hours_setting`], [`undo_time`], [`time`]
//! - the proof: [`audit`], [`audit_log`], [`checkpoint`], [`live`], [`told`]
//! - words for people: [`error`], [`text`]; finding by typing: [`palette`]

pub mod account;
pub mod ask_first;
pub mod audit;
pub mod audit_log;
pub mod business_hours;
pub mod checkpoint;
pub mod deletion;
pub mod deletion_chart;
pub mod deletion_order;
pub mod deletion_queue;
pub mod draft;
pub mod erased_lead;
pub mod error;
pub mod health;
pub mod hours_setting;
pub mod import;
pub mod lead;
pub mod lead_edit;
pub mod lead_stats;
pub mod live;
pub mod member;
pub mod palette;
pub mod password;
pub mod permission;
pub mod ports;
pub mod reason;
pub mod removal;
pub mod role;
pub mod selection;
pub mod session;
pub mod text;
pub mod time;
pub mod told;
pub mod undo_time;
pub mod urgent_deletion;
pub mod version;
pub mod who_may;
pub mod work_stack;
pub mod work_stack_settings;

pub use error::{Error, FieldError, Result};
pub use permission::{Actor, Granted, Permission};
