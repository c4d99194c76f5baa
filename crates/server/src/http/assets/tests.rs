use http::HeaderName;

use super::*;

static SCRIPT: File = File { path: "/assets/a-12345678.js", plain: b"plain", brotli: Some(b"br"), gzip: Some(b"gzip") };
static PICTURE: File = File { path: "/icon.png", plain: b"picture", brotli: None, gzip: None };

fn asked(name: HeaderName, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
}

fn text(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn a_client_gets_the_smallest_encoding_it_accepts() {
    let cases = [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP ; q=0.5, BR;q=0.5", "br"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("br;q=nan", ""),
        ("br;q=often", ""),
        ("identity", ""),
        ("brown", ""),
        ("", ""),
    ];
    for (accepted, expected) in cases {
        let response = content(&SCRIPT, &asked(header::ACCEPT_ENCODING, accepted));
        assert_eq!(text(&response, header::CONTENT_ENCODING), expected, "{accepted:?}");
        assert_eq!(text(&response, header::VARY), "accept-encoding", "{accepted:?}");
    }
    let response = content(&PICTURE, &asked(header::ACCEPT_ENCODING, "br, gzip"));
    assert_eq!(text(&response, header::CONTENT_ENCODING), "");
}

#[test]
fn what_has_a_hash_in_its_name_is_kept_for_ever() {
    let response = hashed(&SCRIPT, &HeaderMap::new());
    assert_eq!(text(&response, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(text(&response, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
}

#[test]
fn what_can_change_is_asked_for_again_and_sent_only_if_it_did() {
    let tag = tag(&PICTURE);
    let first = changing(&PICTURE, &tag, &HeaderMap::new());
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(text(&first, header::CACHE_CONTROL), "no-cache");
    assert_eq!(text(&first, header::ETAG).as_bytes(), tag.as_bytes());
    assert_ne!(tag, super::tag(&SCRIPT));

    let again = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag.clone())]);
    let again = changing(&PICTURE, &tag, &again);
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(text(&again, header::ETAG).as_bytes(), tag.as_bytes());

    for (known, status) in [("W/\"1\", W/\"2\"", StatusCode::OK), ("*", StatusCode::NOT_MODIFIED)] {
        let answer = changing(&PICTURE, &tag, &asked(header::IF_NONE_MATCH, known));
        assert_eq!(answer.status(), status, "{known}");
    }
}

#[test]
fn the_tables_are_in_order_and_every_file_has_a_kind() {
    for (table, is_hashed) in [(CONSOLE.hashed, true), (CONSOLE.others, false)] {
        assert!(table.is_sorted_by(|a, b| a.path < b.path));
        for file in table {
            assert_eq!(file.path.starts_with("/assets/"), is_hashed, "{}", file.path);
            assert_ne!(kind(file.path), UNKNOWN_KIND, "{}", file.path);
            assert!(find(table, file.path).is_some_and(|found| found.path == file.path));
            for encoded in [file.brotli, file.gzip].into_iter().flatten() {
                assert!(encoded.len() < file.plain.len(), "{}", file.path);
            }
        }
    }
}

#[test]
fn the_places_are_those_of_the_consoles_own_router() {
    let router = include_str!("../../../../../console/src/app/places.ts");
    let is_word = |text: &&str| text.len() > 1 && text[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    let written: Vec<&str> = router.split(['"', '`']).filter(|text| text.starts_with('/')).filter(is_word).collect();
    for place in &written {
        assert!(PLACES.contains(place), "the server does not know {place}");
    }
    for place in PLACES.iter().filter(|place| is_word(place)) {
        assert!(written.contains(place), "the console does not know {place}");
    }
}
