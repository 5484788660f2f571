//! `/settings/members/roles`: what each role may.

use domain::Permission;
use domain::role::{GROUPS, RoleForm, RoleId, RoleSetting, RolesPage as Roles};
use domain::text::count;
use leptos::prelude::*;
use std::collections::BTreeSet;

use crate::pages::members::{PeopleTabs, would_hold};
use crate::parts::form::{FormDialog, Sending, TextField, Tick};
use crate::parts::list::{List, ListTable, ReadList, Reading};
use crate::parts::page::PageTop;
use crate::role;

/// Roles.
#[component]
pub fn RolesPage() -> impl IntoView {
    view! { <ReadList title="Roles" hint=HINT read shown=|roles| view! { <Shown roles /> }.into_any() /> }
}

fn read() -> Reading<Roles> {
    Box::pin(role::roles())
}

const HINT: &str = "What each role may. Which work stacks it sees is set with each work stack.";

/// The dialog that is open.
#[derive(Clone)]
enum Open {
    New,
    Edit(RoleId),
    Delete(RoleId),
}

type Page = List<Roles, Open>;

fn find(page: Page, id: RoleId) -> Option<RoleSetting> {
    page.shown
        .with(|page| page.roles.iter().find(|role| role.id == id).cloned())
}

#[component]
fn Shown(roles: Roles) -> impl IntoView {
    let page = Page::new(roles, read);
    let dialog = page.dialog(move |open| {
        Some(match open {
            Open::New => view! { <Edit page role=None /> }.into_any(),
            Open::Edit(id) => {
                let role = Some(find(page, id)?);
                view! { <Edit page role /> }.into_any()
            }
            Open::Delete(id) => {
                let role = find(page, id)?;
                view! { <Delete page role /> }.into_any()
            }
        })
    });
    view! {
        <PageTop title="Roles" hint=HINT>
            <PeopleTabs here="/settings/members/roles" />
            <button type="button" class="button primary" on:click=move |_| page.open(Open::New)>
                "Add a role"
            </button>
        </PageTop>
        <ListTable columns=&["Role", "May", "Sees"]>
            <For
                each=move || page.shown.with(|page| page.roles.iter().map(|r| r.id).collect::<Vec<_>>())
                key=|id| *id
                children=move |id| view! { <Row page id /> }
            />
        </ListTable>
        {dialog}
    }
    .into_any()
}

#[component]
fn Row(page: Page, id: RoleId) -> impl IntoView {
    let role = Memo::new(move |_| find(page, id));
    let cells = move || {
        role.get().map(|role| {
            let may: Vec<_> = role.permissions.iter().map(|right| right.deed()).collect();
            view! {
                <td>
                    <span class="who">{role.name}</span>
                    <span class="ref">{count(role.members, "member", "members")}</span>
                </td>
                <td class="wrap">{may.join(", ")}</td>
                <td class="wrap">{names(role.stacks)}</td>
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

/// The first of these names, each in an element of its own: a name may have a comma.
fn names(all: Vec<String>) -> AnyView {
    // Rather a third one than "and 1 more".
    let shown = if all.len() > 3 { 2 } else { all.len() };
    let more = all.len() - shown;
    if all.is_empty() {
        return "No work stack".into_any();
    }
    view! {
        <ul class="names">
            {all.into_iter().take(shown).map(|name| view! { <li class="badge">{name}</li> }).collect_view()}
            {(more > 0).then(|| view! { <li class="hint">{format!("and {more} more")}</li> })}
        </ul>
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
    let version = old.and_then(|role| role.version);
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
    let may_give = page.shown.with_untracked(|page| page.may_give.clone());
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
        let role = find(page, id?)?;
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
            version,
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
        <FormDialog
            heading
            hint
            action="Save"
            fields
            sending
            on_send=send
            on_close=page.close()
            on_load=page.load(id.map_or(Open::New, Open::Edit), sending)
        >
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
