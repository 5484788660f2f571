//! Whom to ask where one's own role may not.

use async_trait::async_trait;
use domain::error::Result;
use domain::permission::{Actor, Permission};
use domain::ports::WhoMay;
use domain::who_may::sentence;

use super::sql::{self, values};
use super::{Store, draft};

#[async_trait]
impl WhoMay for Store {
    async fn who_may(&self, _: &Actor, permission: Permission) -> Result<String> {
        let on = self.reader();
        let roles = sql::column::<String, _>(
            on,
            "SELECT r.name FROM role r JOIN role_permission p ON p.role = r.id WHERE p.permission = $1 \
             ORDER BY r.position, r.id",
            values![permission.code()],
        )
        .await?;
        Ok(sentence(
            permission,
            &roles,
            &draft::layer_admins(on).await?,
        ))
    }
}
