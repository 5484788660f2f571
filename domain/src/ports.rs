//! What the pages ask of the outside. `server` implements these traits on the database and hands them to `app` as a
//! [`Backend`].
//!
//! Every method that changes something or returns personal data asks for a [`Granted`]: the right is in the signature.
//! *Which* leads it reaches is checked in the statement that reads them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::account::{AccountPage, PasswordChange};
use crate::ask_first::{AskedLeads, AskedPage, Asking, Dismissal};
use crate::audit_log::{AuditChoices, AuditPage, AuditRequest, Verification};
use crate::deletion_chart::DeletionChart;
use crate::deletion_order::{OrderId, OrderPage, OrderPart, OrderRows, OrdersPage, Undone};
use crate::deletion_queue::{LeadManagement, QueuePage, QueueRequest};
use crate::draft::{Confirmation, Confirmed, Draft, DraftId};
use crate::error::Result;
use crate::hours_setting::{HoursForm, HoursPage};
use crate::import::{ImportId, ImportPage, Mapping};
use crate::lead::{LeadId, LeadPage, LeadRequest};
use crate::lead_edit::LeadEdit;
use crate::member::{MemberEdit, MemberForm, MemberId, MembersPage, PasswordGiven};
use crate::palette::FoundLead;
use crate::password::Password;
use crate::permission::{
    Actor, DeleteAll, DeleteLeads, DeleteNow, EditLeads, EditMembers, EditSettings, Granted,
    ImportLeads, Permission, ReadAudit, RedactDetails, RemoveDeletions, RunQueue, SeeLeads,
    SeeQueue,
};
use crate::reason::{Reason, ReasonForm, ReasonSetting};
use crate::removal::{Removal, RemovalId, RemovalPreview, Removed};
use crate::role::{RoleForm, RoleId, RolesPage};
use crate::selection::Selection;
use crate::session::{Shell, SignInOptions};
use crate::urgent_deletion::{UrgentDeletion, UrgentlyDeleted};
use crate::version::Version;
use crate::work_stack::{
    Changes, ErasedRow, Filter, GridPage, GridRows, GridView, RangeRequest, RereadRequest,
    RowsRequest, WorkStackId,
};
use crate::work_stack_settings::{WorkStackEditor, WorkStackForm, WorkStackSetting};

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
    + DeletionCharts
    + UrgentDeletions
    + Removals
    + Imports
    + AuditLog
    + Settings
    + WorkStackSettings
    + Reasons
    + Members
    + Roles
    + Account
    + Palette
    + WhoMay
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
        + DeletionCharts
        + UrgentDeletions
        + Removals
        + Imports
        + AuditLog
        + Settings
        + WorkStackSettings
        + Reasons
        + Members
        + Roles
        + Account
        + Palette
        + WhoMay
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
    /// The panel. 404 for a lead in none of this person's stacks, and for one that never was; 410 for an erased one that
    /// this person could have seen.
    async fn lead(&self, by: Granted<SeeLeads>, request: LeadRequest) -> Result<LeadPage>;
    /// Changes a lead of this person's stacks, and what to say then. Refused where it changed after the revision that
    /// the edit names.
    async fn edit_lead(&self, by: Granted<EditLeads>, edit: LeadEdit) -> Result<String>;
}

/// The command palette.
#[async_trait]
pub trait Palette {
    /// Leads of this person's stacks by name, reference, number or e-mail, a few at most.
    async fn find_leads(&self, by: Granted<SeeLeads>, typed: String) -> Result<Vec<FoundLead>>;
}

