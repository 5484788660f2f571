//! What pages and server functions find in Leptos' context.

use std::sync::Arc;

use app::context::{Asker, PageFile, PageStatus, TypedEmail};
use app::{Nonce, SiteFolder, Theme};
use axum::http::header::{CONTENT_SECURITY_POLICY, LINK};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use domain::Actor;
use domain::ports::Backend;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use super::{headers, sign_in, site, theme};
use crate::store::Store;

/// Lifts the [`Actor`], or that there is none, out of the request, and gives it with the ports and the theme to pages and server functions
/// alike.
pub fn giver(store: Arc<Store>) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = use_context::<Parts>();
        let actor = parts
            .as_ref()
            .and_then(|parts| parts.extensions.get::<Actor>());
        // Also where nobody is signed in: nobody, too, must hide whomever an owner around this one may hold.
        provide_context(Asker(actor.cloned()));
        if let Some(email) = parts.as_ref().and_then(sign_in::typed_email) {
            provide_context(TypedEmail(email));
        }
        let theme = parts.map(|parts| theme::of(&parts.headers));
        provide_context(theme.unwrap_or(Theme::System));
        provide_context::<Backend>(store.clone());
        if let Some(answer) = use_context::<ResponseOptions>() {
            provide_context(PageStatus(Arc::new(move |status| {
                if let Ok(status) = StatusCode::from_u16(status) {
                    answer.set_status(status);
                }
            })));
        }
        // Pages alone have a nonce: server functions answer no HTML.
        if let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&headers::page_policy(&nonce))
        {
            answer.insert_header(CONTENT_SECURITY_POLICY, policy);
            provide_context(Nonce(nonce.to_string()));
            provide_context(SiteFolder(site::folder()));
            provide_context(PageFile(Arc::new(move |page| {
                for link in site::early(page) {
                    if let Ok(link) = HeaderValue::from_str(&link) {
                        answer.append_header(LINK, link);
                    }
                }
            })));
        }
    }
}

/// The answer's status, for an address that leads nowhere.
pub fn no_such_page() {
    if let Some(answer) = use_context::<ResponseOptions>() {
        answer.set_status(StatusCode::NOT_FOUND);
    }
}
