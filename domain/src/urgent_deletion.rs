//! The urgent deletion, the X: this lead is deleted now.
//!
//! Seed: "Locate the lead you wish to delete, and click the X button on the right side of its row. A confirmation
//! prompt will appear. Click OK to finalize the action, and the lead will be deleted from the system."
//!
//! It works inside business hours and while the queue is paused, waits for no undo time and asks no *changed since*.
//! A queued lead is closed under its own order; another makes an order of one, and needs a reason.

use serde::{Deserialize, Serialize};

use crate::deletion_order::OrderId;
use crate::lead::LeadId;

/// OK was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentDeletion {
    /// The lead.
    pub lead: LeadId,
    /// For a lead that isn't queued: the reason's code and the details. A queued one has its order's.
    pub because: Option<Because>,
}

/// Why a lead that isn't queued is deleted at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The reason's code.
    pub reason: String,
    /// Extra details, as they were typed.
    pub details: String,
    /// The reason's sentence was ticked.
    pub sentence_confirmed: bool,
}

/// What the X did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentlyDeleted {
    /// The order under which it went.
    pub order: OrderId,
    /// Whether the lead is gone. If not, it is `failed` in the queue.
    pub erased: bool,
    /// "L-20407 is deleted." or why not.
    pub message: String,
}
