//! HTTP: pages, server functions, sessions, the live stream.
//!
//! A request passes, from the outside in: [`headers`], a catch for panics, the guard against forged requests, the
//! session, [`visitor`] (who is it, and with what rights), then its route. Server functions also run inside server
//! rendering, past all of this: that is why every right is checked in the ports and not here.

use std::sync::{Arc, LazyLock};

use app::{App, shell};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::store::Store;
use crate::store::session::SessionRows;
use live::Frames;
use trusted_proxy::TrustedProxies;

pub mod audit_export;
pub mod context;
pub mod drain;
pub mod headers;
pub mod health;
pub mod import_refusals;
pub mod import_upload;
pub mod live;
pub mod metrics;
pub mod refused_page;
pub mod server_function;
pub mod sign_in;
pub mod site;
pub mod theme;
pub mod trusted_proxy;
pub mod visitor;

/// A server function's arguments have at most so many bytes: a selection of 10,000 leads has about 120 kB.
const MOST_ARGUMENTS: usize = 1 << 20;

/// Whoever sends arguments or a form has so long for it.
const SLOWEST_BODY: std::time::Duration = std::time::Duration::from_secs(30);

/// How long a browser keeps the cookie: as long as browsers do. It is sent at the sign-in alone, so it must outlive
/// the session, whose row ends when it isn't used (`store::session::IDLE`).
const COOKIE: Duration = Duration::days(400);

/// The pages' addresses. Found once, before the first page is rendered: while Leptos looks for them, no resource of the
/// whole process is loaded, and one that is asked for in that time never comes.
pub static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// What the routes share.
#[derive(Clone)]
pub struct Web {
    /// The ports.
    pub store: Arc<Store>,
    /// Cookies travel by https alone.
    pub secure_cookies: bool,
    /// The live stream's frames.
    pub frames: Frames,
    /// What `/metrics` asks for; `None` is no such page.
    pub metrics_token: Option<Arc<str>>,
    /// Who is believed whom they were asked by.
    pub trusted_proxies: TrustedProxies,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
}

impl axum::extract::FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.leptos.clone()
    }
}

impl Web {
    /// For this store. `frames` is what [`live::Frames::start`] gave.
    pub fn new(store: Arc<Store>, frames: Frames, secure_cookies: bool) -> Self {
        Self {
            store,
            secure_cookies,
            frames,
            metrics_token: None,
            trusted_proxies: TrustedProxies::default(),
            leptos: LeptosOptions::builder()
                .output_name("layer")
                .site_root("target/site")
                .site_pkg_dir("pkg")
                .build(),
        }
    }

    fn cookie(&self) -> &'static str {
        // The prefix binds the cookie to this very host; browsers take it only with Secure.
        if self.secure_cookies {
            "__Host-layer"
        } else {
            "layer"
        }
    }
}

/// All routes.
pub fn router(web: Web) -> Router {
    let give = context::giver(web.store.clone());
    let slow = RequestBodyDeadlineLayer::new(SLOWEST_BODY);
    let pages = Router::new()
        .leptos_routes_with_context(&web, PAGES.clone(), give.clone(), shell)
        .fallback(leptos_axum::render_app_async_with_context(
            {
                let give = give.clone();
                move || {
                    give();
                    context::no_such_page();
                }
            },
            shell,
        ))
        .layer(from_fn(drain::to_the_end))
        .layer(from_fn_with_state(web.clone(), refused_page::keep))
        .layer(from_fn_with_state(
            web.clone(),
            server_function::true_status,
        ))
        // Leptos keeps to the limit that axum's extractors have: the one of the forms would cut a large selection off.
        .layer(DefaultBodyLimit::max(MOST_ARGUMENTS))
        .layer(RequestBodyLimitLayer::new(MOST_ARGUMENTS))
        .layer(slow.clone());
    let sessions = SessionManagerLayer::new(SessionRows(web.store.clone()))
        .with_name(web.cookie())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(web.secure_cookies)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(COOKIE));
    let signed_in = Router::new()
        .route("/live", get(live::stream))
        .route("/sign-out", post(sign_in::sign_out))
        .merge(import_upload::router(web.store.clone()))
        .merge(import_refusals::router(web.store.clone()))
        .merge(audit_export::router(web.store.clone()))
        .merge(pages)
        .layer(from_fn_with_state(web.clone(), visitor::is_known))
        .route("/sign-in", post(sign_in::sign_in).layer(slow.clone()))
        .route(
            "/sign-in/demo",
            post(sign_in::sign_in_demo).layer(slow.clone()),
        )
        .layer(sessions);
    Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/pkg/{*file}", get(site::file))
        .route("/theme", post(theme::choose).layer(slow))
        .merge(signed_in)
        .layer(DefaultBodyLimit::max(64 << 10))
        .layer(CsrfLayer::new())
        .layer(CatchPanicLayer::custom(headers::broken))
        .layer(from_fn(headers::secure))
        .with_state(web)
}
