//! `/settings/members`: who signs in, and with which role.

use domain::Permission;
use domain::member::{
    Member, MemberEdit, MemberForm, MemberId, MembersPage as Members, PasswordGiven,
};
use domain::password::Password;
use domain::role::{RoleId, RoleSetting};
use domain::text::count;
use leptos::prelude::*;

use crate::member;
use crate::parts::copy::Copy;
use crate::parts::dialog::Dialog;
use crate::parts::form::{FormDialog, PasswordField, Sending, TextField};
use crate::parts::list::{List, ListTable, ReadList, Reading};
use crate::parts::page::PageTop;

/// Members.
#[component]
pub fn MembersPage() -> impl IntoView {
    view! { <ReadList title="Members" hint=HINT read shown=|members| view! { <Shown members /> }.into_any() /> }
}

fn read() -> Reading<Members> {
    Box::pin(member::members())
}

const HINT: &str = "Who signs in, and with which role.";

/// The two pages about people, beside each other.
#[component]
pub fn PeopleTabs(
    /// The address of the one that is shown.
    here: &'static str,
) -> impl IntoView {
    let tab = move |href: &'static str, label: &'static str| {
        view! {
            <a href=href aria-current=(here == href).then_some("page")>
                {label}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label="Members and roles">
            {tab("/settings/members", "Members")}
            {tab("/settings/members/roles", "Roles")}
        </nav>
    }
    .into_any()
}

/// What a change would hold, before it is made.
pub fn would_hold(waiting: u64) -> String {
    format!(
        "This takes away the right to delete. {} on hold until a Layer Admin confirms.",
        count(waiting, "waiting deletion goes", "waiting deletions go")
    )
}

/// The dialog that is open.
#[derive(Clone)]
enum Open {
    New,
    Edit(MemberId),
    Password(MemberId),
    Active(MemberId),
    Made(String, Password),
}

type Page = List<Members, Open>;

/// A password was given; one that the server made is shown.
fn given(page: Page, given: PasswordGiven) {
    match given.made {
        None => page.done(given.message),
        Some(made) => page.open_now(Open::Made(given.message, made)),
    }
}

fn find(page: Page, id: MemberId) -> Option<Member> {
    page.shown
        .with(|page| page.members.iter().find(|member| member.id == id).cloned())
}

#[component]
fn Shown(members: Members) -> impl IntoView {
    let page = Page::new(members, read);
    let dialog = page.dialog(move |open| {
        Some(match open {
            Open::New => view! { <New page /> }.into_any(),
            Open::Edit(id) => {
                let member = find(page, id)?;
                view! { <Edit page member /> }.into_any()
            }
            Open::Password(id) => {
                let member = find(page, id)?;
                view! { <Reset page member /> }.into_any()
            }
            Open::Active(id) => {
                let member = find(page, id)?;
                view! { <Activate page member /> }.into_any()
            }
            Open::Made(message, password) => view! { <Made page message password /> }.into_any(),
        })
    });
    view! {
        <PageTop title="Members" hint=HINT>
            <PeopleTabs here="/settings/members" />
            <button type="button" class="button primary" on:click=move |_| page.open(Open::New)>
                "Add a member"
            </button>
        </PageTop>
        <ListTable columns=&["Name", "E-mail", "Role", "State"]>
            <For
                each=move || page.shown.with(|page| page.members.iter().map(|m| m.id).collect::<Vec<_>>())
                key=|id| *id
                children=move |id| view! { <Row page id /> }
            />
        </ListTable>
        {dialog}
    }
    .into_any()
}

#[component]
fn Row(page: Page, id: MemberId) -> impl IntoView {
    let member = Memo::new(move |_| find(page, id));
    let cells = move || {
        member.get().map(|member| {
            view! {
                <td>
                    <span class="who">{member.name}</span>
                    {member.is_self.then(|| view! { <span class="ref">"you"</span> })}
                </td>
                <td>{member.email}</td>
                <td>{member.role_name}</td>
                <td>
                    {if member.active {
                        view! { <span class="badge good">"Active"</span> }
                    } else {
                        view! { <span class="badge">"Can’t sign in"</span> }
                    }}
                </td>
            }
        })
    };
    let button = move |what: &'static str, open: Open| {
        view! {
            <button
                type="button"
                class="button ghost"
                aria-label=move || member.with(|m| m.as_ref().map(|m| format!("{what}: {}", m.name)))
                on:click=move |_| page.open(open.clone())
            >
                {what}
            </button>
        }
        .into_any()
    };
    // Only what decides which buttons there are: one that is pressed stays, so that it has the focus again.
    let kind = Memo::new(move |_| {
        member.with(|m| {
            m.as_ref()
                .map(|m| (m.is_self, m.is_above, m.demo, m.active))
        })
    });
    let acts = move || {
        kind.get().map(|(is_self, is_above, demo, active)| {
            if is_above {
                return view! { <span class="hint">"Has rights that you don’t have"</span> }.into_any();
            }
            let more = !is_self;
            view! {
                {button("Edit", Open::Edit(id))}
                {(more && !demo).then(|| button("Reset password", Open::Password(id)))}
                {more.then(|| button(if active { "Deactivate" } else { "Reactivate" }, Open::Active(id)))}
            }
            .into_any()
        })
    };
    view! {
        <tr>
            {cells}
            <td>
                <div class="acts">{acts}</div>
            </td>
        </tr>
    }
    .into_any()
}

