//! Behind a proxy each person has tries of their own, and nobody gets more of them by what they write into a header.

use std::net::SocketAddr;

use crate::test_app::{TestApp, request};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use clap::Parser;
use server::command::{Cli, Command};

const PROXY: &str = "10.203.17.2";
const OTHER_PROXY: &str = "10.203.17.1";
const NETWORK: &str = "10.203.17.0/24";

/// A wrong password for this e-mail, asked from there with these headers; whether it was tried at all.
async fn is_tried(app: &TestApp, email: &str, peer: &str, forwarded: &[&str]) -> bool {
    let peer = SocketAddr::new(peer.parse().unwrap(), 40_000);
    let mut request = request("POST", "/sign-in", None)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .extension(ConnectInfo(peer));
    for header in forwarded {
        request = request.header("x-forwarded-for", *header);
    }
    let form = Body::from(format!("email={email}&password=wrong"));
    let answer = app.send(request.body(form).unwrap()).await;
    let back = answer.headers[LOCATION].to_str().unwrap();
    assert!(back.contains("wrong="), "{back}");
    !back.contains("wrong=many")
}

/// Whether the eleventh try with one e-mail is still one, where the nth is asked with these headers.
async fn has_more_than_ten(app: &TestApp, peer: &str, forwarded: impl Fn(usize) -> String) -> bool {
    for n in 0..10 {
        assert!(is_tried(app, "ann@b.test", peer, &[&forwarded(n)]).await);
    }
    is_tried(app, "ann@b.test", peer, &[&forwarded(10)]).await
}

#[tokio::test]
async fn a_hundred_wrong_tries_of_one_person_lock_nobody_else_behind_the_proxy_out() {
    for proxy in [PROXY, "127.0.0.1", "::ffff:10.203.17.2"] {
        let app = TestApp::behind(&[NETWORK, "127.0.0.1"]).await;
        for n in 0..100 {
            let email = format!("{n}@b.test");
            assert!(is_tried(&app, &email, proxy, &["203.0.113.7"]).await);
        }
        // Also where the proxy is on this machine, whose own address has no limit.
        assert!(!is_tried(&app, "ann@b.test", proxy, &["203.0.113.7"]).await);
        assert!(is_tried(&app, "ann@b.test", proxy, &["203.0.113.8"]).await);
    }
}

#[tokio::test]
async fn what_stands_left_of_the_persons_address_is_not_believed() {
    for left in ["198.51.100.", "not an address, 198.51.100.", "10.203.17."] {
        let app = TestApp::behind(&[NETWORK]).await;
        let forged = |n| format!("{left}{n}, 203.0.113.7, {OTHER_PROXY}");
        assert!(!has_more_than_ten(&app, PROXY, forged).await, "{left}");
    }
    // Nor what came in a header before the proxy's own.
    let app = TestApp::behind(&[NETWORK]).await;
    for n in 0..11 {
        let forged = format!("198.51.100.{n}");
        let headers = [&*forged, "203.0.113.7"];
        assert_eq!(is_tried(&app, "ann@b.test", PROXY, &headers).await, n < 10);
    }
}

#[tokio::test]
async fn the_person_is_found_behind_several_trusted_proxies() {
    let app = TestApp::behind(&[NETWORK]).await;
    let behind_two = |n| format!("203.0.113.{n}, {OTHER_PROXY}");
    assert!(has_more_than_ten(&app, PROXY, behind_two).await);
}

#[tokio::test]
async fn who_is_no_trusted_proxy_is_not_believed() {
    for trusted in [&[][..], &[NETWORK]] {
        let app = TestApp::behind(trusted).await;
        let forged = |n| format!("203.0.113.{n}");
        assert!(!has_more_than_ten(&app, "192.0.2.7", forged).await);
    }
}

#[tokio::test]
async fn what_is_no_address_counts_for_the_proxy() {
    let app = TestApp::behind(&[NETWORK]).await;
    let broken = ["", "unknown", "203.0.113.7,", ",", "203.0.113", OTHER_PROXY];
    let nth = |n: usize| broken[n % broken.len()].to_owned();
    assert!(!has_more_than_ten(&app, PROXY, nth).await);
    // Without any it is the same.
    assert!(!is_tried(&app, "ann@b.test", PROXY, &[]).await);
}

#[test]
fn proxies_are_named_by_address_or_network_one_after_the_other_or_with_commas() {
    let serve = |words: &[&str]| {
        let cli = Cli::try_parse_from(["layer", "serve"].iter().chain(words))?;
        match cli.command {
            Command::Serve(serve) => Ok::<_, clap::Error>(serve.trusted_proxy),
            other => panic!("{other:?}"),
        }
    };
    let named = serve(&[
        "--trusted-proxy",
        "10.0.0.0/8",
        "--trusted-proxy",
        "::1, 192.0.2.7",
    ]);
    let named: Vec<String> = named.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(named, ["10.0.0.0/8", "::1/128", "192.0.2.7/32"]);
    assert!(serve(&[]).unwrap().is_empty());
    for wrong in ["proxy.test", "10.0.0.0/33", ""] {
        let refused = serve(&["--trusted-proxy", wrong]).unwrap_err().to_string();
        assert!(refused.contains("10.0.0.0/8"), "{refused}");
    }
}
