//! Secrets, and their comparison in constant time.

mod settings;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};

pub use settings::MIN_SECRET_BYTES;

use super::oauth::{OAuthClient, TokenFault};

/// The header with a scheme and a secret, in lower case.
const AUTHORIZATION: &str = "authorization";

/// The accepted credentials of Polytomic's connections, each with a name.
///
/// Only digests are kept. `Debug` shows names, never values.
#[derive(Clone, Default)]
pub struct Credentials {
    entries: Vec<SecretEntry>,
    clients: Vec<OAuthClient>,
}

/// How a credential is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Basic,
    /// In a header of its own.
    Header,
    /// In parameters of the URL.
    Query,
}

/// Where a credential stands in a request.
#[derive(Clone)]
enum CredentialPlace {
    /// A header, in lower case.
    Header(String),
    /// All of these parameters of the URL, in order.
    Query(Vec<String>),
}

/// Why no credential of a request was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum CredentialFault {
    /// The request has none of the headers and parameters that could carry one.
    Missing,
    /// `Authorization` has a scheme that is not in use here.
    OtherScheme,
    WrongSecret,
    WrongPassword,
    WrongHeader,
    WrongQuery,
    /// A bearer token that was not issued here, or with another secret.
    WrongToken,
    ExpiredToken,
    /// A token was asked for with another client's id, or with another secret.
    WrongClient,
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

/// Whether a secret looks like one from an example.
pub(super) fn is_placeholder(secret: &str) -> bool {
    let secret = secret.to_lowercase();
    PLACEHOLDERS.iter().any(|placeholder| secret.contains(placeholder))
}

#[derive(Clone)]
struct SecretEntry {
    name: String,
    scheme: Scheme,
    /// The setting that it comes from.
    setting: &'static str,
    place: CredentialPlace,
    expected: [u8; 32],
    /// It looks like one from an example.
    is_placeholder: bool,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Credentials {
    /// Whether there are none, so that no request would be accepted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.clients.is_empty()
    }

