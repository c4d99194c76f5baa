//! Names of files: anybody's text, on its way into a header and onto somebody's disk.

use std::fmt::Write as _;

/// In characters; file systems take 255 bytes.
const MOST: usize = 80;

/// A name that a file can be saved under: no folders, nothing invisible, nothing that turns the text around, and short.
/// The ending stays. None where nothing is left.
pub(crate) fn safe(name: &str) -> Option<String> {
    let plain: String = name.chars().map(|c| if is_harmless(c) { c } else { '_' }).collect();
    let plain = plain.trim().trim_start_matches('.').trim();
    if plain.is_empty() {
        return None;
    }
    if plain.chars().count() <= MOST {
        return Some(plain.to_owned());
    }
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if (1..=10).contains(&ending.chars().count()) => (stem, format!(".{ending}")),
        _ => (plain, String::new()),
    };
    let kept: String = stem.chars().take(MOST - ending.chars().count()).collect();
    Some(format!("{kept}{ending}"))
}

fn is_harmless(c: char) -> bool {
    let is_separator = matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    // Zero-width and bidirectional marks: "exe.gpj" may be shown as "jpg.exe".
    let is_invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    !c.is_control() && !is_separator && !is_invisible
}

/// `Content-Disposition` (RFC 6266): an ASCII name for whoever reads no other, and the true one in UTF-8 (RFC 8187).
pub(crate) fn disposition(is_inline: bool, name: &str) -> String {
    let kind = if is_inline { "inline" } else { "attachment" };
    let ascii: String = name.chars().map(|c| if c.is_ascii() && c != '%' { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_could_do_harm_and_keep_their_ending() {
        for (given, kept) in [
            ("report.pdf", Some("report.pdf")),
            ("../../etc/passwd", Some("_.._etc_passwd")),
            ("a\r\nSet-Cookie: x", Some("a__Set-Cookie_ x")),
            ("photo\u{202e}gpj.exe", Some("photo_gpj.exe")),
            ("ใบเสร็จ 1.pdf", Some("ใบเสร็จ 1.pdf")),
            ("say \"hi\".txt", Some("say _hi_.txt")),
            ("...", None),
            (" \u{0}", Some("_")),
            ("", None),
        ] {
            assert_eq!(safe(given).as_deref(), kept, "{given:?}");
        }
        let long = safe(&format!("{}.xlsx", "ก".repeat(10_000))).unwrap();
        assert_eq!((long.chars().count(), long.rsplit_once('.').unwrap().1), (MOST, "xlsx"));
        assert_eq!(safe(&"x".repeat(10_000)).unwrap().chars().count(), MOST);
    }

    #[test]
    fn a_disposition_is_ascii_and_tells_the_true_name() {
        assert_eq!(
            disposition(false, "ใบ 100%.pdf"),
            "attachment; filename=\"__ 100_.pdf\"; filename*=UTF-8''%E0%B9%83%E0%B8%9A%20100%25.pdf"
        );
        assert!(disposition(true, "a.png").starts_with("inline; filename=\"a.png\""));
    }
}
