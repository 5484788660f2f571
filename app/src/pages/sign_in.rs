//! `/sign-in`: plain forms that the server answers itself, so that they work before anything is loaded.

use domain::session::SignInOptions;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::context::TypedEmail;
use crate::parts::icon::Icon;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;
use crate::session;

/// Address and password; under `--demo` a button for each role.
#[component]
pub fn SignInPage() -> impl IntoView {
    let options = Resource::new(|| (), |()| session::sign_in_options());
    let query = use_query_map();
    let typed = use_context::<TypedEmail>().map_or_else(String::new, |TypedEmail(email)| email);
    let wrong = move || {
        query.with(|query| match query.get_str("wrong") {
            Some("many") => Some("That was tried too often. Wait a minute and try again."),
            Some(_) => Some("This e-mail address and password don't belong together. Try again."),
            None => None,
        })
    };
    let done = move || {
        query.with(|query| match query.get_str("done") {
            Some("password") => Some("Your password is changed. Sign in with it."),
            Some(_) => Some("You are signed out everywhere."),
            None => None,
        })
    };
    view! {
        <Title text="Sign in" />
        <main class="sign-in">
            <div class="brand">
                <Icon icon=Icon::Layers />
                "Layer"
            </div>
            <h1>"Sign in"</h1>
            {move || done().map(|done| view! { <p role="status">{done}</p> })}
            {move || wrong().map(|wrong| view! { <p class="problem" role="alert">{wrong}</p> })}
            <form class="panel pad" method="post" action="/sign-in">
                <input type="hidden" name="next" value=move || next(&query) />
                <label class="field">
                    <span>"E-mail address"</span>
                    <input type="email" name="email" autocomplete="username" required value=typed />
                </label>
                <label class="field">
                    <span>"Password"</span>
                    <input type="password" name="password" autocomplete="current-password" required />
                </label>
                <button class="button primary">"Sign in"</button>
            </form>
            <Suspense fallback=|| view! { <Skeleton lines=3 /> }>
                {move || Suspend::new(async move {
                    match options.await {
                        Ok(options) => view! { <Options options next=next(&query) /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
    .into_any()
}

fn next(query: &Memo<leptos_router::params::ParamsMap>) -> String {
    query.with(|query| query.get("next")).unwrap_or_default()
}

#[component]
fn Options(options: SignInOptions, next: String) -> impl IntoView {
    let button = move |role: domain::session::DemoRole| {
        view! {
            <form method="post" action="/sign-in/demo">
                <input type="hidden" name="email" value=role.email />
                <input type="hidden" name="next" value=next.clone() />
                <button class="button">"Sign in as " {role.role}</button>
            </form>
        }
    };
    view! {
        {options
            .nobody_yet
            .then(|| {
                view! {
                    <div class="panel pad">
                        <p>"Nobody can sign in yet. Add the first person on the server's command line:"</p>
                        <pre>"layer user add you@example.com --name \"Your Name\" --role \"Layer Admin\""</pre>
                    </div>
                }
            })}
        {(!options.demo_roles.is_empty())
            .then(|| {
                view! {
                    <section class="panel pad demo" aria-labelledby="demo">
                        <h2 id="demo">"This is the demo"</h2>
                        <p class="hint">"All leads are made up. Sign in as one of five people:"</p>
                        {options.demo_roles.into_iter().map(button).collect_view()}
                    </section>
                }
            })}
    }
}