    /// The names, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let entries = self.entries.iter().map(|entry| entry.name.as_str());
        entries.chain(self.clients.iter().map(|client| client.name.as_str()))
    }

    /// Whether clients get tokens.
    pub fn has_oauth(&self) -> bool {
        !self.clients.is_empty()
    }

    /// A token for a client, with the name of its connection; `None` if the id or the secret is wrong.
    pub fn token(&self, id: &[u8], secret: &[u8], now: DateTime<Utc>) -> Option<(&str, String)> {
        let client = self.clients.iter().find(|client| client.is(id, secret))?;
        Some((&client.name, client.token(now)))
    }

    /// The names of the headers that carry them, in lower case; with repetitions.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        let entries = self.entries.iter().filter_map(|entry| match &entry.place {
            CredentialPlace::Header(header) => Some(header.as_str()),
            CredentialPlace::Query(_) => None,
        });
        entries.chain(self.has_oauth().then_some(AUTHORIZATION))
    }

    /// The credentials that look like those of an example: setting and name.
    pub fn placeholders(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let entries = self.entries.iter().filter(|entry| entry.is_placeholder);
        let clients = self.clients.iter().filter(|client| client.is_placeholder);
        entries
            .map(|entry| (entry.setting, entry.name.as_str()))
            .chain(clients.map(|client| (settings::OAUTH, client.name.as_str())))
    }

    /// The value of `WWW-Authenticate` in a 401.
    pub fn challenge(&self) -> &'static str {
        match (self.has(Scheme::Bearer), self.has(Scheme::Basic)) {
            (_, false) => r#"Bearer realm="polysink""#,
            (false, true) => r#"Basic realm="polysink", charset="UTF-8""#,
            (true, true) => r#"Bearer realm="polysink", Basic realm="polysink", charset="UTF-8""#,
        }
    }

    fn has(&self, scheme: Scheme) -> bool {
        self.entries.iter().any(|entry| entry.scheme == scheme)
    }

    /// * `value`: the header's, or the parameters, in canonical form
    /// * `secret`: the part of it that is secret
    fn push(
        &mut self,
        scheme: Scheme,
        setting: &'static str,
        name: &str,
        place: CredentialPlace,
        value: &[u8],
        secret: &str,
    ) {
        let expected = Sha256::digest(value).into();
        let (is_placeholder, name) = (is_placeholder(secret), name.to_owned());
        self.entries.push(SecretEntry { name, scheme, setting, place, expected, is_placeholder });
    }

    /// The name of the credential that the request presents.
    ///
    /// `Authorization` may carry a bearer secret with or without the scheme, or a token.
    ///
    /// Every entry is compared, over 32 bytes of digest, so that the time reveals neither how much of a guess was right
    /// nor the secret's length.
    ///
    /// * `header`: returns a header's value by its lower-case name
    /// * `query`: of the request's URL, as it came
    pub fn matching<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a [u8]>,
        query: &str,
        now: DateTime<Utc>,
    ) -> Result<&str, RefusedCredentials> {
        let mut found = 0_u32;
        for (n, entry) in (1_u32..).zip(&self.entries) {
            let Some(presented) = presented(&entry.place, &header, query) else { continue };
            let digest: [u8; 32] = Sha256::digest(&presented).into();
            // The first match names the connection; the comparison continues.
            let take = digest.ct_eq(&entry.expected) & !found.ct_gt(&0);
            found.conditional_assign(&n, take);
        }
        if let Some(index) = found.checked_sub(1) {
            return Ok(self.entries[index as usize].name.as_str());
        }
        let token = header(AUTHORIZATION).map(canonical_authorization);
        let checked = self.check_token(token.as_deref().unwrap_or_default(), now);
        checked.map_err(|token| {
            let fault = self.fault(header, query, token);
            RefusedCredentials { fault, settings: self.settings() }
        })
    }

    /// The name of the client that has this token.
    ///
    /// * `authorization`: in canonical form
    fn check_token(&self, authorization: &[u8], now: DateTime<Utc>) -> Result<&str, TokenFault> {
        let token = authorization.strip_prefix(b"bearer ").ok_or(TokenFault::Unknown)?;
        let mut fault = TokenFault::Unknown;
        for client in &self.clients {
            match client.check(token, now) {
                Ok(()) => return Ok(&client.name),
                Err(TokenFault::Expired) => fault = TokenFault::Expired,
                Err(TokenFault::Unknown) => {}
            }
        }
        Err(fault)
    }

    fn settings(&self) -> Vec<&'static str> {
        let clients = self.has_oauth().then_some(settings::OAUTH);
        let mut settings: Vec<_> = self.entries.iter().map(|entry| entry.setting).chain(clients).collect();
        settings.dedup();
        settings
    }

    /// Why no entry matches, and no client.
    fn fault<'a>(&self, header: impl Fn(&str) -> Option<&'a [u8]>, query: &str, token: TokenFault) -> CredentialFault {
        if token == TokenFault::Expired {
            return CredentialFault::ExpiredToken;
        }
        let is_there = |scheme: Scheme| {
            let mut entries = self.entries.iter().filter(|entry| entry.scheme == scheme);
            entries.any(|entry| presented(&entry.place, &header, query).is_some())
        };
        if is_there(Scheme::Header) {
            return CredentialFault::WrongHeader;
        }
        if is_there(Scheme::Query) {
            return CredentialFault::WrongQuery;
        }
        let Some(value) = header(AUTHORIZATION) else { return CredentialFault::Missing };
        match &canonical_authorization(value)[..] {
            value if value.starts_with(b"bearer ") && self.has(Scheme::Bearer) => CredentialFault::WrongSecret,
            value if value.starts_with(b"bearer ") && self.has_oauth() => CredentialFault::WrongToken,
            value if value.starts_with(b"basic ") && self.has(Scheme::Basic) => CredentialFault::WrongPassword,
            _ => CredentialFault::OtherScheme,
        }
    }
}

/// The value at a place of a request, in canonical form; `None` if there is none.
fn presented<'a>(place: &CredentialPlace, header: impl Fn(&str) -> Option<&'a [u8]>, query: &str) -> Option<Vec<u8>> {
    match place {
        CredentialPlace::Header(name) if name == AUTHORIZATION => header(name).map(canonical_authorization),
        CredentialPlace::Header(name) => header(name).map(|value| value.trim_ascii().into()),
        CredentialPlace::Query(names) => {
            let given: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
            let mut pairs = Vec::new();
            for name in names {
                let values = given.iter().filter(|(parameter, _)| parameter == name);
                let mut values: Vec<(&str, &str)> = values.map(|(_, value)| (name.as_str(), &**value)).collect();
                // With two values, which a proxy and the service may read differently, none is right.
                values.dedup();
                if values.is_empty() {
                    return None;
                }
                pairs.append(&mut values);
            }
            Some(canonical_query(pairs.into_iter()).into_bytes())
        }
    }
}

