//! Which encoding of a file a client gets (RFC 9110, section 12.5.3).

use http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

/// The one of those there are that the client likes best; of two equal ones brotli, which is smaller. None is the file as
/// it is, which every client is taken to accept.
pub(super) fn best(asked: &HeaderMap, has_brotli: bool, has_gzip: bool) -> Option<Encoding> {
    let brotli = has_brotli.then(|| (weight(asked, &["br"]), Encoding::Brotli));
    let gzip = has_gzip.then(|| (weight(asked, &["gzip", "x-gzip"]), Encoding::Gzip));
    // The last of equal ones wins.
    [gzip, brotli]
        .into_iter()
        .flatten()
        .filter(|(weight, _)| *weight > 0.0)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, best)| best)
}

/// From 0 to 1; that of `*` for what is not named.
fn weight(asked: &HeaderMap, names: &[&str]) -> f32 {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut others = 0.0;
    for item in values.flat_map(|value| value.split(',')) {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // A weight that is none is a client's mistake; it gets the plain file.
        let weight = quality
            .map_or(1.0, |text| text.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0));
        if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return weight;
        }
        if name == "*" {
            others = weight;
        }
    }
    others
}
