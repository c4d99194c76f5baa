//! Client assertions: how a server proves to LINE that it may issue channel access tokens v2.1 (LINE doc "Issue channel
//! access token v2.1", RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;
use serde_json::json;

/// LINE takes an assertion for 30 minutes at most; this one is used at once.
const GOOD_FOR_SECONDS: i64 = 10 * 60;
/// LINE doc: 30 days at most.
pub const TOKEN_SECONDS: i64 = 30 * 24 * 3600;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    #[error("expected the private key as a JSON Web Key, as LINE's guide makes it")]
    NotJwk,
    #[error("the key has no `kid`: add the one that LINE showed when the public key was registered")]
    NoKid,
    #[error("expected an RSA key of 2048 bits or more, with its private parts")]
    NotUsable,
    #[error("nothing could be signed")]
    NotSigned,
}

#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    n: String,
    e: String,
    d: String,
    p: String,
    q: String,
    dp: String,
    dq: String,
    qi: String,
}

/// A private key whose public half LINE knows.
pub struct AssertionKey {
    kid: String,
    pair: RsaKeyPair,
}

impl std::fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AssertionKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl AssertionKey {
    /// Reads a JSON Web Key (RFC 7517) of kind RSA.
    pub fn from_jwk(text: &str) -> Result<Self, KeyProblem> {
        let jwk: Jwk = serde_json::from_str(text).map_err(|_| KeyProblem::NotJwk)?;
        let kid = jwk.kid.filter(|kid| !kid.trim().is_empty()).ok_or(KeyProblem::NoKid)?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| KeyProblem::NotJwk);
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n: bytes(&jwk.n)?, e: bytes(&jwk.e)? },
            d: bytes(&jwk.d)?,
            p: bytes(&jwk.p)?,
            q: bytes(&jwk.q)?,
            dP: bytes(&jwk.dp)?,
            dQ: bytes(&jwk.dq)?,
            qInv: bytes(&jwk.qi)?,
        };
        let pair = RsaKeyPair::from_components(&components).map_err(|_| KeyProblem::NotUsable)?;
        Ok(Self { kid, pair })
    }

    /// An assertion for the channel with LINE's id `channel_id`.
    pub fn assertion(&self, channel_id: &str, now_ms: i64) -> Result<String, KeyProblem> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let claims = json!({
            "iss": channel_id,
            "sub": channel_id,
            "aud": "https://api.line.me/",
            "exp": now_ms / 1000 + GOOD_FOR_SECONDS,
            "token_exp": TOKEN_SECONDS,
        });
        let part = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| KeyProblem::NotSigned)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;

    const JWK: &str = include_str!("../testdata/assertion-key.json");

    #[test]
    fn an_assertion_says_what_line_asks_for_and_is_signed_by_the_key() {
        let key = AssertionKey::from_jwk(JWK).unwrap();
        let assertion = key.assertion("1234567890", 1_700_000_000_000).unwrap();
        let parts: Vec<_> = assertion.split('.').collect();
        let read = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        assert_eq!(read(parts[0]), json!({ "alg": "RS256", "typ": "JWT", "kid": "test-key" }));
        assert_eq!(
            read(parts[1]),
            json!({
                "iss": "1234567890", "sub": "1234567890", "aud": "https://api.line.me/",
                "exp": 1_700_000_600, "token_exp": 2_592_000,
            })
        );
        let jwk: serde_json::Value = serde_json::from_str(JWK).unwrap();
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let public = RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") };
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).unwrap();
        assert!(!format!("{key:?}").contains(jwk["d"].as_str().unwrap()));
    }

    #[test]
    fn what_is_no_private_key_is_told_apart() {
        let with = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut jwk: serde_json::Value = serde_json::from_str(JWK).unwrap();
            change(&mut jwk);
            AssertionKey::from_jwk(&jwk.to_string()).unwrap_err()
        };
        assert!(matches!(AssertionKey::from_jwk("-----BEGIN"), Err(KeyProblem::NotJwk)));
        assert!(matches!(with(&|jwk| jwk["kid"] = json!(" ")), KeyProblem::NoKid));
        assert!(matches!(with(&|jwk| jwk["d"] = json!("?")), KeyProblem::NotJwk));
        assert!(matches!(with(&|jwk| jwk["p"] = json!("AAAA")), KeyProblem::NotUsable));
        assert!(matches!(with(&|jwk| drop(jwk.as_object_mut().unwrap().remove("q"))), KeyProblem::NotJwk));
    }
}
