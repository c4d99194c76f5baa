//! `x-line-signature`: Base64 of HMAC-SHA256 over the untouched body with the channel secret (LINE doc "Verify webhook
//! signature").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The header that carries it.
pub const HEADER: &str = "x-line-signature";

/// Signs a body.
pub fn sign(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(mac(secret, body).finalize().into_bytes())
}

/// Whether the signature is the body's. Compared in constant time; malformed Base64 is simply wrong.
pub fn verify(secret: &str, body: &[u8], signature: &str) -> bool {
    STANDARD.decode(signature).is_ok_and(|given| mac(secret, body).verify_slice(&given).is_ok())
}

fn mac(secret: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2: 5bdcc146…64ec3843, in Base64.
        assert_eq!(sign("Jefe", b"what do ya want for nothing?"), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }

    proptest! {
        #[test]
        fn only_the_same_body_and_secret_verify(secret in ".{0,40}", body in proptest::collection::vec(any::<u8>(), 0..200), at in any::<usize>()) {
            let signature = sign(&secret, &body);
            prop_assert!(verify(&secret, &body, &signature));
            let longer = secret.clone() + "x";
            prop_assert!(!verify(&longer, &body, &signature));
            if !body.is_empty() {
                let mut other = body.clone();
                let at = at % other.len();
                other[at] ^= 1;
                prop_assert!(!verify(&secret, &other, &signature));
            }
        }

        #[test]
        fn garbage_is_wrong_and_never_panics(signature in ".{0,80}") {
            prop_assert!(!verify("secret", b"body", &signature));
        }
    }
}
