//! Secrets, and their comparison in constant time.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};

/// The settings refuse shorter secrets: they can be guessed.
pub const MIN_SECRET_BYTES: usize = 6;

/// The name of a secret without one.
const UNNAMED: &str = "default";

/// The accepted credentials of Polytomic's connections, each with a name.
///
/// Only digests are kept. `Debug` shows names, never values.
#[derive(Clone, Default)]
pub struct Credentials {
    entries: Vec<Entry>,
    /// Whether there are bearer secrets, and basic ones.
    bearer: bool,
    basic: bool,
}

#[derive(Clone)]
struct Entry {
    name: String,
    /// The header that carries it, in lower case.
    header: String,
    expected: [u8; 32],
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.name)).finish()
    }
}

impl Credentials {
    /// Whether there are none, so that no request would be accepted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The names of the headers that carry them, in lower case; with repetitions.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.header.as_str())
    }

    /// Reads `POLYSINK_SECRETS`: comma-separated, each `secret` or `name=secret`.
    ///
    /// A name is `[a-z][a-z0-9-]*`, so that `dGVzdA==` is a secret. The errors never show a value.
    pub fn add_secrets(&mut self, list: &SecretString) -> Result<(), String> {
        for (n, item) in items(list) {
            let (name, secret) = match named(item) {
                Some((name, secret)) => (name, secret),
                None => (UNNAMED, item),
            };
            if secret.len() < MIN_SECRET_BYTES {
                return Err(format!(
                    "secret {n} has {} bytes; expected at least {MIN_SECRET_BYTES}. \
                     (A value such as `abc=` is read as the name `abc` with an empty secret; write `default=abc=`.)",
                    secret.len()
                ));
            }
            self.push(name, "authorization", format!("bearer {secret}").as_bytes());
            self.bearer = true;
        }
        Ok(())
    }

    /// Reads `POLYSINK_BASIC`: comma-separated, each `name=user:password`.
    pub fn add_basic(&mut self, list: &SecretString) -> Result<(), String> {
        use base64::Engine as _;

        for (n, item) in items(list) {
            let (name, pair) = named(item)
                .filter(|(_, pair)| pair.contains(':'))
                .ok_or_else(|| format!("entry {n} is not `name=user:password`, with a name of a-z, 0-9 and hyphens"))?;
            let password = pair.split_once(':').map_or("", |(_, password)| password);
            if password.len() < MIN_SECRET_BYTES {
                return Err(format!(
                    "the password of entry {n} has {} bytes; expected at least {MIN_SECRET_BYTES}",
                    password.len()
                ));
            }
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            self.push(name, "authorization", format!("basic {encoded}").as_bytes());
            self.basic = true;
        }
        Ok(())
    }

    /// Reads `POLYSINK_HEADER`: comma-separated, each `name=Header-Name:value`.
    pub fn add_headers(&mut self, list: &SecretString) -> Result<(), String> {
        for (n, item) in items(list) {
            let (name, header, value) = named(item)
                .and_then(|(name, header)| header.split_once(':').map(|(header, value)| (name, header, value.trim())))
                .filter(|(_, header, _)| is_header_name(header))
                .ok_or_else(|| {
                    format!("entry {n} is not `name=Header-Name:value`, with a name of a-z, 0-9 and hyphens")
                })?;
            if value.len() < MIN_SECRET_BYTES {
                return Err(format!(
                    "the value of entry {n} has {} bytes; expected at least {MIN_SECRET_BYTES}",
                    value.len()
                ));
            }
            let header = header.to_ascii_lowercase();
            let value =
                if header == "authorization" { canonical_authorization(value.as_bytes()) } else { value.into() };
            self.push(name, &header, &value);
        }
        Ok(())
    }

    /// The value of `WWW-Authenticate` in a 401.
    pub fn challenge(&self) -> &'static str {
        match (self.bearer, self.basic) {
            (_, false) => r#"Bearer realm="polysink""#,
            (false, true) => r#"Basic realm="polysink", charset="UTF-8""#,
            (true, true) => r#"Bearer realm="polysink", Basic realm="polysink", charset="UTF-8""#,
        }
    }

    /// The first secret of a `POLYSINK_SECRETS` list, without its name, for `send`.
    pub fn first_secret(list: &SecretString) -> Option<SecretString> {
        let (_, item) = items(list).next()?;
        Some(named(item).map_or(item, |(_, secret)| secret).into())
    }

    fn push(&mut self, name: &str, header: &str, value: &[u8]) {
        let expected = Sha256::digest(value).into();
        self.entries.push(Entry { name: name.to_owned(), header: header.to_owned(), expected });
    }

    /// The name of the credential that the request presents; `None` if it presents no valid one.
    ///
    /// Every entry is compared, over 32 bytes of digest, so that the time reveals neither how much of a guess was right
    /// nor the secret's length.
    ///
    /// * `header`: returns a header's value by its lower-case name
    pub fn matching<'a>(&self, header: impl Fn(&str) -> Option<&'a [u8]>) -> Option<&str> {
        let mut found = 0_u32;
        for (n, entry) in (1_u32..).zip(&self.entries) {
            let presented = match header(&entry.header) {
                None => continue,
                Some(value) if entry.header == "authorization" => canonical_authorization(value),
                Some(value) => value.trim_ascii().into(),
            };
            let digest: [u8; 32] = Sha256::digest(&presented).into();
            // The first match names the connection; the comparison goes on.
            let take = digest.ct_eq(&entry.expected) & !found.ct_gt(&0);
            found.conditional_assign(&n, take);
        }
        found.checked_sub(1).map(|index| self.entries[index as usize].name.as_str())
    }
}

