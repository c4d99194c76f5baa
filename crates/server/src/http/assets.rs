//! The console, embedded into the binary (see `build.rs`), at the addresses that its own router knows.
//!
//! What is under `/assets/` has a hash of its content in its name and is kept for ever; everything else is asked for
//! again each time. An address that is not listed here is never answered with the console: a wrong path must look wrong.

mod encoding;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

use self::encoding::Encoding;
use super::error;
use crate::desk::Desk;

/// A file of the console, with its encodings where they are smaller.
struct File {
    path: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// The build of the console; empty where there was none. Each table is in the order of its paths.
struct Console {
    /// What is under `/assets/`, where a name changes with the content. Not to be looked through: the paths lie between
    /// the contents, and to read them all would bring twelve megabytes of fonts into the memory of every desk.
    hashed: &'static [File],
    others: &'static [File],
}

static CONSOLE: Console = include!(concat!(env!("OUT_DIR"), "/console.rs"));

const INDEX: &str = "/index.html";

/// The places of the console, as in `console/src/app/places.ts`.
const PLACES: [&str; 12] = [
    "/",
    "/all",
    "/queue",
    "/mine",
    "/active",
    "/bot",
    "/closed",
    "/c/{id}",
    "/search",
    "/usage",
    "/setup",
    "/settings",
];

/// Says how to build the console.
static NO_CONSOLE: File =
    File { path: INDEX, plain: include_bytes!("../../assets/no-console.html"), brotli: None, gzip: None };

pub(crate) fn routes() -> Router<Arc<Desk>> {
    match find(CONSOLE.others, INDEX) {
        Some(index) => files().merge(places(index)),
        None => places(&NO_CONSOLE),
    }
}

/// The same page at each place: what it shows there is its own affair.
fn places(page: &'static File) -> Router<Arc<Desk>> {
    let tag = tag(page);
    PLACES.iter().fold(Router::new(), |router, place| {
        let tag = tag.clone();
        router.route(place, get(async move |headers: HeaderMap| changing(page, &tag, &headers)))
    })
}

fn files() -> Router<Arc<Desk>> {
    let hashed =
        async |Path(name): Path<String>, headers: HeaderMap| match find(CONSOLE.hashed, &format!("/assets/{name}")) {
            Some(file) => hashed(file, &headers),
            None => error::no_such_path().await.into_response(),
        };
    let others = CONSOLE.others.iter().filter(|file| file.path != INDEX);
    others.fold(Router::new().route("/assets/{*name}", get(hashed)), |router, file| {
        let tag = tag(file);
        router.route(file.path, get(async move |headers: HeaderMap| changing(file, &tag, &headers)))
    })
}

fn find(files: &'static [File], path: &str) -> Option<&'static File> {
    files.binary_search_by(|file| file.path.cmp(path)).ok().map(|at| &files[at])
}

fn hashed(file: &File, asked: &HeaderMap) -> Response {
    let mut response = content(file, asked);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, forever);
    response
}

/// A file whose next version has the same address.
fn changing(file: &File, tag: &HeaderValue, asked: &HeaderMap) -> Response {
    let mut response = if has(asked, tag) { StatusCode::NOT_MODIFIED.into_response() } else { content(file, asked) };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether whoever asks has what the tag stands for (RFC 9110, 13.1.2).
pub(super) fn has(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|list| list.split(',')).any(|known| [tag.as_bytes(), b"*"].contains(&known.trim().as_bytes()))
}

fn content(file: &File, asked: &HeaderMap) -> Response {
    let (bytes, encoding) = match encoding::best(asked, file.brotli.is_some(), file.gzip.is_some()) {
        Some(Encoding::Brotli) => (file.brotli, Some("br")),
        Some(Encoding::Gzip) => (file.gzip, Some("gzip")),
        None => (None, None),
    };
    let mut response = Bytes::from_static(bytes.unwrap_or(file.plain)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(file.path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Weak, as it is the same for each encoding.
fn tag(file: &File) -> HeaderValue {
    let hash = Sha256::digest(file.plain);
    let start = u64::from_be_bytes(std::array::from_fn(|at| hash[at]));
    HeaderValue::from_str(&format!("W/\"{start:016x}\"")).unwrap_or(HeaderValue::from_static("W/\"0\""))
}

/// Every kind that a build of the console gives; a test holds it to that.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        "txt" => "text/plain; charset=utf-8",
        _ => UNKNOWN_KIND,
    }
}

const UNKNOWN_KIND: &str = "application/octet-stream";
