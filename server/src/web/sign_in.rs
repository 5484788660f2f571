//! Signing in and out: plain forms, so that they work before anything is loaded.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Form, State};
use axum::http::Extensions;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Actor;
use domain::member::MemberId;
use domain::text::fold;
use serde::Deserialize;
use tower_sessions::Session;

use super::Web;
use crate::store::session::MEMBER;

/// No e-mail address is longer; what is, is cut before it is kept anywhere.
const LONGEST_EMAIL: usize = 254;

/// The sign-in form.
#[derive(Deserialize)]
pub struct SignIn {
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// By address and password.
pub async fn sign_in(
    State(web): State<Web>,
    session: Session,
    extensions: Extensions,
    Form(form): Form<SignIn>,
) -> Response {
    let email: String = form.email.trim().chars().take(LONGEST_EMAIL).collect();
    let who = (fold(&email), address(&extensions));
    if !web.throttle.admits(who.clone(), web.store.now()) {
        _ = web.store.security_event(None, "sign-in", "too-many").await;
        return again("many", &form.next);
    }
    match web.store.sign_in(&email, form.password).await {
        Ok(Some(member)) => {
            web.throttle.forget(who);
            begin(&web, &session, member, &form.next).await
        }
        Ok(None) => {
            _ = web.store.security_event(None, "sign-in", "wrong").await;
            again("1", &form.next)
        }
        Err(error) => failed(error),
    }
}

/// As one of the demo's people; under `--demo` alone.
pub async fn sign_in_demo(
    State(web): State<Web>,
    session: Session,
    Form(form): Form<SignIn>,
) -> Response {
    match web.store.sign_in_demo(&form.email).await {
        Ok(Some(member)) => begin(&web, &session, member, &form.next).await,
        Ok(None) => {
            _ = web
                .store
                .security_event(None, "sign-in/demo", "forbidden")
                .await;
            again("1", &form.next)
        }
        Err(error) => failed(error),
    }
}

/// Ends the session.
pub async fn sign_out(session: Session) -> Response {
    if session.id().is_some() && session.flush().await.is_err() {
        return failed(domain::Error::Internal("-".into()));
    }
    Redirect::to("/sign-in").into_response()
}

async fn begin(web: &Web, session: &Session, member: MemberId, next: &str) -> Response {
    // A new id, so that nobody who planted one before is signed in with it.
    let begun = async {
        if session.id().is_some() {
            session.flush().await?;
        }
        session.insert(MEMBER, member.0).await?;
        session.save().await
    };
    if begun.await.is_err() {
        return failed(domain::Error::Internal("-".into()));
    }
    _ = web
        .store
        .security_event(Some(member), "sign-in", "ok")
        .await;
    Redirect::to(within(next)).into_response()
}

fn again(wrong: &str, next: &str) -> Response {
    let next = encode(within(next));
    Redirect::to(&format!("/sign-in?wrong={wrong}&next={next}")).into_response()
}

fn failed(error: domain::Error) -> Response {
    let status = axum::http::StatusCode::from_u16(error.status());
    (
        status.unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR),
        error.to_string(),
    )
        .into_response()
}

/// Where to go on: an address of this site, or the first page.
pub fn within(next: &str) -> &str {
    let mut letters = next.chars();
    let ours = letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && !next.chars().any(|c| c.is_control() || c == '\\');
    if ours && !next.starts_with("/api/") {
        next
    } else {
        "/"
    }
}

/// As a value in an address.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            out + &char::from(byte).to_string()
        }
        _ => out + &format!("%{byte:02X}"),
    })
}

/// Whoever opened the connection. `X-Forwarded-For` is not trusted: anybody can write it.
fn address(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

/// The member in a session's data.
pub async fn member_of(session: &Session) -> Option<MemberId> {
    session
        .get::<i64>(MEMBER)
        .await
        .ok()
        .flatten()
        .map(MemberId)
}

/// Who acts in this request; `None` for nobody.
pub async fn actor_of(web: &Web, session: &Session) -> domain::Result<Option<Actor>> {
    match member_of(session).await {
        Some(member) => web.store.actor(member).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_site_are_gone_on_to() {
        assert_eq!(within("/work-stacks/1?q=a"), "/work-stacks/1?q=a");
        for foreign in [
            "",
            "https://a.test",
            "//a.test",
            "/\\a.test",
            "javascript:1",
            "/a\r\nb",
            "/api/x",
        ] {
            assert_eq!(within(foreign), "/", "{foreign}");
        }
    }
}
