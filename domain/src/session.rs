//! Being signed in: what the frame around every page needs.

use serde::{Deserialize, Serialize};

use crate::member::MemberId;
use crate::permission::{Permission, QueueScope};
use crate::time::Clock;
use crate::work_stack::WorkStackSummary;

/// The frame around every page for who is signed in: the menu, the badge, the banner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shell {
    /// The person's number.
    pub member: MemberId,
    /// The person's name.
    pub name: String,
    /// The role's name.
    pub role: String,
    /// What the page may offer. What is refused is decided on the server.
    pub permissions: Vec<Permission>,
    /// How much of the Deletion Queue this person sees.
    pub queue_scope: Option<QueueScope>,
    /// The work stacks this person sees, in their order.
    pub work_stacks: Vec<WorkStackSummary>,
    /// The badge beside Lead Management: open deletions that this person sees.
    pub open_deletions: u64,
    /// The badge beside My deletions: what of one's own failed or is on hold, and answers one hasn't looked at.
    pub needs_me: u64,
    /// For who may run the queue: drafts that somebody asked about and nobody answered.
    pub asked: u64,
    /// For who may run the queue: what needs a person, else `None`.
    pub banner: Option<String>,
    /// The chain's sequence at which this was read.
    pub sequence: i64,
    /// When it was read, and in which zone the pages write times.
    pub clock: Clock,
}

impl Shell {
    /// Whether the page may offer what this permission allows.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

/// What the sign-in page shows before anybody is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInOptions {
    /// Under `--demo`: the roles, each with a button `Sign in as …`. Otherwise empty.
    pub demo_roles: Vec<DemoRole>,
    /// Nobody can sign in yet: the page shows the `layer user add` line.
    pub nobody_yet: bool,
}

/// A made-up person that one click signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoRole {
    /// The role's name.
    pub role: String,
    /// The address, `manager@demo.test`.
    pub email: String,
}