/// Whom to ask.
#[async_trait]
pub trait WhoMay {
    /// Which roles may, and who the Layer Admins are, in a sentence; for anybody who is signed in.
    async fn who_may(&self, actor: &Actor, permission: Permission) -> Result<String>;
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
    /// Blacks out what was asked and answered, where no order came of it: an order's own words go with its details.
    async fn redact_asked(&self, by: Granted<RedactDetails>, draft: DraftId) -> Result<()>;
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

/// The picture on Lead Management.
#[async_trait]
pub trait DeletionCharts {
    /// Deletions by reason in the last weeks, of what this person's queue shows.
    async fn deletion_chart(&self, by: Granted<SeeQueue>) -> Result<DeletionChart>;
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
    /// Undoes a removal by new orders, one for each old one; once, however often it is sent. Forbidden to who may not delete.
    async fn undo_removal(
        &self,
        by: Granted<RemoveDeletions>,
        removal: RemovalId,
    ) -> Result<Confirmed>;
    /// Blacks out what was typed for a removal that took deletions of this order.
    async fn redact_removal(
        &self,
        by: Granted<RedactDetails>,
        order: OrderId,
        removal: RemovalId,
    ) -> Result<()>;
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
    /// Starts it; it goes on in the background. `mapping` is what its columns were shown as, and `valid` how many rows it was
    /// said to import: where either is another by now it is refused.
    async fn import_start(
        &self,
        by: Granted<ImportLeads>,
        import: ImportId,
        mapping: Mapping,
        valid: u64,
    ) -> Result<ImportPage>;
}

/// The audit log. Its export goes by a route of its own.
#[async_trait]
pub trait AuditLog {
    /// A page of what is looked for, newest first.
    async fn audit_log(&self, by: Granted<ReadAudit>, request: AuditRequest) -> Result<AuditPage>;
    /// What the search's lists offer.
    async fn audit_choices(&self, by: Granted<ReadAudit>) -> Result<AuditChoices>;
    /// How the verification stands, or how the last one ended.
    async fn verification(&self, by: Granted<ReadAudit>) -> Result<Verification>;
    /// Starts to verify the whole log, in the background; one that is on goes on.
    async fn verify(&self, by: Granted<ReadAudit>) -> Result<Verification>;
}

/// Settings.
#[async_trait]
pub trait Settings {
    /// Business hours, undo time and the region for telephone numbers without `+`.
    async fn hours(&self, by: Granted<EditSettings>) -> Result<HoursPage>;
    /// When a deletion ordered now would leave if the form were saved; refused with all that is wrong with it.
    async fn preview_hours(&self, by: Granted<EditSettings>, form: HoursForm) -> Result<String>;
    /// Saves them over the version that the form showed; the new one.
    async fn save_hours(
        &self,
        by: Granted<EditSettings>,
        form: HoursForm,
        seen: Version,
    ) -> Result<Version>;
}

/// Work stacks as a Layer Admin makes, edits, orders and deletes them. None of it deletes a lead.
#[async_trait]
pub trait WorkStackSettings {
    /// All stacks, in their order.
    async fn work_stack_settings(&self, by: Granted<EditSettings>)
    -> Result<Vec<WorkStackSetting>>;
    /// The form of a stack, or of a new one, with what there is to choose from.
    async fn work_stack_editor(
        &self,
        by: Granted<EditSettings>,
        stack: Option<WorkStackId>,
    ) -> Result<WorkStackEditor>;
    /// How many leads a filter takes that isn't saved (yet): what a stack with it would show.
    async fn count_filter(&self, by: Granted<EditSettings>, filter: Filter) -> Result<u64>;
    /// Saves a stack, or makes one. Refused where somebody else changed it since the form was opened.
    async fn save_work_stack(
        &self,
        by: Granted<EditSettings>,
        form: WorkStackForm,
    ) -> Result<WorkStackId>;
    /// Where everybody starts on this stack.
    async fn set_hides_deletions(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        hides: bool,
    ) -> Result<()>;
    /// Moves a stack one place up or down.
    async fn move_work_stack(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        up: bool,
    ) -> Result<()>;
    /// Deletes a stack as it was shown: with another version, somebody changed it since.
    async fn delete_work_stack(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        version: Version,
    ) -> Result<()>;
}

/// Reasons: why leads are deleted.
#[async_trait]
pub trait Reasons {
    /// The reasons, in their order.
    async fn reasons(&self, by: Granted<EditSettings>) -> Result<Vec<ReasonSetting>>;
    /// Adds one or changes one. Orders that have it keep their policy.
    async fn save_reason(&self, by: Granted<EditSettings>, form: ReasonForm) -> Result<()>;
    /// Moves one up or down by a place; at the end it stays.
    async fn move_reason(&self, by: Granted<EditSettings>, code: String, up: bool) -> Result<()>;
    /// Deletes one that no order has.
    async fn delete_reason(&self, by: Granted<EditSettings>, code: String) -> Result<()>;
}

/// Members. Whoever is edited, and the role they are given, has no right that who edits doesn't have.
#[async_trait]
pub trait Members {
    /// Members, with the roles to give.
    async fn members(&self, by: Granted<EditMembers>) -> Result<MembersPage>;
    /// Adds one.
    async fn new_member(&self, by: Granted<EditMembers>, form: MemberForm)
    -> Result<PasswordGiven>;
    /// Changes a name or a role; one's own name alone. What came of it in words.
    async fn edit_member(&self, by: Granted<EditMembers>, edit: MemberEdit) -> Result<String>;
    /// Deactivates another, which signs them out, or lets them in again. What came of it in words.
    async fn set_active(
        &self,
        by: Granted<EditMembers>,
        member: MemberId,
        active: bool,
    ) -> Result<String>;
    /// Gives another a password, which ends all their sessions; an empty one: the server makes one.
    async fn reset_password(
        &self,
        by: Granted<EditMembers>,
        member: MemberId,
        password: Password,
    ) -> Result<PasswordGiven>;
}

/// Roles. Nobody edits their own, one with a right that they lack, or the Layer Admin.
#[async_trait]
pub trait Roles {
    /// The roles, in their order.
    async fn roles(&self, by: Granted<EditMembers>) -> Result<RolesPage>;
    /// Adds one or changes one. What came of it in words.
    async fn save_role(&self, by: Granted<EditMembers>, form: RoleForm) -> Result<String>;
    /// Deletes one that nobody has, and without which every work stack is still seen.
    async fn delete_role(&self, by: Granted<EditMembers>, role: RoleId) -> Result<()>;
}

/// One's own account: no right is needed but being signed in.
#[async_trait]
pub trait Account {
    /// The page.
    async fn account(&self, actor: &Actor) -> Result<AccountPage>;
    /// Changes one's own password, which ends all one's sessions: one signs in with the new one.
    async fn change_password(&self, actor: &Actor, change: PasswordChange) -> Result<()>;
    /// Ends all one's sessions.
    async fn sign_out_everywhere(&self, actor: &Actor) -> Result<()>;
}
