//! Access tokens (JWT, HS256, 15 minutes) and refresh tokens (random, 30 days, kept as hashes).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use linedesk_protocol::{ErrorCode, OperatorId};
use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long an access token is good for.
pub(crate) const ACCESS_LIFE: Duration = Duration::from_secs(15 * 60);
/// How long a sign-in lasts without being used.
pub(crate) const REFRESH_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a token is good for, and nothing else (RFC 7519, `aud`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    /// An access token, sent in a header or over the socket.
    #[default]
    Desk,
    /// The cookie by which a page's pictures are loaded: reading below `/media/`.
    Media,
}

impl Audience {
    const fn life(self) -> Duration {
        match self {
            Self::Desk => ACCESS_LIFE,
            // A picture cannot renew it, so it lasts as long as the sign-in may; ending that ends it at once.
            Self::Media => REFRESH_LIFE,
        }
    }
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    sub: String,
    /// The sign-in (refresh family): ending it ends the token.
    sid: String,
    #[serde(default)]
    aud: Audience,
    iat: i64,
    exp: i64,
}

impl Claims {
    pub(crate) fn operator(&self) -> Option<OperatorId> {
        self.sub.parse().ok().map(OperatorId)
    }

    pub(crate) fn family(&self) -> &str {
        &self.sid
    }

    pub(crate) const fn expires_at_ms(&self) -> i64 {
        self.exp.saturating_mul(1000)
    }
}

/// Signs and checks access tokens with the desk's key, the same on every node.
pub(crate) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Tokens {
    pub(crate) fn new(key: &str) -> Self {
        Self { encoding: EncodingKey::from_secret(key.as_bytes()), decoding: DecodingKey::from_secret(key.as_bytes()) }
    }

    pub(crate) fn issue(
        &self,
        aud: Audience,
        operator: OperatorId,
        family: &str,
        now_ms: i64,
    ) -> anyhow::Result<String> {
        let iat = now_ms / 1000;
        let exp = iat + i64::try_from(aud.life().as_secs())?;
        let claims = Claims { sub: operator.to_string(), sid: family.to_owned(), aud, iat, exp };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?)
    }

    /// Checks signature, audience and time.
    pub(crate) fn check(&self, aud: Audience, token: &str, now_ms: i64) -> Result<Claims, ErrorCode> {
        let mut validation = Validation::new(Algorithm::HS256);
        // Time is injected; both are compared below.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let token = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation);
        let claims = token.map_err(|_| ErrorCode::AuthInvalidToken)?.claims;
        if claims.aud != aud {
            return Err(ErrorCode::AuthInvalidToken);
        }
        if claims.exp <= now_ms / 1000 { Err(ErrorCode::AuthExpiredToken) } else { Ok(claims) }
    }
}

/// A random text of 256 bits: refresh tokens, family ids, keys.
pub(crate) fn random() -> String {
    let mut bytes = [0_u8; 32];
    #[expect(clippy::disallowed_methods, reason = "secrets come from the system's generator")]
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A random text of 128 bits: ids that nobody can guess.
pub(crate) fn random_id() -> String {
    random()[..22].to_owned()
}

/// What is kept of a refresh token.
pub(crate) fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn au_forged_expired_and_foreign_tokens_are_refused() {
        let tokens = Tokens::new("key");
        let token = tokens.issue(Audience::Desk, OperatorId(7), "family", 1_000_000).unwrap();
        assert_eq!(tokens.check(Audience::Desk, &token, 1_000_000).unwrap().operator(), Some(OperatorId(7)));
        let late = 1_000_000 + 15 * 60 * 1000;
        assert_eq!(tokens.check(Audience::Desk, &token, late), Err(ErrorCode::AuthExpiredToken));
        assert_eq!(Tokens::new("other").check(Audience::Desk, &token, 1_000_000), Err(ErrorCode::AuthInvalidToken));
        let mut parts = token.split('.');
        let (_, claims) = (parts.next(), parts.next().unwrap());
        let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
        assert_eq!(tokens.check(Audience::Desk, &unsigned, 1_000_000), Err(ErrorCode::AuthInvalidToken));
        assert_eq!(tokens.check(Audience::Desk, "", 0), Err(ErrorCode::AuthInvalidToken));
    }

    #[test]
    fn au_a_token_is_good_for_its_own_audience_only() {
        let tokens = Tokens::new("key");
        let media = tokens.issue(Audience::Media, OperatorId(7), "family", 0).unwrap();
        assert_eq!(tokens.check(Audience::Desk, &media, 0), Err(ErrorCode::AuthInvalidToken));
        assert_eq!(tokens.check(Audience::Media, &media, 0).unwrap().operator(), Some(OperatorId(7)));
        let access = tokens.issue(Audience::Desk, OperatorId(7), "family", 0).unwrap();
        assert_eq!(tokens.check(Audience::Media, &access, 0), Err(ErrorCode::AuthInvalidToken));
    }
}
