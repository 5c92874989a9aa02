//! OAuth 2.0 client credentials (RFC 6749, 4.4): clients, and the tokens that they get.
//!
//! A token is a JSON Web Token, signed with a key that is made of its client's secret. So any replica accepts it that
//! has the same setting, a restart changes nothing, and a changed secret ends all tokens of before.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac as _};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt as _, Claims, Header, TimeOptions, Token, UntrustedToken};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::MIN_SECRET_BYTES;
use super::credentials::is_placeholder;
use super::list::{list_items, named_item};

/// The path at which tokens are asked for.
pub const TOKEN_PATH: &str = "/oauth/token";

/// How long a token is good.
pub const TOKEN_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// How far the clocks of replicas may differ.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// The issuer in tokens, and a part of what their keys are made of.
const ISSUER: &str = "polysink";

/// A client that may ask for tokens. Its secret is not kept.
#[derive(Clone)]
pub struct OAuthClient {
    /// The name of the connection.
    pub name: String,
    id: String,
    secret: [u8; 32],
    key: Hs256Key,
    /// Its secret looks like one from an example.
    pub is_placeholder: bool,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It was not issued to the client, or not with the secret that the client has now.
    Unknown,
    Expired,
}

#[derive(Serialize, Deserialize)]
struct TokenClaims {
    iss: String,
    sub: String,
}

impl std::fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl OAuthClient {
    /// Reads `POLYSINK_OAUTH`: comma-separated, each `name=client_id:client_secret`. A comma in a secret is written
    /// twice.
    ///
    /// # Errors
    ///
    /// A sentence, which never shows a value.
    pub fn parse_list(list: &SecretString) -> Result<Vec<Self>, String> {
        let mut clients: Vec<Self> = Vec::new();
        for (n, item) in list_items(list) {
            let pair = named_item(&item).and_then(|(name, pair)| Some((name, pair.split_once(':')?)));
            let (name, (id, secret)) = pair.filter(|(_, (id, _))| !id.is_empty()).ok_or_else(|| {
                format!(
                    "entry {n} is not `name=client_id:client_secret`, with a name of a-z, 0-9 and hyphens; a comma in \
                     a value is written twice"
                )
            })?;
            if secret.len() < MIN_SECRET_BYTES {
                let bytes = secret.len();
                return Err(format!(
                    "the client secret of entry {n} has {bytes} bytes; expected at least {MIN_SECRET_BYTES}"
                ));
            }
            if clients.iter().any(|client| client.id == id) {
                return Err(format!("entry {n} has the client id of an earlier one"));
            }
            clients.push(Self {
                name: name.to_owned(),
                id: id.to_owned(),
                secret: Sha256::digest(secret.as_bytes()).into(),
                key: signing_key(id, secret),
                is_placeholder: is_placeholder(secret),
            });
        }
        Ok(clients)
    }

    /// Whether these are its id and its secret.
    pub fn is(&self, id: &[u8], secret: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(secret).into();
        bool::from(self.id.as_bytes().ct_eq(id) & digest.ct_eq(&self.secret))
    }

    /// A token, good from now on for [`TOKEN_LIFETIME`].
    pub fn token(&self, now: DateTime<Utc>) -> String {
        let claims = Claims::new(TokenClaims { iss: ISSUER.to_owned(), sub: self.id.clone() })
            .set_duration_and_issuance(&at(now), TOKEN_LIFETIME);
        Hs256.token(&Header::empty(), &claims, &self.key).expect("the claims are text and times")
    }

    /// Whether a token was issued to this client, and is good now.
    pub fn check(&self, token: &[u8], now: DateTime<Utc>) -> Result<(), TokenFault> {
        let text = std::str::from_utf8(token).map_err(|_| TokenFault::Unknown)?;
        let untrusted = UntrustedToken::new(text).map_err(|_| TokenFault::Unknown)?;
        let token: Token<TokenClaims> =
            Hs256.validator(&self.key).validate(&untrusted).map_err(|_| TokenFault::Unknown)?;
        let claims = token.claims();
        if claims.custom.iss != ISSUER || claims.custom.sub != self.id {
            return Err(TokenFault::Unknown);
        }
        let (Some(issued_at), Some(expires_at)) = (claims.issued_at, claims.expiration) else {
            return Err(TokenFault::Unknown);
        };
        if issued_at > now + SKEW || expires_at > issued_at + TOKEN_LIFETIME {
            return Err(TokenFault::Unknown);
        }
        claims.validate_expiration(&at(now)).map(drop).map_err(|_| TokenFault::Expired)
    }
}

/// A clock that stands.
fn at(now: DateTime<Utc>) -> TimeOptions<impl Fn() -> DateTime<Utc>> {
    TimeOptions::new(TimeDelta::zero(), move || now)
}

