//! Deletion orders: one confirmed draft each.
#![expect(
    missing_docs,
    reason = "a call's arguments become fields of a struct that nobody names"
)]

use domain::deletion_order::{OrderId, OrderPage, OrderPart, OrderRows, OrdersPage, Undone};
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// The order's page, with the first rows of a part.
#[server(endpoint = "orders/order", input = Json, output = Json)]
pub async fn order(order: OrderId, part: Option<OrderPart>) -> Result<OrderPage> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeQueue>()?;
    Ok(backend.order(by, order, part).await?)
}

/// A further page of a part of an order.
#[server(name = OrderRowsCall, endpoint = "orders/rows", input = Json, output = Json)]
pub async fn order_rows(order: OrderId, part: OrderPart, after: i64) -> Result<OrderRows> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeQueue>()?;
    Ok(backend.order_rows(by, order, part, after).await?)
}

/// One's own orders, a page of them.
#[server(endpoint = "orders/mine", input = Json, output = Json)]
pub async fn my_orders(after: Option<OrderId>) -> Result<OrdersPage> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.my_orders(by, after).await?)
}

/// Takes back what still waits of one's own order.
#[server(endpoint = "orders/undo", input = Json, output = Json)]
pub async fn undo(order: OrderId) -> Result<Undone> {
    let (by, backend) = crate::context::granted::<domain::permission::DeleteLeads>()?;
    Ok(backend.undo(by, order).await?)
}

/// Blacks out what was typed for an order.
#[server(endpoint = "orders/redact", input = Json, output = Json)]
pub async fn redact_details(order: OrderId) -> Result<()> {
    let (by, backend) = crate::context::granted::<domain::permission::RedactDetails>()?;
    Ok(backend.redact_details(by, order).await?)
}
