//! Small components that several pages use.

pub mod actions;
pub mod copy;
pub mod dialog;
pub mod draft_dialog;
pub mod draft_facts;
pub mod focus;
pub mod form;
pub mod frame;
pub mod icon;
pub mod lead_edit;
pub mod lead_panel;
pub mod list;
pub mod not_sure;
pub mod overlay;
pub mod pace;
pub mod page;
pub mod pages;
pub mod palette;
pub mod problem;
pub mod redact;
pub mod shell;
pub mod skeleton;
pub mod status;
pub mod toast;
pub mod tools;
pub mod zone;
