//! One's own account: the password, and where one is signed in.

use serde::{Deserialize, Serialize};

use crate::password::Password;

/// The page Account, less what the frame around it knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPage {
    /// The address one signs in with.
    pub email: String,
    /// One of the demo's people has no password: there is nothing to change.
    pub has_password: bool,
}

/// One changes one's own password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChange {
    /// The one that holds until now.
    pub current: Password,
    /// The one that holds from now on.
    pub new: Password,
}
