//! Issuing channel access tokens: stateless, and v2.1 by a signed assertion (LINE doc "Channel access token").

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use super::answer::ok;
use crate::shared::Shared;

/// LINE doc: a stateless token lives 15 minutes.
const STATELESS_SECONDS: i64 = 15 * 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// LINE doc: 30 days at most.
const LONGEST_SECONDS: i64 = 30 * 24 * 3600;

/// `POST /oauth2/v3/token`
pub(super) async fn stateless(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let form = read(&body);
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    if !is("grant_type", "client_credentials") {
        return refused("unsupported_grant_type", "grant_type must be client_credentials");
    }
    if !is("client_id", &shared.channel_id) || !is("client_secret", &shared.channel_secret) {
        return refused("invalid_client", "client_id or client_secret is invalid");
    }
    issue(&shared, STATELESS_SECONDS, None)
}

/// `POST /oauth2/v2.1/token`
pub(super) async fn by_assertion(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let form = read(&body);
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    if !is("grant_type", "client_credentials") || !is("client_assertion_type", ASSERTION_TYPE) {
        return refused("unsupported_grant_type", "grant_type or client_assertion_type is not supported");
    }
    let assertion = form.get("client_assertion").map(String::as_str).unwrap_or_default();
    match seconds_of(&shared, assertion) {
        Some((seconds, kid)) => issue(&shared, seconds, Some(kid)),
        None => refused("invalid_client", "client_assertion is invalid"),
    }
}

fn read(body: &[u8]) -> HashMap<String, String> {
    let text = String::from_utf8_lossy(body);
    reqwest::Url::parse(&format!("http://form/?{text}"))
        .map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default()
}

/// How long the token shall live, and by which key; none where the assertion is not this channel's, or too old.
fn seconds_of(shared: &Shared, assertion: &str) -> Option<(i64, String)> {
    let key: Value = serde_json::from_str(shared.assertion_key.as_deref()?).ok()?;
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let json = |text: &str| serde_json::from_slice::<Value>(&decode(text)?).ok();
    let part = |name: &str| decode(key[name].as_str()?);
    let (header, claims) = (json(header)?, json(claims)?);
    let public = RsaPublicKeyComponents { n: part("n")?, e: part("e")? };
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature)?).ok()?;
    let is_its_own = header["alg"] == "RS256" && header["kid"] == key["kid"];
    let is_for_us = claims["iss"] == shared.channel_id.as_str()
        && claims["sub"] == shared.channel_id.as_str()
        && claims["aud"] == "https://api.line.me/";
    let left = claims["exp"].as_i64()? - shared.now_ms() / 1000;
    let seconds = claims["token_exp"].as_i64()?;
    let is_good = is_its_own && is_for_us && (1..=30 * 60).contains(&left) && (1..=LONGEST_SECONDS).contains(&seconds);
    is_good.then(|| (seconds, key["kid"].as_str().unwrap_or_default().to_owned()))
}

fn issue(shared: &Shared, seconds: i64, kid: Option<String>) -> Response {
    let until = shared.now_ms() + seconds * 1000;
    let token = shared.update(|platform| platform.issue_token(until));
    let mut answer = json!({ "token_type": "Bearer", "access_token": token, "expires_in": seconds });
    if let Some(kid) = kid {
        answer["key_id"] = kid.into();
    }
    ok(&answer)
}

fn refused(error: &str, description: &str) -> Response {
    let body = ok(&json!({ "error": error, "error_description": description }));
    (StatusCode::BAD_REQUEST, body).into_response()
}
