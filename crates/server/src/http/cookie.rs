//! The cookies: what a browser sends by itself. Neither is read outside of its path.

use http::{HeaderMap, HeaderValue, header};

use crate::desk::Desk;

pub(crate) struct Cookie {
    name: &'static str,
    path: &'static str,
}

/// Renews a sign-in (AU2).
pub(crate) const REFRESH: Cookie = Cookie { name: "linedesk_refresh", path: "/api/v1/auth" };
/// Lets a page show pictures: an `<img>` sends no header. See [`crate::auth::token::Audience::Media`].
pub(crate) const MEDIA: Cookie = Cookie { name: "linedesk_media", path: "/media" };

impl Cookie {
    /// For `Set-Cookie`; `max_age` in seconds, 0 to take it away.
    pub(crate) fn set(&self, desk: &Desk, value: &str, max_age: u64) -> HeaderValue {
        let Self { name, path } = self;
        let is_https = desk.config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        let secure = if is_https { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}");
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    pub(crate) fn find(&self, headers: &HeaderMap) -> Option<String> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == self.name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }

    /// Whether a request's path is one that it is for.
    pub(crate) fn is_for(&self, path: &str) -> bool {
        path.strip_prefix(self.path).is_some_and(|rest| rest.starts_with('/'))
    }
}
