//! DeletionOrders: to come.

use async_trait::async_trait;
use domain::Error;
use domain::deletion_order::{OrderId, OrderPage, OrderSummary, Undone};
use domain::error::Result;
use domain::permission::{DeleteLeads, Granted, SeeQueue};
use domain::ports::DeletionOrders;

use super::Store;

#[async_trait]
impl DeletionOrders for Store {
    async fn order(&self, _by: Granted<SeeQueue>, _order: OrderId) -> Result<OrderPage> {
        Err(Error::Internal("to come".into()))
    }
    async fn my_orders(&self, _by: Granted<DeleteLeads>) -> Result<Vec<OrderSummary>> {
        Err(Error::Internal("to come".into()))
    }
    async fn undo(&self, _by: Granted<DeleteLeads>, _order: OrderId) -> Result<Undone> {
        Err(Error::Internal("to come".into()))
    }
}
