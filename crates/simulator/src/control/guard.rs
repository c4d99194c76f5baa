//! Who may use the control API.
//!
//! It has no password, so two things are looked at. The `Host`: when the simulator listens on loopback, a page of another
//! name that a name server points here ("DNS rebinding") must not be taken for ours. The `Origin`: any site open in the
//! same browser can send requests here, but cannot hide where they come from (Fetch standard, "Origin header").

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::answer::Refusal;
use crate::shared::Shared;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses requests to a name that is not this machine's own.
pub(crate) async fn own_host_only(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if shared.loopback_only && !host(request.headers()).is_some_and(|host| is_loopback(host.host())) {
        let refusal = "This simulator answers to localhost only.";
        return Refusal::new(StatusCode::FORBIDDEN, refusal).into_response();
    }
    next.run(request).await
}

/// Refuses requests of other sites' pages. Programs send neither header.
pub(super) async fn own_page_only(request: Request, next: Next) -> Response {
    if !is_own(request.headers()) {
        return Refusal::new(StatusCode::FORBIDDEN, "Only the simulator's own page may do this.").into_response();
    }
    next.run(request).await
}

fn is_own(headers: &HeaderMap) -> bool {
    let same_origin = |origin: &str| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.and_then(|given| given.parse::<Authority>().ok()).is_some_and(|given| host(headers) == Some(given))
    };
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    // A request without an `Origin` is a read of this page, or someone's address bar, or no browser's.
    headers.get_all(header::ORIGIN).iter().all(|origin| origin.to_str().is_ok_and(same_origin))
        && matches!(site, None | Some(b"same-origin" | b"none"))
}

/// The one `Host`, if there is exactly one and it is well-formed. (`Authority` compares without case.)
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    let host: Authority = host.to_str().ok()?.parse().ok()?;
    // `name@host` is an authority, but no host.
    (!host.as_str().contains('@')).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|host| host.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn own(host: &'static str, rest: &[(&'static str, &'static str)]) -> bool {
        is_own(&headers(&[&[("host", host)], rest].concat()))
    }

    #[test]
    fn the_origin_must_be_the_host() {
        assert!(own("localhost:8790", &[]));
        assert!(own("localhost:8790", &[("origin", "http://localhost:8790")]));
        assert!(own("Sim.Example", &[("origin", "https://sim.example")]));
        for other in [
            "http://localhost:8791",
            "http://localhost",
            "http://127.0.0.1:8790",
            "http://evil.example",
            "http://localhost:8790.evil.example",
            "http://localhost:8790@evil.example",
            "ftp://localhost:8790",
            "null",
            "",
        ] {
            assert!(!own("localhost:8790", &[("origin", other)]), "{other}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_refused_even_without_an_origin() {
        assert!(own("localhost", &[("sec-fetch-site", "same-origin")]));
        assert!(own("localhost", &[("sec-fetch-site", "none")]));
        assert!(!own("localhost", &[("sec-fetch-site", "cross-site")]));
        assert!(!own("localhost", &[("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for (name, fine) in [
            ("localhost:80", true),
            ("LOCALHOST", true),
            ("127.0.0.1:1", true),
            ("127.8.9.1", true),
            ("[::1]:80", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("evil@localhost", false),
            ("0.0.0.0", false),
            ("192.168.0.1", false),
        ] {
            let found = host(&headers(&[("host", name)]));
            assert_eq!(found.is_some_and(|host| is_loopback(host.host())), fine, "{name}");
        }
        assert!(host(&HeaderMap::new()).is_none());
    }
}
