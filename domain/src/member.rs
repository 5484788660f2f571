//! A member: a person who signs in.

use serde::{Deserialize, Serialize};

use crate::password::Password;
use crate::role::{RoleId, RoleSetting};
use crate::text;
use crate::version::Version;

/// A member's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemberId(pub i64);

/// A member's name has at most so many characters.
pub const MOST_NAME: usize = 100;

/// A member as Settings > Members lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The number.
    pub id: MemberId,
    /// What was seen of name and role.
    pub version: Version,
    /// The name that others see.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The role.
    pub role: RoleId,
    /// The role's name.
    pub role_name: String,
    /// A deactivated member can't sign in.
    pub active: bool,
    /// One of the demo's people: they have no password.
    pub demo: bool,
    /// Deletions that they ordered and that wait: they are held if they lose the right to delete.
    pub waiting: u64,
    /// It is the person who looks: their name alone can be edited here.
    pub is_self: bool,
    /// They have rights that the person who looks doesn't have: nothing of them can be edited.
    pub is_above: bool,
}

/// The page Settings > Members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersPage {
    /// Everybody, by name.
    pub members: Vec<Member>,
    /// Every role, in its order.
    pub roles: Vec<RoleSetting>,
}

/// A new member as they are typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberForm {
    /// The name that others see.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The role.
    pub role: RoleId,
    /// The first password; empty: the server makes one.
    pub password: Password,
}

/// A change of a member's name or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberEdit {
    /// Who.
    pub member: MemberId,
    /// What was seen of them.
    pub version: Version,
    /// The name that others see.
    pub name: String,
    /// The role.
    pub role: RoleId,
}

/// What came of a password that was given to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordGiven {
    /// "Ann Example can sign in now."
    pub message: String,
    /// The password, where the server made it: shown once.
    pub made: Option<Password>,
}

/// What is wrong with a name, if something is; `name` is what will be kept.
pub fn wrong_name(name: &str) -> Option<String> {
    if !text::is_visible(name) {
        return Some("Write a name.".into());
    }
    (name.chars().count() > MOST_NAME)
        .then(|| format!("The name has at most {MOST_NAME} characters. Shorten it."))
}
