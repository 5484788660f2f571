//! `/settings/work-stacks`: the stacks in their order, and where everybody starts on each.

use domain::work_stack::WorkStackId;
use domain::work_stack_settings::WorkStackSetting;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use crate::error::Error;
use crate::live::Live;
use crate::parts::dialog::Dialog;
use crate::parts::icon::Icon;
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;
use crate::work_stack_settings as calls;

/// The list.
#[component]
pub fn WorkStackSettingsPage() -> impl IntoView {
    let stacks = Resource::new(|| (), |()| calls::work_stack_settings());
    view! {
        <PageTop
            title="Work stacks"
            hint="“Hide deletions” is where everybody starts on a stack; above its grid each person can look otherwise."
        >
            <a class="button primary" href="/settings/work-stacks/new">
                "New work stack"
            </a>
        </PageTop>
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

/// The list as it was read last, and what is on its way.
#[derive(Clone, Copy)]
struct List {
    stacks: RwSignal<Vec<WorkStackSetting>>,
    pending: RwSignal<bool>,
    deleting: RwSignal<Option<WorkStackSetting>>,
    toasts: Toasts,
}

impl List {
    async fn reread(self) {
        // One that can't be read leaves what stands.
        if let Ok(stacks) = calls::work_stack_settings().await {
            _ = self.stacks.try_set(stacks);
        }
    }

    /// Moves a stack, and leaves the focus on the button that was pressed, wherever its row is now.
    fn shift(self, stack: WorkStackId, name: String, up: bool) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        leptos::task::spawn_local(async move {
            match calls::move_work_stack(stack, up).await {
                Ok(()) => {
                    self.reread().await;
                    let place = self.stacks.try_with_untracked(|stacks| {
                        let place = stacks.iter().position(|other| other.id == stack);
                        place.map_or(0, |place| place + 1)
                    });
                    if let Some(place) = place {
                        self.toasts
                            .say(format!("{name} stands at place {place} now."));
                        request_animation_frame(move || focus(&button(stack, up)));
                    }
                }
                Err(error) => self.toasts.fail(&error),
            }
            _ = self.pending.try_set(false);
        });
    }
}

fn button(stack: WorkStackId, up: bool) -> String {
    format!("{}-{}", if up { "up" } else { "down" }, stack.0)
}

fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        _ = element.focus();
    }
}

#[component]
fn Stacks(stacks: Vec<WorkStackSetting>) -> impl IntoView {
    let shell = use_shell();
    let list = List {
        stacks: RwSignal::new(stacks),
        pending: RwSignal::new(false),
        deleting: RwSignal::new(None),
        toasts: expect_context::<Toasts>(),
    };
    if let Some(live) = use_context::<Live>() {
        paced(
            1000,
            move || (shell.changes(), live.sequence.get()),
            move || leptos::task::spawn_local(list.reread()),
        );
    }
    let close = Callback::new(move |()| list.deleting.set(None));
    view! {
        <div class="panel scroll">
            <table class="cards stacks">
                <thead>
                    <tr>
                        <th scope="col">"Work stack"</th>
                        <th scope="col">"Leads"</th>
                        <th scope="col">"Who sees it"</th>
                        <th scope="col">"Hide deletions"</th>
                        <th scope="col">
                            <span class="sr-only">"Order and delete"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || list.stacks.get()
                        key=|stack| (stack.id, stack.version, stack.roles.join(","))
                        children=move |stack| view! { <Stack list stack /> }
                    />
                </tbody>
            </table>
        </div>
        {move || list.deleting.get().map(|stack| view! { <Delete list stack on_close=close /> })}
    }
    .into_any()
}

#[component]
fn Stack(list: List, stack: WorkStackSetting) -> impl IntoView {
    let hides = RwSignal::new(stack.hides_deletions);
    let (id, name) = (stack.id, stack.name.clone());
    let toggle = {
        let name = name.clone();
        move |_| {
            if list.pending.get_untracked() {
                return;
            }
            list.pending.set(true);
            let (wanted, name) = (!hides.get_untracked(), name.clone());
            leptos::task::spawn_local(async move {
                match calls::set_hides_deletions(id, wanted).await {
                    Ok(()) => {
                        _ = hides.try_set(wanted);
                        list.toasts.say(if wanted {
                            format!("{name} hides deletions now.")
                        } else {
                            format!("{name} shows deletions now.")
                        });
                    }
                    Err(error) => list.toasts.fail(&error),
                }
                _ = list.pending.try_set(false);
            });
        }
    };
    let arrow = |up: bool| {
        let shifted = name.clone();
        let at_the_end = move || {
            list.stacks.with(|stacks| {
                let end = if up { stacks.first() } else { stacks.last() };
                end.is_some_and(|end| end.id == id)
            })
        };
        let (words, icon) = if up {
            ("Move up", Icon::Up)
        } else {
            ("Move down", Icon::Down)
        };
        view! {
            <button
                type="button"
                class="button ghost icon"
                id=button(id, up)
                aria-label=format!("{words}: {name}")
                aria-disabled=move || at_the_end().to_string()
                on:click=move |_| {
                    if !untrack(at_the_end) {
                        list.shift(id, shifted.clone(), up);
                    }
                }
            >
                <Icon icon />
            </button>
        }
    };
    let (up, down) = (arrow(true), arrow(false));
    let asked = stack.clone();
    let delete = (!stack.is_all).then(|| {
        view! {
            <button
                type="button"
                class="button ghost danger"
                aria-label=format!("Delete: {name}")
                on:click=move |_| list.deleting.set(Some(asked.clone()))
            >
                "Delete"
            </button>
        }
    });
    view! {
        <tr>
            <td class="wrap">
                <a class="who" href=format!("/settings/work-stacks/{}", id.0)>
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
            <td class="acts">{up} {down} {delete}</td>
        </tr>
    }
    .into_any()
}

/// The dialog of `Delete`.
#[component]
fn Delete(list: List, stack: WorkStackSetting, on_close: Callback<()>) -> impl IntoView {
    let shell = use_shell();
    let pending = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    let consequence = stack.on_deleting();
    let WorkStackSetting {
        id, version, name, ..
    } = stack;
    let heading = format!("Delete {name}?");
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        failed.set(None);
        let name = name.clone();
        leptos::task::spawn_local(async move {
            match calls::delete_work_stack(id, version).await {
                Ok(()) => {
                    list.toasts.say(format!("{name} is deleted. No lead was."));
                    on_close.run(());
                    shell.refresh();
                }
                Err(error) => {
                    _ = failed.try_set(Some(error));
                    _ = pending.try_set(false);
                }
            }
        });
    };
    view! {
        <Dialog labelled_by="delete-stack" on_close>
            <form on:submit=send novalidate>
                <h1 id="delete-stack">{heading}</h1>
                <p>{consequence}</p>
                {move || failed.get().map(|error| view! { <Problem error /> })}
                <footer>
                    <button type="button" class="button" autofocus on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button class="button danger solid" aria-disabled=move || pending.get().to_string()>
                        "Delete work stack"
                    </button>
                </footer>
            </form>
        </Dialog>
    }
    .into_any()
}
