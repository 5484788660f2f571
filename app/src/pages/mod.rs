//! The pages, one file for one address.

pub mod account;
pub mod asked;
pub mod audit_log;
pub mod business_hours;
pub mod grid;
pub mod home;
pub mod import;
pub mod lead;
pub mod lead_management;
pub mod members;
pub mod order;
pub mod orders;
pub mod reasons;
pub mod roles;
pub mod sign_in;
pub mod work_stack_editor;
pub mod work_stack_settings;
pub mod work_stacks;
