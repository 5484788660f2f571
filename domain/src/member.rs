//! A member: a person who signs in.

use serde::{Deserialize, Serialize};

/// A member's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemberId(pub i64);

/// A member as Settings > Members lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The number.
    pub id: MemberId,
    /// The name that others see.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The role's name.
    pub role: String,
    /// A deactivated member can't sign in.
    pub active: bool,
}

/// A role with what it may, as Settings > Members explains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSummary {
    /// The role's name.
    pub name: String,
    /// What it may: "delete leads", "see leads".
    pub may: Vec<String>,
}

/// The page Settings > Members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersPage {
    /// Everybody, by name.
    pub members: Vec<Member>,
    /// Every role, in its order.
    pub roles: Vec<RoleSummary>,
}
