//! The token of the admin listener.

use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::MIN_SECRET_BYTES;
use super::credentials::canonical_authorization;
use super::page_key::PageKey;

/// The token that requests to the admin listener have to present. Only its digest is kept.
#[derive(Clone)]
pub struct AdminToken([u8; 32]);

impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken")
    }
}

impl AdminToken {
    /// The value of `WWW-Authenticate` in a 401: a browser asks for a password.
    pub const CHALLENGE: &'static str = r#"Basic realm="polysink admin", charset="UTF-8""#;

    /// # Errors
    ///
    /// If it is too short; never shows the value.
    pub fn new(token: &SecretString) -> Result<Self, String> {
        let token = token.expose_secret();
        if token.len() < MIN_SECRET_BYTES {
            return Err(format!("has {} bytes; expected at least {MIN_SECRET_BYTES}", token.len()));
        }
        Ok(Self(Sha256::digest(token).into()))
    }

    /// Whether a request presents it: as a bearer token, or as the password of any user.
    ///
    /// * `authorization`: all values of that header
    pub fn is_presented(&self, authorization: &[&[u8]]) -> bool {
        let [value] = authorization else { return false };
        let value = canonical_authorization(value);
        let presented = if let Some(token) = value.strip_prefix(b"bearer ") {
            token.to_vec()
        } else if let Some(encoded) = value.strip_prefix(b"basic ")
            && let Ok(pair) = base64::engine::general_purpose::STANDARD.decode(encoded)
            && let Some(colon) = pair.iter().position(|byte| *byte == b':')
        {
            pair[colon + 1..].to_vec()
        } else {
            return false;
        };
        self.is(&presented)
    }

    /// Whether this is it. The time that takes does not depend on where they differ.
    pub fn is(&self, presented: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(presented).into();
        digest.ct_eq(&self.0).into()
    }

    /// Signs the sessions of those who have presented it.
    pub fn page_key(&self) -> PageKey {
        PageKey::new(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_a_bearer_token_or_any_users_password() {
        let token = AdminToken::new(&"s3cret:with=all".into()).expect("it is long enough");
        let basic = |pair: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        for good in [
            "Bearer s3cret:with=all",
            "bearer   s3cret:with=all",
            &basic("me:s3cret:with=all"),
            &basic(":s3cret:with=all"),
        ] {
            assert!(token.is_presented(&[good.as_bytes()]), "{good}");
        }
        for bad in [
            "",
            "Bearer",
            "Bearer s3cret",
            "Basic !",
            "Digest s3cret:with=all",
            &basic("s3cret"),
            &basic("s3cret:with=all"),
        ] {
            assert!(!token.is_presented(&[bad.as_bytes()]), "{bad}");
        }
        assert!(!token.is_presented(&[]));
        assert!(!token.is_presented(&[b"Bearer s3cret:with=all", b"Bearer other"]));
        assert_eq!(format!("{token:?}"), "AdminToken");
        AdminToken::new(&"short".into()).expect_err("it can be guessed");
    }
}
