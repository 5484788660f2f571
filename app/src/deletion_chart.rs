//! The picture on Lead Management.

use domain::deletion_chart::DeletionChart;
use leptos::prelude::*;

use crate::error::Result;
use crate::wire::Json;

/// Deletions by reason in the last weeks.
#[server(name = DeletionChartCall, endpoint = "queue/deletion-chart", input = Json, output = Json)]
pub async fn deletion_chart() -> Result<DeletionChart> {
    let (by, backend) = crate::context::granted::<domain::permission::SeeQueue>()?;
    Ok(backend.deletion_chart(by).await?)
}