/// Pairs of parameters and values as a query, whichever way they were encoded.
fn canonical_query<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing in these tests depends on it.
    pub(super) const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    pub(super) fn secrets(list: &str) -> Credentials {
        let mut credentials = Credentials::default();
        credentials.add_secrets(&list.into()).expect("the list is good");
        credentials
    }

    fn bearer<'a>(credentials: &'a Credentials, value: &str) -> Option<&'a str> {
        credentials.matching(|name| (name == "authorization").then_some(value.as_bytes()), "", NOW).ok()
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
        assert!(credentials.matching(|_| None, "", NOW).is_err());
    }

    #[test]
    fn basic_and_custom_headers_work_together_with_secrets() {
        let mut credentials = secrets("first-secret");
        credentials.add_basic(&"etl=polytomic:pass:word".into()).expect("it is good");
        credentials.add_headers(&"key=X-Api-Key:abcdef".into()).expect("it is good");
        assert_eq!(bearer(&credentials, "Basic cG9seXRvbWljOnBhc3M6d29yZA=="), Some("etl"));
        assert_eq!(bearer(&credentials, "Basic cG9seXRvbWljOnBhc3M6d29yZQ=="), None);
        let key = |value: &'static [u8]| credentials.matching(|name| (name == "x-api-key").then_some(value), "", NOW);
        assert_eq!(key(b"abcdef"), Ok("key"));
        assert_eq!(key(b"abcdeg").map_err(|refused| refused.fault), Err(CredentialFault::WrongHeader));
        assert_eq!(credentials.names().collect::<Vec<_>>(), ["default", "etl", "key"]);
    }

    #[test]
    fn a_set_of_parameters_has_to_be_there_as_a_whole() {
        let mut credentials = secrets("first-secret");
        let list = "q=token:abc-def&tenant:a b,,c&&d, other=key:x:y:secret";
        credentials.add_queries(&list.into()).expect("it is good");
        let by = |query: &str| credentials.matching(|_| None, query, NOW).map_err(|refused| refused.fault);
        for good in [
            "tenant=a+b,c%26d&token=abc-def",
            "token=abc%2Ddef&x=1&tenant=a%20b%2Cc%26d",
            "token=abc-def&tenant=a b,c%26d&token=abc-def",
        ] {
            assert_eq!(by(good), Ok("q"), "{good}");
        }
        assert_eq!(by("key=x%3Ay:secret"), Ok("other"));
        assert_eq!(by("token=abc-def&tenant=other"), Err(CredentialFault::WrongQuery));
        assert_eq!(by("token=abc-def"), Err(CredentialFault::Missing), "one of two is none");
        assert_eq!(by("tenant=a+b,c&d=&token=abc-def"), Err(CredentialFault::WrongQuery));
        assert_eq!(by(""), Err(CredentialFault::Missing));
        assert_eq!(by("token=abc-def&tenant=a b,c%26d&token=abc-deg"), Err(CredentialFault::WrongQuery));
        assert_eq!(credentials.headers().collect::<Vec<_>>(), ["authorization"]);
        for bad in ["token:abcdef", "n=abcdef", "n=:abcdef", "n=a:short", "n=a:abcdef&a:ghijkl", "n=a:abcdef&"] {
            let error = Credentials::default().add_queries(&bad.into()).expect_err(bad);
            assert!(!error.contains("abcdef") && !error.contains("short"), "{error}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_where_to_look() {
        let mut credentials = secrets("first-secret");
        let refused = |credentials: &Credentials, value: &'static str| {
            let header = |name: &str| (name == "authorization" && !value.is_empty()).then_some(value.as_bytes());
            credentials.matching(header, "", NOW).expect_err(value)
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
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", secrets("prod=hunter2-hunter2"));
        assert_eq!(shown, "[\"prod\"]");
    }
}
