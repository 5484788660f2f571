//! What the pages ask of the outside. `server` implements these traits on the database and hands them to `app` as a
//! [`Backend`].
//!
//! Every method that changes something or returns personal data asks for a [`Granted`]: the right is in the signature.
//! *Which* leads it reaches is checked in the statement that reads them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::ask_first::{AskedLeads, AskedPage, Asking, Dismissal};
use crate::audit::{AuditPage, AuditRequest};
use crate::business_hours::BusinessHours;
use crate::deletion_order::{OrderId, OrderPage, OrderPart, OrderRows, OrdersPage, Undone};
use crate::deletion_queue::{LeadManagement, QueuePage, QueueRequest};
use crate::draft::{Confirmation, Confirmed, Draft, DraftId};
use crate::error::Result;
use crate::import::{ImportId, ImportPage, Mapping};
use crate::lead::{LeadId, LeadPage};
use crate::member::MembersPage;
use crate::permission::{
    Actor, DeleteAll, DeleteLeads, DeleteNow, EditMembers, EditSettings, Granted, ImportLeads,
    ReadAudit, RedactDetails, RemoveDeletions, RunQueue, SeeLeads, SeeQueue,
};
use crate::reason::Reason;
use crate::removal::{Removal, RemovalId, RemovalPreview, Removed};
use crate::selection::Selection;
use crate::session::{Shell, SignInOptions};
use crate::undo_time::UndoTime;
use crate::urgent_deletion::{UrgentDeletion, UrgentlyDeleted};
use crate::work_stack::{
    Changes, ErasedRow, GridPage, GridRows, GridView, RangeRequest, RereadRequest, RowsRequest,
    WorkStackId, WorkStackSetting,
};

/// Everything that a page can ask for.
pub type Backend = Arc<dyn Ports>;

/// All ports in one object.
pub trait Ports:
    Sessions
    + WorkStacks
    + Leads
    + Drafts
    + AskFirst
    + DeletionOrders
    + DeletionQueue
    + UrgentDeletions
    + Removals
    + Imports
    + AuditLog
    + Settings
    + Send
    + Sync
    + 'static
{
}

impl<T> Ports for T where
    T: Sessions
        + WorkStacks
        + Leads
        + Drafts
        + AskFirst
        + DeletionOrders
        + DeletionQueue
        + UrgentDeletions
        + Removals
        + Imports
        + AuditLog
        + Settings
        + Send
        + Sync
        + 'static
{
}

/// Being signed in.
#[async_trait]
pub trait Sessions {
    /// What the sign-in page shows to anybody.
    async fn sign_in_options(&self) -> Result<SignInOptions>;
    /// The frame around every page for this person.
    async fn shell(&self, actor: &Actor) -> Result<Shell>;
}

/// Work stacks and their Grid View.
#[async_trait]
pub trait WorkStacks {
    /// The Grid View, refreshed, with its first rows. 404 for a stack that this person doesn't see.
    async fn grid(&self, by: Granted<SeeLeads>, view: GridView) -> Result<GridPage>;
    /// Further rows of a view that stands.
    async fn rows(&self, by: Granted<SeeLeads>, request: RowsRequest) -> Result<GridRows>;
    /// What has changed in a view that stands.
    async fn reread(&self, by: Granted<SeeLeads>, request: RereadRequest) -> Result<Changes>;
    /// The leads between two rows that can be ticked, in no order. More than can be ticked one by one are refused.
    async fn between(&self, by: Granted<DeleteLeads>, request: RangeRequest)
    -> Result<Vec<LeadId>>;
    /// "Deleted from this stack", newest first, 100 at most, with numbers below `before`.
    async fn erased_from(
        &self,
        by: Granted<SeeLeads>,
        stack: WorkStackId,
        before: Option<i64>,
    ) -> Result<Vec<ErasedRow>>;
}

