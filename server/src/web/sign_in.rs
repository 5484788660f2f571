//! Signing in and out: plain forms, so that they work before anything is loaded.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Form, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Actor;
use domain::member::MemberId;
use domain::text::fold;
use serde::Deserialize;
use tower_sessions::Session;

use super::{Web, theme};
use crate::store::session::MEMBER;
use crate::store::sign_in_try::Try;

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
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let email: String = form.email.trim().chars().take(LONGEST_EMAIL).collect();
    let folded = fold(&email);
    let person = web.trusted_proxies.person(peer(&extensions), &headers);
    let this_try = Try::SignIn(&folded, person);
    match web.store.admits(this_try).await {
        Ok(true) => {}
        Ok(false) => {
            _ = web.store.security_event(None, "sign-in", "too-many").await;
            return again(&web, "many", &email, &form.next);
        }
        Err(error) => return failed(error),
    }
    match web.store.sign_in(&email, form.password).await {
        Ok(Some(member)) => {
            // Where that fails, there are a few tries less for a quarter of an hour.
            _ = web.store.was_right(this_try).await;
            begin(&web, &session, member, &form.next).await
        }
        Ok(None) => {
            _ = web.store.security_event(None, "sign-in", "wrong").await;
            again(&web, "1", &email, &form.next)
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
            again(&web, "1", "", &form.next)
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

/// Back to the form, which keeps the address that was typed. It goes by a cookie of a minute and not in the page's own
/// address, which others may read: a browser's history, the log of a proxy.
fn again(web: &Web, wrong: &str, email: &str, next: &str) -> Response {
    let next = encode(within(next));
    let back = Redirect::to(&format!("/sign-in?wrong={wrong}&next={next}"));
    if email.is_empty() {
        return back.into_response();
    }
    let secure = if web.secure_cookies { "; Secure" } else { "" };
    let cookie = format!(
        "{TYPED}={}; Path=/sign-in; Max-Age=60; HttpOnly; SameSite=Lax{secure}",
        encode(email)
    );
    ([(SET_COOKIE, cookie)], back).into_response()
}

/// The cookie with the address that was typed in a sign-in that failed.
const TYPED: &str = "sign-in-email";

/// The address that was typed, where this request is for the page that says that it was wrong.
pub fn typed_email(parts: &Parts) -> Option<String> {
    let failed = parts.uri.path() == "/sign-in" && parts.uri.query()?.contains("wrong=");
    let typed = decode(theme::cookie(&parts.headers, TYPED)?)?;
    failed.then_some(typed)
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

/// What [`encode`] wrote.
fn decode(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Whoever opened the connection.
fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

/// Who acts in this request; `None` for nobody. A session that can't be read is a fault and not nobody: whoever is signed in
/// isn't told otherwise because the database is busy.
pub async fn actor_of(web: &Web, session: &Session) -> domain::Result<Option<Actor>> {
    let member = session.get::<i64>(MEMBER).await.map_err(|error| {
        let number = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
        tracing::error!(number, %error, "session");
        domain::Error::Internal(number)
    })?;
    match member {
        Some(member) => web.store.actor(MemberId(member)).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        for text in ["", "ann+test@layer.test", "ä; Path=/ %41", "a\r\nb"] {
            let written = encode(text);
            assert!(written.is_ascii() && !written.contains([';', '\r', '\n', ' ']));
            assert_eq!(decode(&written).as_deref(), Some(text));
        }
        assert_eq!(decode("%4"), None);
    }

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
