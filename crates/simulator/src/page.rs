//! The page with the phone on it: plain files, embedded, and allowed to load nothing but each other.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::control::own_host_only;
use crate::shared::Shared;

/// Nothing inline, nothing from elsewhere, never in a frame, and no text that turns into markup.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// Opened by itself, a picture is a document too.
const PICTURE_POLICY: &str = "default-src 'none'; sandbox";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";

struct File {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! file {
    ($path:literal, $kind:ident, $name:literal) => {
        File { path: $path, kind: $kind, bytes: include_bytes!(concat!("../assets/", $name)) }
    };
}

static FILES: [File; 22] = [
    file!("/", HTML, "index.html"),
    file!("/sim/page/tokens.css", CSS, "tokens.css"),
    file!("/sim/page/page.css", CSS, "page.css"),
    file!("/sim/page/phone.css", CSS, "phone.css"),
    file!("/sim/page/kinds.css", CSS, "kinds.css"),
    file!("/sim/page/icon.svg", SVG, "icon.svg"),
    file!("/sim/page/main.js", JS, "main.js"),
    file!("/sim/page/words.js", JS, "words.js"),
    file!("/sim/page/dom.js", JS, "dom.js"),
    file!("/sim/page/platform.js", JS, "platform.js"),
    file!("/sim/page/people.js", JS, "people.js"),
    file!("/sim/page/groups.js", JS, "groups.js"),
    file!("/sim/page/phone.js", JS, "phone.js"),
    file!("/sim/page/drawing.js", JS, "drawing.js"),
    file!("/sim/page/flex.js", JS, "flex.js"),
    file!("/sim/page/templates.js", JS, "templates.js"),
    file!("/sim/page/actions.js", JS, "actions.js"),
    file!("/sim/page/compose.js", JS, "compose.js"),
    file!("/sim/page/sending.js", JS, "sending.js"),
    file!("/sim/page/menu.js", JS, "menu.js"),
    file!("/sim/page/drawer.js", JS, "drawer.js"),
    file!("/sim/page/log.js", JS, "log.js"),
];

/// What customers can have as their picture: bitmaps, as LINE has them.
static PICTURES: [File; 4] = [
    file!("cup", PNG, "pictures/cup.png"),
    file!("leaf", PNG, "pictures/leaf.png"),
    file!("cat", PNG, "pictures/cat.png"),
    file!("wave", PNG, "pictures/wave.png"),
];

pub(crate) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let files = FILES.iter().fold(Router::new(), |router, file| {
        router.route(file.path, get(move || std::future::ready(serve(file, PAGE_POLICY, "same-origin"))))
    });
    let pictures = PICTURES.iter().fold(Router::new(), |router, file| {
        let path = format!("/sim/pictures/{}.png", file.path);
        // Desks fetch them, from wherever they are; pages of other origins have no business here.
        router.route(&path, get(move || std::future::ready(serve(file, PICTURE_POLICY, "same-origin"))))
    });
    // LINE's shop has one for each sticker; this one has four.
    let stickers = get(|axum::extract::Path(id): axum::extract::Path<usize>| {
        std::future::ready(serve(&PICTURES[id % PICTURES.len()], PICTURE_POLICY, "same-origin"))
    });
    let pictures = pictures.route("/stickershop/v1/sticker/{id}/android/sticker.png", stickers);
    files.route_layer(from_fn_with_state(Arc::clone(shared), own_host_only)).merge(pictures)
}

pub(crate) fn is_picture(name: &str) -> bool {
    PICTURES.iter().any(|picture| picture.path == name)
}

pub(crate) fn picture_url(shared: &Shared, name: &str) -> String {
    format!("{}/sim/pictures/{name}.png", shared.base_url)
}

fn serve(file: &File, policy: &'static str, readers: &'static str) -> impl IntoResponse + use<> {
    const READERS: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    let headers = [
        (header::CONTENT_TYPE, file.kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The next version is served at the same addresses.
        (header::CACHE_CONTROL, "no-cache"),
        (READERS, readers),
    ];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), file.bytes)
}