/// The scheme is case-insensitive (RFC 9110, 11.1), the token is not; spaces between them do not count.
fn canonical_authorization(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii();
    let scheme_end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(scheme_end);
    let mut canonical = scheme.to_ascii_lowercase();
    canonical.push(b' ');
    canonical.extend_from_slice(rest.trim_ascii());
    canonical
}

/// The entries of a comma-separated list, each with its number from 1, without empty ones.
fn items(list: &SecretString) -> impl Iterator<Item = (usize, &str)> {
    list.expose_secret().split([',', '\n']).map(str::trim).filter(|item| !item.is_empty()).zip(1..).map(|(i, n)| (n, i))
}

fn named(item: &str) -> Option<(&str, &str)> {
    let (name, rest) = item.split_once('=')?;
    let mut bytes = name.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    valid.then_some((name, rest))
}

/// A token of RFC 9110, 5.6.2.
fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(list: &str) -> Credentials {
        let mut credentials = Credentials::default();
        credentials.add_secrets(&list.into()).expect("the list is good");
        credentials
    }

    fn bearer<'a>(credentials: &'a Credentials, value: &str) -> Option<&'a str> {
        credentials.matching(|name| (name == "authorization").then_some(value.as_bytes()))
    }

    #[test]
    fn each_of_several_secrets_is_accepted_under_its_name() {
        let credentials = secrets("first-secret, prod=second-secret,prod-2=third=secret");
        assert_eq!(bearer(&credentials, "Bearer first-secret"), Some("default"));
        assert_eq!(bearer(&credentials, "Bearer second-secret"), Some("prod"));
        assert_eq!(bearer(&credentials, "Bearer third=secret"), Some("prod-2"));
        assert_eq!(bearer(&credentials, "Bearer prod=second-secret"), None);
    }

    #[test]
    fn base64_and_tokens_like_jwts_are_opaque() {
        let credentials = secrets("dGVzdA==,eyJhbGciOiJIUzI1NiJ9.e30.abc_-");
        assert_eq!(bearer(&credentials, "Bearer dGVzdA=="), Some("default"));
        assert_eq!(bearer(&credentials, "bearer eyJhbGciOiJIUzI1NiJ9.e30.abc_-"), Some("default"));
    }

    #[test]
    fn the_scheme_word_is_case_insensitive_and_the_token_is_not() {
        let credentials = secrets("Secret-Value");
        for good in ["bearer Secret-Value", "BEARER Secret-Value", "Bearer   Secret-Value ", "bEaReR Secret-Value"] {
            assert_eq!(bearer(&credentials, good), Some("default"), "{good}");
        }
        for bad in [
            "Bearer secret-value",
            "Bearer Secret-Valu",
            "Bearer Secret-Value2",
            "Secret-Value",
            "Basic Secret-Value",
            "Bearer",
            "",
            "BearerSecret-Value",
        ] {
            assert_eq!(bearer(&credentials, bad), None, "{bad}");
        }
        assert_eq!(credentials.matching(|_| None), None);
    }

    #[test]
    fn basic_and_custom_headers_stand_beside_secrets() {
        let mut credentials = secrets("first-secret");
        credentials.add_basic(&"etl=polytomic:pass:word".into()).expect("it is good");
        credentials.add_headers(&"key=X-Api-Key:abcdef".into()).expect("it is good");
        assert_eq!(bearer(&credentials, "Basic cG9seXRvbWljOnBhc3M6d29yZA=="), Some("etl"));
        assert_eq!(bearer(&credentials, "Basic cG9seXRvbWljOnBhc3M6d29yZQ=="), None);
        assert_eq!(credentials.matching(|name| (name == "x-api-key").then_some(b"abcdef".as_slice())), Some("key"));
        assert_eq!(credentials.matching(|name| (name == "x-api-key").then_some(b"abcdeg".as_slice())), None);
        assert_eq!(credentials.names().collect::<Vec<_>>(), ["default", "etl", "key"]);
    }

    #[test]
    fn a_bad_list_is_refused_without_showing_a_value() {
        let mut credentials = Credentials::default();
        for bad in ["short", "prod=", "abcdefghi=", "fine-secret,prod=tiny"] {
            let error = credentials.add_secrets(&bad.into()).expect_err(bad);
            assert!(!error.contains("tiny") && !error.contains("short") && error.contains("at least 6"), "{error}");
        }
        for bad in ["user:password", "n=user", "N=user:password"] {
            credentials.add_basic(&bad.into()).expect_err(bad);
        }
        for bad in ["X-Key:value-1", "n=X Key:value-1", "n=:value-1", "n=X-Key"] {
            credentials.add_headers(&bad.into()).expect_err(bad);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", secrets("prod=hunter2-hunter2"));
        assert_eq!(shown, "[\"prod\"]");
    }
}
