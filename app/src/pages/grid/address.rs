//! What of the Grid View stands in the address: search, sort, toggle and condition.

use domain::work_stack::{GridView, Only, Order, Sort, WorkStackId};
use leptos::prelude::window;
use leptos::wasm_bindgen::JsValue;
use leptos_router::NavigateOptions;
use leptos_router::location::Url;
use leptos_router::params::ParamsMap;

/// The address, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) search: String,
    pub(super) order: Option<Order>,
    pub(super) hide: Option<bool>,
    pub(super) only: Option<Only>,
}

impl Address {
    pub(super) fn read(query: &ParamsMap) -> Self {
        let yes = |word: &str| word == "true";
        Self {
            search: query.get("q").unwrap_or_default(),
            order: query
                .get_str("sort")
                .and_then(Sort::from_code)
                .map(|by| Order {
                    by,
                    descending: query.get_str("desc").is_some_and(yes),
                }),
            hide: query.get_str("hide").map(yes),
            only: query.get_str("only").and_then(Only::from_code),
        }
    }

    pub(super) fn view(&self, work_stack: WorkStackId) -> GridView {
        GridView {
            work_stack,
            search: self.search.trim().to_owned(),
            order: self.order,
            hide_deletions: self.hide,
            only: self.only,
        }
    }

    pub(super) fn href(&self, stack: WorkStackId) -> String {
        let mut parts = Vec::new();
        if !self.search.is_empty() {
            parts.push(format!("q={}", Url::escape(&self.search)));
        }
        if let Some(order) = self.order {
            parts.push(format!(
                "sort={}&desc={}",
                order.by.code(),
                order.descending
            ));
        }
        if let Some(hide) = self.hide {
            parts.push(format!("hide={hide}"));
        }
        if let Some(only) = self.only {
            parts.push(format!("only={}", only.code()));
        }
        let path = format!("/work-stacks/{}", stack.0);
        if parts.is_empty() {
            path
        } else {
            format!("{path}?{}", parts.join("&"))
        }
    }
}

/// Without a new step in the history, and without scrolling away.
pub(super) fn in_place() -> NavigateOptions {
    NavigateOptions {
        replace: true,
        scroll: false,
        ..NavigateOptions::default()
    }
}

/// Shows an address without going there: the router keeps the grid where it is, and a reload opens what is shown.
pub(super) fn show(href: &str) {
    // Refused only for an address of another origin.
    _ = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(href)));
}
