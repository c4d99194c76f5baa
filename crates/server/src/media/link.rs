//! Signed links: how LINE and customers, who have no session, read one file for a while.

use hmac::{Hmac, Mac as _};
use linedesk_protocol::{ErrorCode, Timestamp};
use sha2::Sha256;

use super::Part;

/// Signs links with a key of the desk's, the same on every node.
#[derive(Clone)]
pub(crate) struct Links {
    key: [u8; 32],
}

impl Links {
    /// `token_key` is the desk's; what is signed here is good for nothing else.
    pub(crate) fn new(token_key: &str) -> Self {
        let mut mac = mac(token_key.as_bytes());
        mac.update(b"linedesk media links");
        Self { key: mac.finalize().into_bytes().into() }
    }

    /// Path and query of a link that is good until `until`, to the second.
    pub(crate) fn sign(&self, id: &str, part: Part, until: Timestamp) -> String {
        let exp = until.0.div_euclid(1000);
        let signature = hex(&self.mac(id, part, exp).finalize().into_bytes());
        format!("{}?exp={exp}&sig={signature}", path(id, part))
    }

    /// Whether a link's query was signed here for this file, and is still good.
    pub(crate) fn check(&self, id: &str, part: Part, exp: i64, sig: &str, now: Timestamp) -> Result<(), ErrorCode> {
        let signature = unhex(sig).ok_or(ErrorCode::AuthInvalidToken)?;
        self.mac(id, part, exp).verify_slice(&signature).map_err(|_| ErrorCode::AuthInvalidToken)?;
        if exp.saturating_mul(1000) <= now.0 { Err(ErrorCode::AuthExpiredToken) } else { Ok(()) }
    }

    fn mac(&self, id: &str, part: Part, exp: i64) -> Hmac<Sha256> {
        let mut mac = mac(&self.key);
        mac.update(format!("{}\n{exp}", path(id, part)).as_bytes());
        mac
    }
}

/// Where a file is served.
pub(crate) fn path(id: &str, part: Part) -> String {
    match part {
        Part::File => format!("/media/{id}"),
        Part::Preview => format!("/media/{id}/preview"),
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104)")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| (0..32).filter_map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_its_file_its_part_and_its_time_only() {
        let links = Links::new("key");
        let link = links.sign("abc", Part::File, Timestamp(10_999));
        let (path, query) = link.split_once('?').unwrap();
        assert_eq!(path, "/media/abc");
        let sig = query.strip_prefix("exp=10&sig=").unwrap();
        let check = |id, part, exp, sig: &str, now| links.check(id, part, exp, sig, Timestamp(now));
        assert_eq!(check("abc", Part::File, 10, sig, 9_999), Ok(()));
        assert_eq!(check("abc", Part::File, 10, sig, 10_000), Err(ErrorCode::AuthExpiredToken));
        let invalid = Err(ErrorCode::AuthInvalidToken);
        assert_eq!(check("abd", Part::File, 10, sig, 0), invalid);
        assert_eq!(check("abc", Part::Preview, 10, sig, 0), invalid);
        assert_eq!(check("abc", Part::File, 11, sig, 0), invalid);
        for bad in ["", "zz", &"0".repeat(64), &format!("{sig}00"), &"é".repeat(32)] {
            assert_eq!(check("abc", Part::File, 10, bad, 0), invalid, "{bad}");
        }
        assert_eq!(Links::new("other").check("abc", Part::File, 10, sig, Timestamp(0)), invalid);
    }
}
