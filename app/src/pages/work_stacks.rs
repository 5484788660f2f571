//! `/work-stacks`: all stacks that this person sees.

use domain::text::leads;
use leptos::prelude::*;

use crate::parts::page::PageTop;
use crate::parts::problem::Empty;
use crate::parts::shell::use_shell;

/// The list, with live counts.
#[component]
pub fn WorkStacksPage() -> impl IntoView {
    let shell = use_shell();
    let list = move || {
        let stacks = shell.with(|shell| shell.work_stacks.clone());
        if stacks.is_empty() {
            return view! { <Empty title="No work stack is shown to your role." hint="Ask a Layer Admin." /> }.into_any();
        }
        let stack = |stack: domain::work_stack::WorkStackSummary| {
            view! {
                <li>
                    <a href=format!("/work-stacks/{}", stack.id.0)>
                        <b>{stack.name}</b>
                        <span>{stack.count.map_or_else(|| "Not counted yet".to_owned(), leads)}</span>
                    </a>
                </li>
            }
        };
        view! { <ul class="tiles">{stacks.into_iter().map(stack).collect_view()}</ul> }.into_any()
    };
    view! {
        <PageTop title="Work stacks" hint="Saved filters over leads. Open one to see its leads and to delete unwanted ones." />
        <div class="body">{list}</div>
    }
    .into_any()
}
