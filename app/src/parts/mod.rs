//! Small components that several pages use.

pub mod actions;
pub mod dialog;
pub mod draft_dialog;
pub mod draft_facts;
pub mod form;
pub mod frame;
pub mod icon;
pub mod lead_edit;
pub mod lead_panel;
pub mod not_sure;
pub mod overlay;
pub mod pace;
pub mod page;
pub mod palette;
pub mod problem;
pub mod shell;
pub mod skeleton;
pub mod status;
pub mod toast;
pub mod tools;
pub mod zone;