/// Leads.
#[async_trait]
pub trait Leads {
    /// The panel. 404 for a lead in none of this person's stacks.
    async fn lead(&self, by: Granted<SeeLeads>, lead: LeadId) -> Result<LeadPage>;
}

/// Drafts: the dialog.
#[async_trait]
pub trait Drafts {
    /// Freezes ticked leads. A selection that matches a whole view is refused here: it asks for DeleteAll.
    async fn draft_leads(
        &self,
        by: Granted<DeleteLeads>,
        stack: WorkStackId,
        selection: Selection,
    ) -> Result<Draft>;
    /// Freezes a whole view, less its exceptions.
    async fn draft_matching(&self, by: Granted<DeleteAll>, selection: Selection) -> Result<Draft>;
    /// Confirms: one order, once, however often it is sent.
    async fn confirm(
        &self,
        by: Granted<DeleteLeads>,
        confirmation: Confirmation,
    ) -> Result<Confirmed>;
}

/// Asked drafts. Who may run the queue answers them: the Layer Admins.
#[async_trait]
pub trait AskFirst {
    /// Hands one's own draft to the Layer Admins, once, however often it is sent; the message that says so.
    async fn ask_first(&self, by: Granted<DeleteLeads>, asking: Asking) -> Result<String>;
    /// One has looked at the answers to what one asked: they are new no more.
    async fn answers_seen(&self, by: Granted<DeleteLeads>) -> Result<()>;
    /// The page of an asked draft, answered ones too.
    async fn asked(&self, by: Granted<RunQueue>, draft: DraftId) -> Result<AskedPage>;
    /// A further page of its leads.
    async fn asked_leads(
        &self,
        by: Granted<RunQueue>,
        draft: DraftId,
        after: LeadId,
    ) -> Result<AskedLeads>;
    /// The dialog on an asked draft that waits: the same frozen leads, counted anew.
    async fn open_asked(&self, by: Granted<RunQueue>, draft: DraftId) -> Result<Draft>;
    /// Deletes the leads of an asked draft: an order in this person's name. Refused to who may not delete leads.
    async fn confirm_asked(
        &self,
        by: Granted<RunQueue>,
        confirmation: Confirmation,
    ) -> Result<Confirmed>;
    /// Sends an asked draft back.
    async fn dismiss(&self, by: Granted<RunQueue>, dismissal: Dismissal) -> Result<()>;
}

/// Deletion orders.
#[async_trait]
pub trait DeletionOrders {
    /// The order's page with the first rows of a part, or of the one that matters most. 404 for an order that this
    /// person doesn't see.
    async fn order(
        &self,
        by: Granted<SeeQueue>,
        order: OrderId,
        part: Option<OrderPart>,
    ) -> Result<OrderPage>;
    /// A further page of a part.
    async fn order_rows(
        &self,
        by: Granted<SeeQueue>,
        order: OrderId,
        part: OrderPart,
        after: i64,
    ) -> Result<OrderRows>;
    /// One's own orders, newest first, older than `after`.
    async fn my_orders(
        &self,
        by: Granted<DeleteLeads>,
        after: Option<OrderId>,
    ) -> Result<OrdersPage>;
    /// Takes back what still waits of one's own order.
    async fn undo(&self, by: Granted<DeleteLeads>, order: OrderId) -> Result<Undone>;
    /// Blacks out what was typed for an order: its extra details, and what was asked and answered before it.
    async fn redact_details(&self, by: Granted<RedactDetails>, order: OrderId) -> Result<()>;
}

