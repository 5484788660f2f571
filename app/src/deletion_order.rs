//! Deletion orders: one confirmed draft each.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::deletion_order::{OrderId, OrderPage, OrderSummary, Undone};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The order's page.
#[server(endpoint = "orders/order", input = Json, output = Json)]
pub async fn order(order: OrderId) -> Result<OrderPage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeQueue>()?;
    Ok(backend.order(by, order).await?)
}

/// One's own orders.
#[server(endpoint = "orders/mine", input = Json, output = Json)]
pub async fn my_orders() -> Result<Vec<OrderSummary>> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.my_orders(by).await?)
}

/// Takes back what still waits of one's own order.
#[server(endpoint = "orders/undo", input = Json, output = Json)]
pub async fn undo(order: OrderId) -> Result<Undone> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.undo(by, order).await?)
}
