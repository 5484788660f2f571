//! The theme: a cookie, which the server renders into `<html>`.

use app::Theme;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Web;
use super::sign_in::within;

/// The switch.
#[derive(Deserialize)]
pub struct Choice {
    theme: String,
    #[serde(default)]
    back: String,
}

/// Keeps the choice and goes back to where it was made.
pub async fn choose(State(web): State<Web>, Form(choice): Form<Choice>) -> Response {
    let theme = Theme::from_code(&choice.theme).code();
    let secure = if web.secure_cookies { "; Secure" } else { "" };
    let cookie = format!("theme={theme}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
    ([(SET_COOKIE, cookie)], Redirect::to(within(&choice.back))).into_response()
}

/// The theme that a request's cookie names.
pub fn of(headers: &HeaderMap) -> Theme {
    cookie(headers, "theme").map_or(Theme::System, Theme::from_code)
}

/// What a request's cookie of that name says.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
}
