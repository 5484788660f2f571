//! P27: what another site makes a signed-in browser send changes nothing.

use crate::test_app::{TestApp, request};
use axum::body::Body;
use axum::http::StatusCode;

#[tokio::test]
async fn a_request_from_another_site_is_refused_on_every_way_that_changes_something() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let ways = [
        ("/api/queue/pause", "application/json", "{}"),
        (
            "/api/removals/preview",
            "application/json",
            r#"{"search":""}"#,
        ),
        ("/sign-out", "application/x-www-form-urlencoded", ""),
        (
            "/sign-in",
            "application/x-www-form-urlencoded",
            "email=a@b.test&password=x",
        ),
        (
            "/sign-in/demo",
            "application/x-www-form-urlencoded",
            "email=agent@demo.test",
        ),
        ("/theme", "application/x-www-form-urlencoded", "theme=dark"),
        (
            "/import/upload",
            "multipart/form-data; boundary=x",
            "--x--\r\n",
        ),
    ];
    let forged: [&[(&str, &str)]; 4] = [
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.test"),
        ],
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://other.layer.test"),
        ],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
    ];
    let before = app.everything().await;
    for (path, kind, body) in ways {
        for headers in forged {
            let mut request = request("POST", path, Some(&admin)).header("content-type", kind);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = app.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert_eq!(app.everything().await, before);
    assert_eq!(
        app.call(Some(&admin), "session/shell", "{}").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_plain_form_reaches_no_server_function() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let request = request("POST", "/api/queue/pause", Some(&admin))
            .header("content-type", kind)
            .header("accept", "text/html")
            .header("referer", "https://evil.test/")
            .body(Body::from("{}"))
            .unwrap();
        let answer = app.send(request).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert!(!answer.headers.contains_key("location"));
    }
    assert_eq!(app.everything().await, before);
}

#[tokio::test]
async fn nothing_changes_by_get() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    for path in [
        "/api/queue/pause",
        "/api/drafts/confirm",
        "/sign-out",
        "/sign-in/demo?email=agent@demo.test",
        "/theme?theme=dark",
    ] {
        let answer = app.page(Some(&admin), path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert_eq!(app.everything().await, before);
    assert_eq!(
        app.call(Some(&admin), "session/shell", "{}").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_cookie_is_for_the_server_alone_and_of_no_use_after_signing_out() {
    let app = TestApp::demo(5).await;
    let answer = app
        .form(None, "/sign-in/demo", "email=admin@demo.test")
        .await;
    let set = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"),
        "{set}"
    );
    let session = crate::test_app::cookie(&answer);
    // Who reads the database finds no cookie in it.
    let id = session.split('=').nth(1).unwrap().to_owned();
    assert!(!id.is_empty());
    assert_eq!(
        app.number("SELECT COUNT(*) FROM session WHERE length(id) = 32")
            .await,
        1
    );
    assert_eq!(
        app.form(Some(&session), "/sign-out", "").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        app.call(Some(&session), "session/shell", "{}").await.status,
        StatusCode::UNAUTHORIZED
    );
}
