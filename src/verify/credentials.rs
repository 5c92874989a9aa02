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
    entries: Vec<SecretEntry>,
}

/// How a credential is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Basic,
    /// In a header of its own.
    Header,
}

/// Why no credential of a request was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum CredentialFault {
    /// The request has none of the headers that could carry one.
    Missing,
    /// `Authorization` has a scheme that is not in use here.
    OtherScheme,
    WrongSecret,
    WrongPassword,
    WrongHeader,
}

impl CredentialFault {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A refused request's fault, with what its sender has to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCredentials {
    pub fault: CredentialFault,
    /// The settings that hold the accepted credentials.
    pub settings: Vec<&'static str>,
}

/// Parts of secrets that come from examples.
const PLACEHOLDERS: [&str; 4] = ["change-me", "changeme", "placeholder", "<the secret>"];

#[derive(Clone)]
struct SecretEntry {
    name: String,
    scheme: Scheme,
    /// The setting that it comes from.
    setting: &'static str,
    /// The header that carries it, in lower case.
    header: String,
    expected: [u8; 32],
    /// It looks like one from an example.
    is_placeholder: bool,
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

    /// The credentials that look like those of an example: setting and name.
    pub fn placeholders(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let placeholders = self.entries.iter().filter(|entry| entry.is_placeholder);
        placeholders.map(|entry| (entry.setting, entry.name.as_str()))
    }

    /// Reads `POLYSINK_SECRETS`: comma-separated, each `name=secret`; the first may have no name. A comma in a secret
    /// is written twice.
    ///
    /// A name is `[a-z][a-z0-9-]*`, so that `dGVzdA==` is a secret. The errors never show a value.
    pub fn add_secrets(&mut self, list: &SecretString) -> Result<(), String> {
        self.add_bearer(list, "POLYSINK_SECRETS")
    }

    /// Adds the generated secret of local mode.
    pub fn add_local_secret(&mut self, secret: &SecretString) -> Result<(), String> {
        self.add_bearer(secret, "the file `secret` in the data folder")
    }

    fn add_bearer(&mut self, list: &SecretString, setting: &'static str) -> Result<(), String> {
        for (n, item) in list_items(list) {
            let (name, secret) = bearer_item(&item);
            if n > 1 && named_item(&item).is_none() {
                return Err(format!(
                    "secret {n} has no name; write `name=secret`. If it is the rest of one with a comma, write that \
                     comma twice"
                ));
            }
            if secret.len() < MIN_SECRET_BYTES {
                return Err(format!(
                    "secret {n} has {} bytes; expected at least {MIN_SECRET_BYTES}. \
                     (A value such as `abc=` is read as the name `abc` with an empty secret; write `default=abc=`.)",
                    secret.len()
                ));
            }
            self.push(Scheme::Bearer, setting, name, "authorization", format!("bearer {secret}").as_bytes(), secret);
        }
        Ok(())
    }

    /// Reads `POLYSINK_BASIC`: comma-separated, each `name=user:password`.
    pub fn add_basic(&mut self, list: &SecretString) -> Result<(), String> {
        use base64::Engine as _;

        for (n, item) in list_items(list) {
            let (name, pair) = named_item(&item).filter(|(_, pair)| pair.contains(':')).ok_or_else(|| {
                format!("entry {n} is not `name=user:password`, with a name of a-z, 0-9 and hyphens{COMMAS}")
            })?;
            let password = pair.split_once(':').map_or("", |(_, password)| password);
            if password.len() < MIN_SECRET_BYTES {
                return Err(format!(
                    "the password of entry {n} has {} bytes; expected at least {MIN_SECRET_BYTES}",
                    password.len()
                ));
            }
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            let value = format!("basic {encoded}");
            self.push(Scheme::Basic, "POLYSINK_BASIC", name, "authorization", value.as_bytes(), password);
        }
        Ok(())
    }

