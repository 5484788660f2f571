//! A role: a name for a set of permissions. A Layer Admin edits roles, gives only what they have, and never their own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Wrong};
use crate::permission::Permission;
use crate::text;
use crate::version::Version;

/// A role's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoleId(pub i64);

/// A role's name has at most so many characters.
pub const MOST_NAME: usize = 60;

/// There are at most so many roles.
pub const MOST_ROLES: usize = 100;

/// The ticks of a role in their groups.
pub const GROUPS: [(&str, &[Permission]); 5] = {
    use Permission::*;
    [
        ("Leads", &[SeeLeads, EditLeads, ImportLeads]),
        ("Deleting", &[DeleteLeads, DeleteAll]),
        (
            "Deletion Queue",
            &[
                SeeQueue,
                OwnOrdersOnly,
                ReferencesOnly,
                DeleteNow,
                RemoveDeletions,
                RunQueue,
            ],
        ),
        ("Audit log", &[ReadAudit, ExportAudit, RedactDetails]),
        ("Settings", &[EditSettings, EditMembers]),
    ]
};

/// A role as Settings lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSetting {
    /// The number.
    pub id: RoleId,
    /// What was seen of name and permissions.
    pub version: Version,
    /// The name.
    pub name: String,
    /// What it may.
    pub permissions: Vec<Permission>,
    /// How many have it, deactivated ones too.
    pub members: u64,
    /// The work stacks that it sees.
    pub stacks: Vec<String>,
    /// Deletions that its members ordered and that wait: they are held if it loses the right to delete.
    pub waiting: u64,
    /// Why the person who looks can't edit it: a full sentence.
    pub locked: Option<String>,
    /// The person who looks may give it to somebody.
    pub may_give: bool,
}

impl RoleSetting {
    /// Whether it has this permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

/// The page Settings > Roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesPage {
    /// Every role, in its order.
    pub roles: Vec<RoleSetting>,
    /// What the person who looks may give.
    pub may_give: Vec<Permission>,
}

/// A role as it is typed and ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleForm {
    /// The one that is edited; `None` is a new one.
    pub role: Option<RoleId>,
    /// What was seen of it.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// What it may.
    pub permissions: BTreeSet<Permission>,
}

impl RoleForm {
    /// The name as it will be kept, or all that is wrong.
    pub fn check(&self) -> Result<String> {
        use Permission::*;
        let mut wrong = Wrong::default();
        let name = text::line(&self.name);
        if name.is_empty() {
            wrong.add("Name", "Give the role a name.");
        } else if name.chars().count() > MOST_NAME {
            wrong.add(
                "Name",
                format!("The name has at most {MOST_NAME} characters. Shorten it."),
            );
        }
        for permission in &self.permissions {
            if let Some(needs) = permission.needs()
                && !self.permissions.contains(&needs)
            {
                wrong.add(
                    permission.deed(),
                    format!(
                        "To {}, a role must also {}. Tick that too.",
                        permission.deed(),
                        needs.deed()
                    ),
                );
            }
        }
        if self.permissions.contains(&OwnOrdersOnly) && self.permissions.contains(&ReferencesOnly) {
            wrong.add(
                ReferencesOnly.deed(),
                "Choose one: own orders alone, or references alone.",
            );
        }
        wrong.end()?;
        Ok(name)
    }

    /// That there is another role of this name.
    pub fn taken() -> Error {
        Error::field("Name", "There is a role of this name. Choose another.")
    }
}

/// What a change did beside what was asked, to follow it: deletions that are held by it.
pub fn held_words(held: u64) -> String {
    match held {
        0 => String::new(),
        1 => " 1 waiting deletion is on hold until a Layer Admin confirms it.".into(),
        n => format!(
            " {} waiting deletions are on hold until a Layer Admin confirms them.",
            text::number(n)
        ),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::permission::first_roles;

    fn form(permissions: &[Permission]) -> RoleForm {
        RoleForm {
            role: None,
            version: None,
            name: " Portal\n team ".into(),
            permissions: permissions.iter().copied().collect(),
        }
    }

    #[test]
    fn every_permission_has_one_tick() {
        let ticks: Vec<_> = GROUPS.iter().flat_map(|(_, group)| *group).collect();
        assert_eq!(ticks.len(), Permission::ALL.len());
        assert!(Permission::ALL.iter().all(|right| ticks.contains(&right)));
    }

    #[test]
    fn the_first_roles_are_whole() {
        for (name, permissions) in first_roles() {
            assert!(form(&permissions).check().is_ok(), "{name}");
        }
        assert_eq!(form(&[]).check().unwrap(), "Portal team");
    }

    #[test]
    fn what_a_permission_needs_is_told_for_each_at_once() {
        use Permission::*;
        let mut form = form(&[DeleteAll, DeleteNow, OwnOrdersOnly]);
        form.name = "\u{200B}".into();
        let error = form.check().unwrap_err();
        for field in [
            "Name",
            DeleteAll.deed(),
            DeleteNow.deed(),
            OwnOrdersOnly.deed(),
        ] {
            assert!(error.of_field(field).is_some(), "{field}");
        }
    }

    #[test]
    fn one_part_of_the_queue_alone() {
        use Permission::*;
        let error = form(&[SeeQueue, OwnOrdersOnly, ReferencesOnly]).check();
        assert!(error.unwrap_err().of_field(ReferencesOnly.deed()).is_some());
    }
}
