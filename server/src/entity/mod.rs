//! The rows of the database, one file a table, for work on one row at a time. What is done to sets of rows is SQL, in
//! [`crate::store`].
//!
//! Yes and no are 1 and 0, instants are milliseconds. No row goes over the wire: what a person gets is made of
//! `domain`'s words. A test holds them against the live schema.
#![expect(
    missing_docs,
    reason = "the columns are explained in migrations/sql/first.sql"
)]

pub mod activity;
pub mod audit_about;
pub mod audit_entry;
pub mod audit_head;
pub mod audit_text;
pub mod contact_record;
pub mod deletion;
pub mod deletion_day;
pub mod deletion_order;
pub mod draft;
pub mod draft_lead;
pub mod former_work_stack;
pub mod import;
pub mod import_file;
pub mod import_refusal;
pub mod lead;
pub mod lead_key;
pub mod lead_stat;
pub mod lead_stat_delta;
pub mod member;
pub mod open_deletion;
pub mod queue_run;
pub mod reason;
pub mod role;
pub mod role_permission;
pub mod security_event;
pub mod session;
pub mod setting;
pub mod sign_in_try;
pub mod work_stack;
pub mod work_stack_role;
