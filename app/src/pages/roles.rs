//! `/settings/roles`: what each role may.

use std::collections::BTreeSet;

use domain::Permission;
use domain::role::{GROUPS, RoleForm, RoleId, RoleSetting, RolesPage as Roles};
use domain::text::{count, list};
use leptos::prelude::*;

use crate::pages::members::{PeopleTabs, would_hold};
use crate::parts::form::{FormDialog, Sending, TextField, Tick};
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;
use crate::role;

/// Roles.
#[component]
pub fn RolesPage() -> impl IntoView {
    let roles = Resource::new(|| (), |()| role::roles());
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match roles.await {
                    Ok(roles) => view! { <Shown roles /> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageTop title="Roles" hint=HINT />
                            <div class="body">
                                <Problem error />
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

const HINT: &str = "What each role may. Which work stacks it sees is set with each work stack.";

/// The dialog that is open.
#[derive(Clone)]
enum Open {
    New,
    Edit(RoleId),
    Delete(RoleId),
}

/// The list as it was last read, and what is open above it.
#[derive(Clone, Copy)]
struct Page {
    roles: RwSignal<Roles>,
    open: RwSignal<Option<Open>>,
    toasts: Toasts,
    shell: CurrentShell,
}

impl Page {
    fn reread(self) {
        leptos::task::spawn_local(async move {
            match role::roles().await {
                Ok(roles) => _ = self.roles.try_set(roles),
                Err(error) => self.toasts.fail(&error),
            }
        });
    }

    /// Opens a dialog on what is so at this moment.
    fn open(self, open: Open) {
        self.reread();
        self.open.set(Some(open));
    }

    /// It was done.
    fn done(self, message: String) {
        self.open.set(None);
        self.toasts.say(message);
        self.reread();
        self.shell.reread();
    }

    fn close(self) -> Callback<()> {
        Callback::new(move |()| self.open.set(None))
    }

    fn role(self, id: RoleId) -> Option<RoleSetting> {
        self.roles
            .with(|page| page.roles.iter().find(|role| role.id == id).cloned())
    }
}

#[component]
fn Shown(roles: Roles) -> impl IntoView {
    let page = Page {
        roles: RwSignal::new(roles),
        open: RwSignal::new(None),
        toasts: expect_context::<Toasts>(),
        shell: use_shell(),
    };
    let dialog = move || {
        let open = page.open.get()?;
        let role = |id| untrack(|| page.role(id));
        Some(match open {
            Open::New => view! { <Edit page role=None /> }.into_any(),
            Open::Edit(id) => role(id)
                .map(|role| view! { <Edit page role=Some(role) /> })
                .into_any(),
            Open::Delete(id) => role(id)
                .map(|role| view! { <Delete page role /> })
                .into_any(),
        })
    };
    view! {
        <PageTop title="Roles" hint=HINT>
            <PeopleTabs here="/settings/roles" />
            <button type="button" class="button primary" on:click=move |_| page.open(Open::New)>
                "Add a role"
            </button>
        </PageTop>
        <div class="body">
            <div class="panel scroll">
                <table class="cards">
                    <thead>
                        <tr>
                            <th scope="col">"Role"</th>
                            <th scope="col">"May"</th>
                            <th scope="col">"Sees"</th>
                            <th scope="col">
                                <span class="sr-only">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || page.roles.with(|page| page.roles.iter().map(|r| r.id).collect::<Vec<_>>())
                            key=|id| *id
                            children=move |id| view! { <Row page id /> }
                        />
                    </tbody>
                </table>
            </div>
        </div>
        {dialog}
    }
    .into_any()
}

#[component]
fn Row(page: Page, id: RoleId) -> impl IntoView {
    let role = Memo::new(move |_| page.role(id));
    let cells = move || {
        role.get().map(|role| {
            let may: Vec<_> = role.permissions.iter().map(|right| right.deed()).collect();
            let sees = if role.stacks.is_empty() {
                "–".into()
            } else {
                list(&role.stacks)
            };
            view! {
                <td>
                    <span class="who">{role.name}</span>
                    <span class="ref">{count(role.members, "member", "members")}</span>
                </td>
                <td class="wrap">{may.join(", ")}</td>
                <td class="wrap">{sees}</td>
            }
        })
    };
    let button = move |what: &'static str, open: Open| {
        view! {
            <button
                type="button"
                class="button ghost"
                aria-label=move || role.with(|r| r.as_ref().map(|r| format!("{what}: {}", r.name)))
                on:click=move |_| page.open(open.clone())
            >
                {what}
            </button>
        }
        .into_any()
    };
    let locked =
        Memo::new(move |_| role.with(|role| role.as_ref().map(|role| role.locked.clone())));
    let acts = move || {
        locked.get().map(|locked| match locked {
            Some(why) => view! { <span class="hint">{why}</span> }.into_any(),
            None => view! {
                {button("Edit", Open::Edit(id))}
                {button("Delete", Open::Delete(id))}
            }
            .into_any(),
        })
    };
    view! {
        <tr>
            {cells}
            <td class="wrap">
                <div class="acts">{acts}</div>
            </td>
        </tr>
    }
    .into_any()
}

/// What a tick says.
fn label(permission: Permission) -> String {
    match permission {
        Permission::OwnOrdersOnly => "Only one’s own orders".into(),
        Permission::ReferencesOnly => "Only references, without names".into(),
        _ => {
            let deed = permission.deed();
            deed[..1].to_uppercase() + &deed[1..]
        }
    }
}

#[component]
fn Edit(page: Page, role: Option<RoleSetting>) -> impl IntoView {
    let sending = Sending::new();
    let old = role.as_ref();
    let id = old.map(|role| role.id);
    let name = RwSignal::new(old.map(|role| role.name.clone()).unwrap_or_default());
    let ticks: Vec<(Permission, RwSignal<bool>)> = Permission::ALL
        .iter()
        .map(|right| {
            (
                *right,
                RwSignal::new(old.is_some_and(|role| role.may(*right))),
            )
        })
        .collect();
    let tick = |right: Permission| {
        ticks
            .iter()
            .find(|(other, _)| *other == right)
            .map(|(_, tick)| *tick)
    };
    let deletes = tick(Permission::DeleteLeads);
    let may_give = page.roles.with_untracked(|page| page.may_give.clone());
    let groups = GROUPS
        .iter()
        .map(|(group, rights)| {
            let boxes = rights
                .iter()
                .filter_map(|right| Some((*right, tick(*right)?)))
                .map(|(right, value)| {
                    view! {
                        <Tick
                            label=label(right)
                            field=right.deed()
                            value
                            sending
                            disabled=!may_give.contains(&right)
                        />
                    }
                })
                .collect_view();
            view! {
                <fieldset class="ticks">
                    <legend>{*group}</legend>
                    {boxes}
                </fieldset>
            }
        })
        .collect_view();
    let holds = move || {
        let role = page.role(id?)?;
        let loses = role.may(Permission::DeleteLeads) && !deletes?.get();
        (loses && role.waiting > 0).then(|| would_hold(role.waiting))
    };
    let heading = match old {
        Some(role) => format!("Edit the role {}", role.name),
        None => "Add a role".into(),
    };
    let hint = if id.is_some() {
        "It holds for who has it from their next click on."
    } else {
        "A role that sees leads begins with All leads."
    };
    let send = Callback::new(move |()| {
        let permissions: BTreeSet<Permission> = ticks
            .iter()
            .filter(|(_, tick)| tick.get_untracked())
            .map(|(right, _)| *right)
            .collect();
        let form = RoleForm {
            role: id,
            name: name.get_untracked(),
            permissions,
        };
        leptos::task::spawn_local(async move {
            match role::save_role(form).await {
                Ok(message) => page.done(message),
                Err(error) => sending.fail(error),
            }
        });
    });
    let fields = std::iter::once("Name")
        .chain(Permission::ALL.iter().map(|right| right.deed()))
        .collect::<Vec<_>>();
    view! {
        <FormDialog heading hint action="Save" fields sending on_send=send on_close=page.close()>
            <TextField id="role-name" label="Name" value=name sending />
            {groups}
            {move || holds().map(|holds| view! { <p class="warned">{holds}</p> })}
        </FormDialog>
    }
    .into_any()
}

#[component]
fn Delete(page: Page, role: RoleSetting) -> impl IntoView {
    let sending = Sending::new();
    let id = role.id;
    let name = StoredValue::new(role.name.clone());
    let send = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            let said = name.with_value(|name| format!("The role {name} is deleted."));
            match role::delete_role(id).await {
                Ok(()) => page.done(said),
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog
            heading=format!("Delete the role {}?", role.name)
            hint="Only one that nobody has, and without which every work stack is still seen. No lead is deleted by this."
            action="Delete the role"
            danger=true
            sending
            on_send=send
            on_close=page.close()
        >
            ""
        </FormDialog>
    }
    .into_any()
}