    /// Reads `POLYSINK_HEADER`: comma-separated, each `name=Header-Name:value`.
    pub fn add_headers(&mut self, list: &SecretString) -> Result<(), String> {
        for (n, item) in list_items(list) {
            let (name, header, value) = named_item(&item)
                .and_then(|(name, header)| header.split_once(':').map(|(header, value)| (name, header, value.trim())))
                .filter(|(_, header, _)| is_header_name(header))
                .ok_or_else(|| {
                    format!("entry {n} is not `name=Header-Name:value`, with a name of a-z, 0-9 and hyphens{COMMAS}")
                })?;
            if value.len() < MIN_SECRET_BYTES {
                return Err(format!(
                    "the value of entry {n} has {} bytes; expected at least {MIN_SECRET_BYTES}",
                    value.len()
                ));
            }
            let header = header.to_ascii_lowercase();
            let bytes =
                if header == "authorization" { canonical_authorization(value.as_bytes()) } else { value.into() };
            self.push(Scheme::Header, "POLYSINK_HEADER", name, &header, &bytes, value);
        }
        Ok(())
    }

    /// The value of `WWW-Authenticate` in a 401.
    pub fn challenge(&self) -> &'static str {
        match (self.has(Scheme::Bearer), self.has(Scheme::Basic)) {
            (_, false) => r#"Bearer realm="polysink""#,
            (false, true) => r#"Basic realm="polysink", charset="UTF-8""#,
            (true, true) => r#"Bearer realm="polysink", Basic realm="polysink", charset="UTF-8""#,
        }
    }

    /// The first secret of a `POLYSINK_SECRETS` list, without its name, for `send`.
    pub fn first_secret(list: &SecretString) -> Option<SecretString> {
        let (_, item) = list_items(list).next()?;
        Some(bearer_item(&item).1.into())
    }

    fn has(&self, scheme: Scheme) -> bool {
        self.entries.iter().any(|entry| entry.scheme == scheme)
    }

    /// * `value`: what the header says
    /// * `secret`: the part of it that is secret
    fn push(&mut self, scheme: Scheme, setting: &'static str, name: &str, header: &str, value: &[u8], secret: &str) {
        let expected = Sha256::digest(value).into();
        let secret = secret.to_lowercase();
        let is_placeholder = PLACEHOLDERS.iter().any(|placeholder| secret.contains(placeholder));
        let (name, header) = (name.to_owned(), header.to_owned());
        self.entries.push(SecretEntry { name, scheme, setting, header, expected, is_placeholder });
    }

    /// The name of the credential that the request presents.
    ///
    /// `Authorization` may carry a bearer secret with or without the scheme.
    ///
    /// Every entry is compared, over 32 bytes of digest, so that the time reveals neither how much of a guess was right
    /// nor the secret's length.
    ///
    /// * `header`: returns a header's value by its lower-case name
    pub fn matching<'a>(&self, header: impl Fn(&str) -> Option<&'a [u8]>) -> Result<&str, RefusedCredentials> {
        let mut found = 0_u32;
        for (n, entry) in (1_u32..).zip(&self.entries) {
            let presented = match header(&entry.header) {
                None => continue,
                Some(value) if entry.header == "authorization" => canonical_authorization(value),
                Some(value) => value.trim_ascii().into(),
            };
            let digest: [u8; 32] = Sha256::digest(&presented).into();
            // The first match names the connection; the comparison continues.
            let take = digest.ct_eq(&entry.expected) & !found.ct_gt(&0);
            found.conditional_assign(&n, take);
        }
        match found.checked_sub(1) {
            Some(index) => Ok(self.entries[index as usize].name.as_str()),
            None => Err(RefusedCredentials { fault: self.fault(header), settings: self.settings() }),
        }
    }

    fn settings(&self) -> Vec<&'static str> {
        let mut settings: Vec<_> = self.entries.iter().map(|entry| entry.setting).collect();
        settings.dedup();
        settings
    }

    /// Why no entry matches.
    fn fault<'a>(&self, header: impl Fn(&str) -> Option<&'a [u8]>) -> CredentialFault {
        let in_header = |entry: &&SecretEntry| entry.scheme == Scheme::Header && header(&entry.header).is_some();
        if self.entries.iter().find(in_header).is_some() {
            return CredentialFault::WrongHeader;
        }
        let Some(value) = header("authorization") else { return CredentialFault::Missing };
        match &canonical_authorization(value)[..] {
            value if value.starts_with(b"bearer ") && self.has(Scheme::Bearer) => CredentialFault::WrongSecret,
            value if value.starts_with(b"basic ") && self.has(Scheme::Basic) => CredentialFault::WrongPassword,
            _ => CredentialFault::OtherScheme,
        }
    }
}

