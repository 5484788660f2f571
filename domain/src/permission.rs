//! Who may: permissions, the actor who holds them, and the proof that is handed to a port.
//!
//! Seed: "Only users with the necessary role-based permissions can delete leads."

use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::member::MemberId;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $deed:literal;)*) => {
        /// One thing that a role may do. The table *Who may* of the design.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Permission { $($(#[$doc])* $name,)* }

        impl Permission {
            /// All of them, in the order in which a page lists them.
            pub const ALL: &[Permission] = &[$(Permission::$name,)*];

            /// The word in the database.
            pub fn code(self) -> &'static str {
                match self { $(Permission::$name => $code,)* }
            }

            /// What it allows, to follow "may": "delete leads".
            pub fn deed(self) -> &'static str {
                match self { $(Permission::$name => $deed,)* }
            }

            /// The permission of that code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|p| p.code() == code)
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl Right for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*
    };
}

permissions! {
    /// See the leads of one's work stacks.
    SeeLeads = "see-leads", "see leads";
    /// Change a lead, its contact records and notes.
    EditLeads = "edit-leads", "edit leads";
    /// Delete selected leads, and undo one's own orders.
    DeleteLeads = "delete-leads", "delete leads";
    /// Delete a whole work stack, or everything that a search matches.
    DeleteAll = "delete-all", "delete a whole work stack";
    /// Take deletions off the queue, anybody's.
    RemoveDeletions = "remove-deletions", "take deletions off the queue";
    /// The X: delete one lead at once.
    DeleteNow = "delete-now", "delete a lead at once";
    /// Bring leads in from a file.
    ImportLeads = "import-leads", "import leads";
    /// Run, pause and resume the queue, retry, confirm what is held.
    RunQueue = "run-queue", "run the Deletion Queue";
    /// See the Deletion Queue; how much of it says [`QueueScope`].
    SeeQueue = "see-queue", "see the Deletion Queue";
    /// Narrows `SeeQueue` to one's own orders (a Team Leader).
    OwnOrdersOnly = "own-orders-only", "see own orders in the Deletion Queue";
    /// Narrows `SeeQueue` to references without names (an Auditor).
    ReferencesOnly = "references-only", "see references in the Deletion Queue";
    /// Read the audit log.
    ReadAudit = "read-audit", "read the audit log";
    /// Export the audit log.
    ExportAudit = "export-audit", "export the audit log";
    /// Black out an order's extra details.
    RedactDetails = "redact-details", "redact extra details";
    /// Change settings: business hours, work stacks, reasons.
    EditSettings = "edit-settings", "change settings";
    /// Change members and roles.
    EditMembers = "edit-members", "change members and roles";
}

impl Permission {
    /// What a role must also have, or this is of no use: the X is pressed in the Deletion Queue.
    pub fn needs(self) -> Option<Permission> {
        use Permission::*;
        match self {
            EditLeads | DeleteLeads => Some(SeeLeads),
            DeleteAll => Some(DeleteLeads),
            RemoveDeletions | DeleteNow | RunQueue | OwnOrdersOnly | ReferencesOnly
            | RedactDetails => Some(SeeQueue),
            ExportAudit => Some(ReadAudit),
            SeeLeads | ImportLeads | SeeQueue | ReadAudit | EditSettings | EditMembers => None,
        }
    }

    /// It takes away from another instead of giving something.
    pub fn narrows(self) -> bool {
        matches!(self, Self::OwnOrdersOnly | Self::ReferencesOnly)
    }
}

/// The first of `given` that who has `own` can't give: one gives only what one has. Who sees a part of the queue alone
/// gives that part alone.
pub fn beyond(own: &BTreeSet<Permission>, given: &BTreeSet<Permission>) -> Option<Permission> {
    let missing = given
        .iter()
        .find(|right| !right.narrows() && !own.contains(right));
    let (mine, theirs) = (queue_scope(own), queue_scope(given));
    let wider = theirs.is_some() && mine != Some(QueueScope::Everything) && mine != theirs;
    missing.copied().or(wider.then_some(Permission::SeeQueue))
}

/// How much of the queue who has these sees; `None` is nothing.
pub fn queue_scope(own: &BTreeSet<Permission>) -> Option<QueueScope> {
    if !own.contains(&Permission::SeeQueue) {
        None
    } else if own.contains(&Permission::OwnOrdersOnly) {
        Some(QueueScope::OwnOrders)
    } else if own.contains(&Permission::ReferencesOnly) {
        Some(QueueScope::References)
    } else {
        Some(QueueScope::Everything)
    }
}

/// A permission as a type, so that a port can ask for it in its signature.
pub trait Right {
    /// The permission that it stands for.
    const PERMISSION: Permission;
}

/// Who acts: a signed-in person with the rights of this very request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub member: MemberId,
    /// The name that others see.
    pub name: String,
    /// The role's name.
    pub role: String,
    /// What the role may, read anew for each request.
    pub permissions: BTreeSet<Permission>,
}

