//! `/settings/members`: who signs in, and what each role may.

use domain::member::MembersPage as Members;
use leptos::prelude::*;

use crate::member;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;

/// Members and roles.
#[component]
pub fn MembersPage() -> impl IntoView {
    let members = Resource::new(|| (), |()| member::members());
    view! {
        <PageTop title="Members and roles" hint="Who signs in, and what each role may." />
        <div class="body">
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match members.await {
                        Ok(members) => view! { <Lists members /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn Lists(members: Members) -> impl IntoView {
    let people = members.members.into_iter().map(|member| {
        view! {
            <tr>
                <td>
                    <span class="who">{member.name}</span>
                </td>
                <td>{member.email}</td>
                <td>{member.role}</td>
                <td>
                    {if member.active {
                        view! { <span class="badge good">"Active"</span> }
                    } else {
                        view! { <span class="badge">"Can’t sign in"</span> }
                    }}
                </td>
            </tr>
        }
    });
    let roles = members.roles.into_iter().map(|role| {
        view! {
            <tr>
                <td>
                    <span class="who">{role.name}</span>
                </td>
                <td class="wrap">{role.may.join(", ")}</td>
            </tr>
        }
    });
    view! {
        <section class="panel scroll" aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"E-mail"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>{people.collect_view()}</tbody>
            </table>
        </section>
        <section class="panel pad add" aria-labelledby="add-member">
            <h2 id="add-member">"Add a member"</h2>
            <p>"On the server’s command line; the password is read from standard input:"</p>
            <pre>"layer user add you@example.com --name \"Your Name\" --role \"Manager\""</pre>
        </section>
        <section class="panel scroll" aria-labelledby="roles">
            <h2 id="roles">"Roles"</h2>
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Role"</th>
                        <th scope="col">"May"</th>
                    </tr>
                </thead>
                <tbody>{roles.collect_view()}</tbody>
            </table>
        </section>
    }
}
