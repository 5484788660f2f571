//! What a person is told whose role may not do something: which roles may, and whom to ask.

use crate::permission::Permission;
use crate::text::list;

/// "Who may change settings: Layer Admin. Your Layer Admin is Maria Diaz."
pub fn sentence(permission: Permission, roles: &[String], layer_admins: &[String]) -> String {
    let deed = permission.deed();
    let who = if roles.is_empty() {
        format!("No role may {deed} at present.")
    } else {
        format!("Who may {deed}: {}.", list(roles))
    };
    let ask = match layer_admins {
        [] => return who,
        [one] => format!("Your Layer Admin is {one}."),
        many => format!("Your Layer Admins are {}.", list(many)),
    };
    format!("{who} {ask}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_roles_and_whom_to_ask() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            sentence(
                Permission::DeleteAll,
                &names(&["Manager", "Layer Admin"]),
                &names(&["Maria Diaz"])
            ),
            "Who may delete a whole work stack: Manager and Layer Admin. Your Layer Admin is Maria Diaz."
        );
        assert_eq!(
            sentence(Permission::RunQueue, &[], &names(&["A", "B"])),
            "No role may run the Deletion Queue at present. Your Layer Admins are A and B."
        );
        assert_eq!(
            sentence(Permission::RunQueue, &names(&["Layer Admin"]), &[]),
            "Who may run the Deletion Queue: Layer Admin."
        );
    }
}