/// How much of the Deletion Queue a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueScope {
    /// Every queued lead, with its name.
    Everything,
    /// The leads of one's own orders (a Team Leader).
    OwnOrders,
    /// Every queued lead, without its name (an Auditor).
    References,
}

impl Actor {
    /// Whether this permission is among the actor's.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// The proof that this actor may do `P`, or [`Error::Forbidden`].
    pub fn granted<P: Right>(&self) -> Result<Granted<P>> {
        if self.may(P::PERMISSION) {
            Ok(Granted {
                actor: self.clone(),
                right: PhantomData,
            })
        } else {
            Err(Error::Forbidden(P::PERMISSION))
        }
    }

    /// How much of the queue this actor sees; `None` is nothing.
    pub fn queue_scope(&self) -> Option<QueueScope> {
        queue_scope(&self.permissions)
    }
}

/// The proof that somebody may do `P`. It proves a right, not a scope: *which* leads is checked where they are read.
/// Made by [`Actor::granted`] alone; neither `Clone` nor `Deserialize`.
#[derive(Debug)]
pub struct Granted<P> {
    actor: Actor,
    right: PhantomData<fn() -> P>,
}

impl<P> Granted<P> {
    /// Who was granted it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The id of who was granted it.
    pub fn member(&self) -> MemberId {
        self.actor.member
    }
}

/// The roles of a new database with what each may: the table *Who may* of the design, a column each.
pub fn first_roles() -> [(&'static str, Vec<Permission>); 5] {
    use Permission::*;
    let agent = vec![SeeLeads, EditLeads];
    let team_leader = [agent.clone(), vec![DeleteLeads, SeeQueue, OwnOrdersOnly]].concat();
    let manager = [
        agent.clone(),
        vec![
            DeleteLeads,
            DeleteAll,
            RemoveDeletions,
            DeleteNow,
            ImportLeads,
            SeeQueue,
        ],
    ]
    .concat();
    let layer_admin = Permission::ALL
        .iter()
        .copied()
        .filter(|p| !matches!(p, OwnOrdersOnly | ReferencesOnly))
        .collect();
    let auditor = vec![SeeQueue, ReferencesOnly, ReadAudit, ExportAudit];
    [
        ("Agent", agent),
        ("Team Leader", team_leader),
        ("Manager", manager),
        (LAYER_ADMIN, layer_admin),
        ("Auditor", auditor),
    ]
}

/// The role that every database keeps: the last one who holds it can't be removed.
pub const LAYER_ADMIN: &str = "Layer Admin";

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn somebody(role: &str) -> Actor {
        let (name, permissions) = first_roles()
            .into_iter()
            .find(|(name, _)| *name == role)
            .unwrap();
        Actor {
            member: MemberId(1),
            name: "Somebody".into(),
            role: name.into(),
            permissions: permissions.into_iter().collect(),
        }
    }

    #[test]
    fn an_agent_is_granted_nothing_that_deletes() {
        let agent = somebody("Agent");
        assert!(agent.granted::<DeleteLeads>().is_err());
        assert!(agent.granted::<DeleteNow>().is_err());
        assert_eq!(agent.queue_scope(), None);
    }

    #[test]
    fn each_role_sees_its_own_part_of_the_queue() {
        assert_eq!(
            somebody("Team Leader").queue_scope(),
            Some(QueueScope::OwnOrders)
        );
        assert_eq!(
            somebody("Manager").queue_scope(),
            Some(QueueScope::Everything)
        );
        assert_eq!(
            somebody("Layer Admin").queue_scope(),
            Some(QueueScope::Everything)
        );
        assert_eq!(
            somebody("Auditor").queue_scope(),
            Some(QueueScope::References)
        );
    }

    fn rights(role: &str) -> BTreeSet<Permission> {
        somebody(role).permissions
    }

    #[test]
    fn one_gives_only_what_one_has() {
        for (role, _) in first_roles() {
            assert_eq!(beyond(&rights(LAYER_ADMIN), &rights(role)), None, "{role}");
        }
        assert_eq!(
            beyond(&rights("Agent"), &rights("Team Leader")),
            Some(Permission::DeleteLeads)
        );
        // Less of the queue isn't another part of it, and a narrowed right isn't the whole one.
        let own: BTreeSet<_> = [Permission::SeeQueue, Permission::OwnOrdersOnly].into();
        let whole: BTreeSet<_> = [Permission::SeeQueue].into();
        let references: BTreeSet<_> = [Permission::SeeQueue, Permission::ReferencesOnly].into();
        assert_eq!(beyond(&own, &own), None);
        assert_eq!(beyond(&own, &whole), Some(Permission::SeeQueue));
        assert_eq!(beyond(&own, &references), Some(Permission::SeeQueue));
        assert_eq!(beyond(&whole, &references), None);
    }

    #[test]
    fn every_permission_is_found_by_its_code() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_code(permission.code()), Some(*permission));
        }
    }
}