/// The scheme is case-insensitive (RFC 9110, 11.1), the token is not; spaces between them do not count. A single word
/// is a token without its scheme, `Bearer`.
pub(super) fn canonical_authorization(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii();
    let Some(scheme_end) = value.iter().position(|byte| *byte == b' ') else {
        return [b"bearer ", value].concat();
    };
    let (scheme, rest) = value.split_at(scheme_end);
    let mut canonical = scheme.to_ascii_lowercase();
    canonical.push(b' ');
    canonical.extend_from_slice(rest.trim_ascii());
    canonical
}

/// A possible mistake in an entry of a list.
const COMMAS: &str = "; a comma in a value is written twice";

/// The entries of a list, which commas or line breaks separate, each with its number from 1, without empty ones. Two
/// commas are one that belongs to an entry.
pub fn list_items(list: &SecretString) -> impl Iterator<Item = (usize, String)> {
    let mut items = vec![String::new()];
    let mut characters = list.expose_secret().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ',' if characters.next_if_eq(&',').is_some() => items.last_mut().expect("there is one").push(','),
            ',' | '\n' => items.push(String::new()),
            other => items.last_mut().expect("there is one").push(other),
        }
    }
    let items = items.into_iter().map(|item| item.trim().to_owned());
    items.filter(|item| !item.is_empty()).zip(1..).map(|(item, n)| (n, item))
}

/// Name and rest of an entry `name=rest`, if what stands before the sign can be a name: `[a-z][a-z0-9-]*`.
pub fn named_item(item: &str) -> Option<(&str, &str)> {
    let (name, rest) = item.split_once('=')?;
    let mut bytes = name.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    valid.then_some((name, rest))
}

/// Name and secret of an entry of `POLYSINK_SECRETS`.
fn bearer_item(item: &str) -> (&str, &str) {
    named_item(item).map_or((UNNAMED, item), |(name, secret)| (name, secret.trim_start()))
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_token)
}

