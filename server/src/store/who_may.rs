//! Whom to ask where one's own role may not, and whom before one deletes.

use async_trait::async_trait;
use domain::draft::MOST_COLLEAGUES;
use domain::error::Result;
use domain::member::MemberId;
use domain::permission::{Actor, LAYER_ADMIN, Permission};
use domain::ports::WhoMay;
use domain::who_may::sentence;
use sea_orm::ConnectionTrait;

use super::Store;
use super::scope::Stack;
use super::sql::{self, values};

#[async_trait]
impl WhoMay for Store {
    async fn who_may(&self, actor: &Actor, permission: Permission) -> Result<String> {
        let on = self.reader();
        let roles = sql::column::<String, _>(
            on,
            "SELECT r.name FROM role r JOIN role_permission p ON p.role = r.id WHERE p.permission = $1 \
             ORDER BY r.position, r.id",
            values![permission.code()],
        )
        .await?;
        let others = other_layer_admins(on, actor.member).await?;
        Ok(sentence(permission, &roles, &others))
    }
}

/// The names of the Layer Admins that this person can ask: nobody is told to ask themselves.
pub async fn other_layer_admins<C: ConnectionTrait>(on: &C, by: MemberId) -> Result<Vec<String>> {
    sql::column(
        on,
        "SELECT m.name FROM member m JOIN role r ON r.id = m.role \
         WHERE r.name = $1 AND m.active = 1 AND m.id <> $2 ORDER BY m.name",
        values![LAYER_ADMIN, by.0],
    )
    .await
}

/// The names of who else may delete leads and sees this stack, Layer Admins apart: the team to ask.
pub async fn colleagues<C: ConnectionTrait>(
    on: &C,
    by: MemberId,
    stack: &Stack,
) -> Result<Vec<String>> {
    sql::column(
        on,
        "SELECT m.name FROM member m JOIN role r ON r.id = m.role \
         JOIN role_permission p ON p.role = m.role AND p.permission = $1 \
         JOIN work_stack_role w ON w.role = m.role AND w.work_stack = $2 \
         WHERE m.active = 1 AND m.id <> $3 AND r.name <> $4 ORDER BY m.name LIMIT $5",
        values![
            Permission::DeleteLeads.code(),
            stack.id.0,
            by.0,
            LAYER_ADMIN,
            i64::from(MOST_COLLEAGUES)
        ],
    )
    .await
}