/// The Deletion Queue.
#[async_trait]
pub trait DeletionQueue {
    /// Lead Management, less its rows.
    async fn lead_management(&self, by: Granted<SeeQueue>) -> Result<LeadManagement>;
    /// A page of the queue.
    async fn queue(&self, by: Granted<SeeQueue>, request: QueueRequest) -> Result<QueuePage>;
    /// Starts a run now, whatever the hours; with `also_younger` also of what is younger than the undo time. Refused
    /// while paused.
    async fn run_now(&self, by: Granted<RunQueue>, also_younger: bool) -> Result<()>;
    /// Pauses the queue; a batch that is on ends first.
    async fn pause(&self, by: Granted<RunQueue>) -> Result<()>;
    /// Resumes the queue.
    async fn resume(&self, by: Granted<RunQueue>) -> Result<()>;
    /// A failed deletion waits again, with five new tries.
    async fn retry(&self, by: Granted<RunQueue>, lead: LeadId) -> Result<()>;
    /// A deletion held for withdrawn rights waits again, on this person's word.
    async fn confirm_held(&self, by: Granted<RunQueue>, lead: LeadId) -> Result<()>;
}

/// The X.
#[async_trait]
pub trait UrgentDeletions {
    /// Deletes one lead now.
    async fn delete_now(
        &self,
        by: Granted<DeleteNow>,
        urgent: UrgentDeletion,
    ) -> Result<UrgentlyDeleted>;
    /// The reasons to choose from for a lead that isn't queued.
    async fn urgent_reasons(&self, by: Granted<DeleteNow>) -> Result<Vec<Reason>>;
}

/// Remove Deletions.
#[async_trait]
pub trait Removals {
    /// What it would take off: all, or what the search shows.
    async fn removal_preview(
        &self,
        by: Granted<RemoveDeletions>,
        search: String,
    ) -> Result<RemovalPreview>;
    /// Takes open deletions off the queue.
    async fn remove(&self, by: Granted<RemoveDeletions>, removal: Removal) -> Result<Removed>;
    /// Undoes a removal by new orders, one for each old one.
    async fn undo_removal(
        &self,
        by: Granted<RemoveDeletions>,
        removal: RemovalId,
    ) -> Result<Confirmed>;
}

/// Imports. The file itself comes by a route of its own.
#[async_trait]
pub trait Imports {
    /// An import as it stands. 404 for another person's.
    async fn import(&self, by: Granted<ImportLeads>, import: ImportId) -> Result<ImportPage>;
    /// The same under another mapping.
    async fn import_mapping(
        &self,
        by: Granted<ImportLeads>,
        import: ImportId,
        mapping: Mapping,
    ) -> Result<ImportPage>;
    /// Starts it; it goes on in the background.
    async fn import_start(&self, by: Granted<ImportLeads>, import: ImportId) -> Result<ImportPage>;
}

/// The audit log.
#[async_trait]
pub trait AuditLog {
    /// A page of it, newest first.
    async fn audit_log(&self, by: Granted<ReadAudit>, request: AuditRequest) -> Result<AuditPage>;
}

/// Settings.
#[async_trait]
pub trait Settings {
    /// Business hours, undo time and the region for telephone numbers without `+`.
    async fn hours(&self, by: Granted<EditSettings>) -> Result<HoursSetting>;
    /// Saves them. The time zone must be one that the server knows.
    async fn save_hours(&self, by: Granted<EditSettings>, setting: HoursSetting) -> Result<()>;
    /// The work stacks.
    async fn work_stack_settings(&self, by: Granted<EditSettings>)
    -> Result<Vec<WorkStackSetting>>;
    /// Where everybody starts on this stack.
    async fn set_hides_deletions(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        hides: bool,
    ) -> Result<()>;
    /// The reasons.
    async fn reasons(&self, by: Granted<EditSettings>) -> Result<Vec<Reason>>;
    /// Members and roles.
    async fn members(&self, by: Granted<EditMembers>) -> Result<MembersPage>;
}

/// The page Settings > Business hours.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HoursSetting {
    /// The hours.
    pub hours: BusinessHours,
    /// The undo time.
    pub undo_time: UndoTime,
    /// The region in which a number without `+` is read: `GB`.
    pub region: String,
    /// When a deletion ordered now would leave: "at 19:00". Not read when saving.
    pub leaves: String,
}