/// Whether a byte can be part of a token, such as a header's name (RFC 9110, 5.6.2).
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
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
        credentials.matching(|name| (name == "authorization").then_some(value.as_bytes())).ok()
    }

    #[test]
    fn each_of_several_secrets_is_accepted_under_its_name() {
        let credentials = secrets("first-secret, prod=second-secret,prod-2=third=secret");
        assert_eq!(bearer(&credentials, "Bearer first-secret"), Some("default"));
        assert_eq!(bearer(&credentials, "Bearer second-secret"), Some("prod"));
        assert_eq!(bearer(&credentials, "Bearer third=secret"), Some("prod-2"));
        assert_eq!(bearer(&credentials, "Bearer prod=second-secret"), None);
        assert_eq!(bearer(&secrets("prod = x-secret, stage= y-secret"), "Bearer y-secret"), Some("stage"));
    }

    #[test]
    fn base64_and_tokens_like_jwts_are_opaque() {
        assert_eq!(bearer(&secrets("dGVzdA=="), "Bearer dGVzdA=="), Some("default"));
        let token = "eyJhbGciOiJIUzI1NiJ9.e30.abc_-";
        assert_eq!(bearer(&secrets(token), &format!("bearer {token}")), Some("default"));
    }

    #[test]
    fn the_scheme_word_is_case_insensitive_and_the_token_is_not() {
        let credentials = secrets("Secret-Value");
        for good in [
            "bearer Secret-Value",
            "BEARER Secret-Value",
            "Bearer   Secret-Value ",
            "bEaReR Secret-Value",
            "Secret-Value",
        ] {
            assert_eq!(bearer(&credentials, good), Some("default"), "{good}");
        }
        for bad in [
            "Bearer secret-value",
            "Bearer Secret-Valu",
            "Bearer Secret-Value2",
            "Basic Secret-Value",
            "Bearer",
            "",
            "BearerSecret-Value",
        ] {
            assert_eq!(bearer(&credentials, bad), None, "{bad}");
        }
        assert!(credentials.matching(|_| None).is_err());
    }

    #[test]
    fn basic_and_custom_headers_work_together_with_secrets() {
        let mut credentials = secrets("first-secret");
        credentials.add_basic(&"etl=polytomic:pass:word".into()).expect("it is good");
        credentials.add_headers(&"key=X-Api-Key:abcdef".into()).expect("it is good");
        assert_eq!(bearer(&credentials, "Basic cG9seXRvbWljOnBhc3M6d29yZA=="), Some("etl"));
        assert_eq!(bearer(&credentials, "Basic cG9seXRvbWljOnBhc3M6d29yZQ=="), None);
        let key = |value: &'static [u8]| credentials.matching(|name| (name == "x-api-key").then_some(value));
        assert_eq!(key(b"abcdef"), Ok("key"));
        assert_eq!(key(b"abcdeg").map_err(|refused| refused.fault), Err(CredentialFault::WrongHeader));
        assert_eq!(credentials.names().collect::<Vec<_>>(), ["default", "etl", "key"]);
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_where_to_look() {
        let mut credentials = secrets("first-secret");
        let refused = |credentials: &Credentials, value: &'static str| {
            let header = |name: &str| (name == "authorization" && !value.is_empty()).then_some(value.as_bytes());
            credentials.matching(header).expect_err(value)
        };
        assert_eq!(refused(&credentials, "").fault, CredentialFault::Missing);
        assert_eq!(refused(&credentials, "wrong-secret").fault, CredentialFault::WrongSecret);
        assert_eq!(refused(&credentials, "Basic dXNlcjpwYXNz").fault, CredentialFault::OtherScheme);
        assert_eq!(refused(&credentials, "Digest username=x").fault, CredentialFault::OtherScheme);
        assert_eq!(refused(&credentials, "").settings, ["POLYSINK_SECRETS"]);
        credentials.add_basic(&"etl=polytomic:password".into()).expect("it is good");
        assert_eq!(refused(&credentials, "Basic dXNlcjpwYXNz").fault, CredentialFault::WrongPassword);
        assert_eq!(refused(&credentials, "").settings, ["POLYSINK_SECRETS", "POLYSINK_BASIC"]);
    }

    #[test]
    fn a_single_comma_in_a_secret_is_an_error_that_says_to_write_it_twice() {
        let secret =
            |presented: &'static str| move |name: &str| (name == "authorization").then_some(presented.as_bytes());
        let list = secrets("a=one,,secret,b=,,two,,,,secrets,,\nc=three=secret");
        for (presented, name) in [("one,secret", "a"), (",two,,secrets,", "b"), ("three=secret", "c")] {
            assert_eq!(list.matching(secret(presented)).expect("it is right"), name);
        }
        for mistake in ["hunter2-a,hunter2-b", "prod=hunter2-a,hunter2-b", "hunter2-a,hunter2-b,name=opqrstu"] {
            let error = Credentials::default().add_secrets(&mistake.into()).expect_err("one has no name");
            assert!(error.contains("has no name") && error.contains("write that comma twice"), "{error}");
            assert!(!error.contains("hunter"), "it shows no value: {error}");
        }
    }

    #[test]
    fn secrets_of_examples_are_known() {
        let mut credentials = secrets("good=first-secret,prod=Change-Me-Please");
        credentials.add_basic(&"etl=polytomic:changeme".into()).expect("it is long enough");
        let found: Vec<_> = credentials.placeholders().collect();
        assert_eq!(found, [("POLYSINK_SECRETS", "prod"), ("POLYSINK_BASIC", "etl")]);
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
