//! A password: typed by a person or made by the server, and never shown by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

/// A password has at least so many characters.
pub const LEAST: usize = 10;

/// And at most so many: hashing more is work for nothing.
pub const MOST: usize = 1_000;

/// The password itself.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl Password {
    /// What is wrong with it, if something is.
    pub fn wrong(&self) -> Option<String> {
        let length = self.0.chars().count();
        if length < LEAST {
            Some(format!("The password needs at least {LEAST} characters."))
        } else if length > MOST {
            let most = text::number(MOST as u64);
            Some(format!("The password has at most {most} characters."))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_ten_to_a_thousand_characters_of_any_script() {
        for (length, right) in [(9, false), (10, true), (1_000, true), (1_001, false)] {
            assert_eq!(Password("ä".repeat(length)).wrong().is_none(), right);
        }
    }

    #[test]
    fn it_is_never_printed() {
        assert_eq!(format!("{:?}", Password("secret".into())), "Password");
    }
}
