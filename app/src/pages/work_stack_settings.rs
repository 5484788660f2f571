//! `/settings/work-stacks`: the stacks, and where everybody starts on each.

use domain::work_stack::WorkStackSetting;
use leptos::prelude::*;

use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;
use crate::work_stack;

/// The list.
#[component]
pub fn WorkStackSettingsPage() -> impl IntoView {
    let stacks = Resource::new(|| (), |()| work_stack::work_stack_settings());
    view! {
        <PageTop
            title="Work stacks"
            hint="“Hide deletions” is where everybody starts on a stack; above its grid each person can look otherwise."
        />
        <div class="body">
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match stacks.await {
                        Ok(stacks) => view! { <Stacks stacks /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn Stacks(stacks: Vec<WorkStackSetting>) -> impl IntoView {
    view! {
        <div class="panel scroll">
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Work stack"</th>
                        <th scope="col">"Leads"</th>
                        <th scope="col">"Who sees it"</th>
                        <th scope="col">"Hide deletions"</th>
                    </tr>
                </thead>
                <tbody>{stacks.into_iter().map(|stack| view! { <Stack stack /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Stack(stack: WorkStackSetting) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let hides = RwSignal::new(stack.hides_deletions);
    let pending = RwSignal::new(false);
    let (id, name) = (stack.id, stack.name.clone());
    let toggle = move |_| {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        let (wanted, name) = (!hides.get_untracked(), name.clone());
        leptos::task::spawn_local(async move {
            match work_stack::set_hides_deletions(id, wanted).await {
                Ok(()) => {
                    hides.set(wanted);
                    toasts.say(if wanted {
                        format!("{name} hides deletions now.")
                    } else {
                        format!("{name} shows deletions now.")
                    });
                }
                Err(error) => toasts.fail(&error),
            }
            pending.set(false);
        });
    };
    view! {
        <tr>
            <td>
                <a class="who" href=format!("/work-stacks/{}", id.0)>
                    {stack.name.clone()}
                </a>
            </td>
            <td class="wrap">{stack.sentence}</td>
            <td class="wrap">{stack.roles.join(", ")}</td>
            <td>
                <button
                    type="button"
                    class="switch"
                    role="switch"
                    aria-checked=move || hides.get().to_string()
                    aria-label=format!("Hide deletions: {}", stack.name)
                    on:click=toggle
                >
                    <i></i>
                    <span class="phone-only">"Hide deletions"</span>
                </button>
            </td>
        </tr>
    }
}