/// The key of a client's tokens. The secret cannot be computed from it, or from a token.
fn signing_key(id: &str, secret: &str) -> Hs256Key {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("an HMAC takes keys of any length");
    let mac = mac.chain_update(ISSUER).chain_update(b" oauth token ").chain_update(id);
    Hs256Key::new(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{CredentialFault, Credentials};

    const LIST: &str = "one=polytomic:first-secret,two=other:second:se,,cret";

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000, 0).expect("it is a time")
    }

    fn clients(list: &str) -> Vec<OAuthClient> {
        OAuthClient::parse_list(&list.into()).expect("the list is good")
    }

    #[test]
    fn a_client_is_its_id_and_its_secret() {
        let clients = clients(LIST);
        assert!(clients[0].is(b"polytomic", b"first-secret") && clients[1].is(b"other", b"second:se,cret"));
        for (id, secret) in [("polytomic", "second:se,cret"), ("other", "first-secret"), ("", ""), ("polytomic", "")] {
            assert!(!clients.iter().any(|client| client.is(id.as_bytes(), secret.as_bytes())), "{id}:{secret}");
        }
    }

    #[test]
    fn a_token_is_good_for_an_hour_wherever_the_setting_is_the_same() {
        let (one, replica) = (&clients(LIST)[0], &clients(LIST)[0]);
        let token = one.token(now());
        let check = |seconds: i64| replica.check(token.as_bytes(), now() + TimeDelta::seconds(seconds));
        assert_eq!((check(0), check(3_599), check(-59)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(check(3_601), Err(TokenFault::Expired));
        assert_eq!(check(-61), Err(TokenFault::Unknown), "it is from a time to come");
    }

    #[test]
    fn another_client_another_secret_and_another_signature_are_not_accepted() {
        let both = clients(LIST);
        let token = both[0].token(now());
        let unknown = Err(TokenFault::Unknown);
        assert_eq!(both[1].check(token.as_bytes(), now()), unknown);
        assert_eq!(clients("one=polytomic:first-secret2")[0].check(token.as_bytes(), now()), unknown);
        assert_eq!(clients("one=polytomic2:first-secret")[0].check(token.as_bytes(), now()), unknown);
        let parts: Vec<&str> = token.split('.').collect();
        // An empty header's algorithm "none", a signature of another token, none at all.
        let none = "eyJhbGciOiJub25lIn0";
        let other = both[0].token(now() + TimeDelta::seconds(1));
        let signature = other.rsplit('.').next().expect("it has one");
        for bad in [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.{signature}", parts[0], parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{token}x"),
            String::new(),
            "..".to_owned(),
        ] {
            assert_eq!(both[0].check(bad.as_bytes(), now()), unknown, "{bad}");
        }
        assert_eq!(both[0].check(&[0xff, b'.', 0xfe], now()), unknown);
    }

    #[test]
    fn a_token_that_would_be_good_for_longer_is_not_one_of_ours() {
        let one = &clients(LIST)[0];
        let signed = |claims: &Claims<TokenClaims>| {
            Hs256.token(&Header::empty(), claims, &one.key).expect("the claims are text and times")
        };
        let claims = || Claims::new(TokenClaims { iss: ISSUER.to_owned(), sub: "polytomic".to_owned() });
        for bad in [claims(), claims().set_duration_and_issuance(&at(now()), TimeDelta::hours(2))] {
            assert_eq!(one.check(signed(&bad).as_bytes(), now()), Err(TokenFault::Unknown));
        }
    }

    #[test]
    fn a_token_is_accepted_like_a_secret_and_a_refusal_says_that_it_has_expired() {
        let mut credentials = Credentials::default();
        credentials.add_oauth(&"one=polytomic:first-secret".into()).expect("the list is good");
        assert!(!credentials.is_empty() && credentials.headers().eq(["authorization"]));
        assert_eq!(credentials.token(b"polytomic", b"first-secreT", now()), None);
        let (name, token) = credentials.token(b"polytomic", b"first-secret", now()).expect("it is right");
        assert_eq!(name, "one");
        let after = |minutes: i64, value: &str| {
            let header = |name: &str| (name == "authorization").then_some(value.as_bytes());
            let matching = credentials.matching(header, "", now() + TimeDelta::minutes(minutes));
            matching.map_err(|refused| refused.fault)
        };
        assert_eq!(after(59, &format!("bearer  {token}")), Ok("one"));
        assert_eq!(after(59, &token), Ok("one"), "without the scheme");
        assert_eq!(after(61, &format!("Bearer {token}")), Err(CredentialFault::ExpiredToken));
        assert_eq!(after(0, "Bearer first-secret"), Err(CredentialFault::WrongToken));
        assert_eq!(after(0, "Basic cG9seXRvbWljOmZpcnN0LXNlY3JldA=="), Err(CredentialFault::OtherScheme));
        assert_eq!(credentials.challenge(), r#"Bearer realm="polysink""#);
        let refused = credentials.matching(|_| None, "", now()).expect_err("it has none");
        assert_eq!((refused.fault, refused.settings), (CredentialFault::Missing, vec!["POLYSINK_OAUTH"]));
        // A secret that is set itself comes first.
        credentials.add_secrets(&"two=other-secret".into()).expect("the list is good");
        let header = |name: &str| (name == "authorization").then_some(&b"Bearer other-secret"[..]);
        assert_eq!(credentials.matching(header, "", now()), Ok("two"));
        let header = |name: &str| (name == "authorization").then_some(token.as_bytes());
        assert_eq!(credentials.matching(header, "", now()), Ok("one"));
        assert_eq!(credentials.names().collect::<Vec<_>>(), ["two", "one"]);
    }

    #[test]
    fn a_bad_list_is_refused_without_showing_a_value() {
        for bad in ["client:hunter2-hunter2", "a=hunter2", "a=:hunter2-hunter2", "a=x:hunt", "a=x:hunter2,b=x:hunter2"]
        {
            let error = OAuthClient::parse_list(&bad.into()).expect_err(bad);
            assert!(error.contains("entry ") && !error.contains("hunt"), "{error}");
        }
        assert_eq!(format!("{:?}", clients(LIST)), "[one, two]");
    }
}