/// The roles that may be given.
#[component]
fn RoleField(
    roles: Vec<RoleSetting>,
    value: RwSignal<RoleId>,
    sending: Sending,
    disabled: bool,
) -> impl IntoView {
    let wrong = sending.wrong("Role");
    let options = roles
        .into_iter()
        .filter(|role| role.may_give)
        .map(|role| {
            view! {
                <option value=role.id.0 selected=move || value.get() == role.id>
                    {role.name}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="member-role">"Role"</label>
            <select
                id="member-role"
                disabled=disabled
                aria-describedby="member-role-wrong"
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                on:change=move |event| {
                    if let Ok(role) = event_target_value(&event).parse() {
                        value.set(RoleId(role));
                    }
                }
            >
                <option value="0" selected=move || value.get() == RoleId(0)>
                    "Choose a role"
                </option>
                {options}
            </select>
            <span class="wrong" id="member-role-wrong" role="alert">
                {move || wrong.get()}
            </span>
            {disabled.then(|| view! { <span class="hint">"Another Layer Admin can change your role."</span> })}
        </div>
    }
    .into_any()
}

const FIELDS: [&str; 4] = ["Name", "E-mail", "Role", "Password"];
const MADE: &str = "Left empty, Layer makes one and shows it once. At least 10 characters.";

#[component]
fn New(page: Page) -> impl IntoView {
    let sending = Sending::new();
    let (name, email, password) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let role = RwSignal::new(RoleId(0));
    let roles = page.shown.with_untracked(|page| page.roles.clone());
    let send = Callback::new(move |()| {
        let form = MemberForm {
            name: name.get_untracked(),
            email: email.get_untracked(),
            role: role.get_untracked(),
            password: Password(password.get_untracked()),
        };
        leptos::task::spawn_local(async move {
            match member::new_member(form).await {
                Ok(given) => self::given(page, given),
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog
            heading="Add a member"
            action="Add"
            fields=FIELDS.to_vec()
            sending
            on_send=send
            on_close=page.close()
        >
            <TextField id="member-name" label="Name" value=name sending />
            <TextField id="member-email" label="E-mail" value=email sending kind="email" />
            <RoleField roles value=role sending disabled=false />
            <PasswordField
                id="member-password"
                label="Password"
                value=password
                sending
                hint=MADE
                autocomplete="new-password"
            />
        </FormDialog>
    }
    .into_any()
}

#[component]
fn Edit(page: Page, member: Member) -> impl IntoView {
    let sending = Sending::new();
    let id = member.id;
    let name = RwSignal::new(member.name.clone());
    let role = RwSignal::new(member.role);
    let roles = page.shown.with_untracked(|page| page.roles.clone());
    // What the role that is chosen would hold, with the number of this moment.
    let holds = move || {
        page.shown.with(|page| {
            let may = |role: RoleId| {
                let found = page.roles.iter().find(|r| r.id == role);
                found.is_none_or(|r| r.may(Permission::DeleteLeads))
            };
            let member = page.members.iter().find(|m| m.id == id)?;
            (member.active && member.waiting > 0 && !may(role.get()))
                .then(|| would_hold(member.waiting))
        })
    };
    let send = Callback::new(move |()| {
        let edit = MemberEdit {
            member: id,
            version: member.version,
            name: name.get_untracked(),
            role: role.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            match member::edit_member(edit).await {
                Ok(message) => page.done(message),
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog
            heading=format!("Edit {}", member.name)
            hint=member.email
            action="Save"
            fields=FIELDS.to_vec()
            sending
            on_send=send
            on_close=page.close()
            on_load=page.load(Open::Edit(id), sending)
        >
            <TextField id="member-name" label="Name" value=name sending />
            <RoleField roles value=role sending disabled=member.is_self />
            {move || holds().map(|holds| view! { <p class="warned">{holds}</p> })}
        </FormDialog>
    }
    .into_any()
}

#[component]
fn Reset(page: Page, member: Member) -> impl IntoView {
    let sending = Sending::new();
    let id = member.id;
    let password = RwSignal::new(String::new());
    let send = Callback::new(move |()| {
        let password = Password(password.get_untracked());
        leptos::task::spawn_local(async move {
            match member::reset_password(id, password).await {
                Ok(given) => self::given(page, given),
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog
            heading=format!("A new password for {}", member.name)
            hint="The old one is of no use any more, and they are signed out everywhere."
            action="Reset password"
            fields=FIELDS.to_vec()
            sending
            on_send=send
            on_close=page.close()
        >
            <PasswordField
                id="member-password"
                label="Password"
                value=password
                sending
                hint=MADE
                autocomplete="new-password"
            />
        </FormDialog>
    }
    .into_any()
}

#[component]
fn Activate(page: Page, member: Member) -> impl IntoView {
    let sending = Sending::new();
    let (id, active) = (member.id, member.active);
    let name = member.name;
    let (heading, hint, action) = if active {
        (
            format!("Deactivate {name}?"),
            "They are signed out at once and can’t sign in. What they did stays, and no lead is deleted or kept by it.",
            "Deactivate",
        )
    } else {
        (
            format!("Let {name} in again?"),
            "They sign in with the password they had. What was put on hold stays so until a Layer Admin confirms it.",
            "Reactivate",
        )
    };
    let holds = move || {
        let member = find(page, id)?;
        (active && member.waiting > 0).then(|| would_hold(member.waiting))
    };
    let send = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            match member::set_active(id, !active).await {
                Ok(message) => page.done(message),
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog heading hint action danger=active sending on_send=send on_close=page.close()>
            {move || holds().map(|holds| view! { <p class="warned">{holds}</p> })}
        </FormDialog>
    }
    .into_any()
}

/// The password that the server made, this once.
#[component]
fn Made(page: Page, message: String, password: Password) -> impl IntoView {
    let close = page.close();
    view! {
        <Dialog labelled_by="password-made" on_close=close>
            <div>
                <div>
                    <h1 id="password-made">"The password, shown this once"</h1>
                    <p class="hint">{message} " Give it to them in a safe way; they can change it on the page Account."</p>
                </div>
                <div class="act">
                    <input class="control made" readonly aria-label="Password" value=password.0.clone() />
                    <Copy label="Copy" text=move || password.0.clone() by_hand=|_| "Mark it and copy it by hand.".into() />
                </div>
                <footer>
                    <button type="button" class="button primary" autofocus on:click=move |_| close.run(())>
                        "Done"
                    </button>
                </footer>
            </div>
        </Dialog>
    }
    .into_any()
}
