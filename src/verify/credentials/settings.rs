//! Reads credentials from settings. The errors never show a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use super::{AUTHORIZATION, CredentialPlace, Credentials, Scheme, canonical_authorization, canonical_query};
use crate::verify::list::{is_token, list_items, named_item, split_doubled};
use crate::verify::oauth::OAuthClient;

/// The settings refuse shorter secrets: they can be guessed.
pub const MIN_SECRET_BYTES: usize = 6;

/// The setting of clients that get tokens.
pub const OAUTH: &str = "POLYSINK_OAUTH";

/// The name of a secret without one.
const UNNAMED: &str = "default";

/// A possible mistake in an entry of a list.
const COMMAS: &str = "; a comma in a value is written twice";

impl Credentials {
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
            let place = CredentialPlace::Header(AUTHORIZATION.to_owned());
            self.push(Scheme::Bearer, setting, name, place, format!("bearer {secret}").as_bytes(), secret);
        }
        Ok(())
    }

    /// Reads `POLYSINK_BASIC`: comma-separated, each `name=user:password`.
    pub fn add_basic(&mut self, list: &SecretString) -> Result<(), String> {
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
            let encoded = STANDARD.encode(pair);
            let value = format!("basic {encoded}");
            let place = CredentialPlace::Header(AUTHORIZATION.to_owned());
            self.push(Scheme::Basic, "POLYSINK_BASIC", name, place, value.as_bytes(), password);
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
            let bytes = if header == AUTHORIZATION { canonical_authorization(value.as_bytes()) } else { value.into() };
            self.push(Scheme::Header, "POLYSINK_HEADER", name, CredentialPlace::Header(header), &bytes, value);
        }
        Ok(())
    }

    /// Reads `POLYSINK_QUERY`: comma-separated, each `name=parameter:value`, several parameters joined by `&`. An `&`
    /// in a value is written twice.
    pub fn add_queries(&mut self, list: &SecretString) -> Result<(), String> {
        for (n, item) in list_items(list) {
            let (name, pairs) = named_item(&item).ok_or_else(|| {
                format!("entry {n} is not `name=parameter:value`, with a name of a-z, 0-9 and hyphens{COMMAS}")
            })?;
            let pairs = split_doubled(pairs, '&', |_| false);
            let pairs: Option<Vec<(&str, &str)>> = pairs.iter().map(|pair| pair.split_once(':')).collect();
            let mut pairs =
                pairs.filter(|pairs| pairs.iter().all(|(parameter, _)| !parameter.is_empty())).ok_or_else(|| {
                    format!("entry {n} is not `name=parameter:value&parameter:value`; an & in a value is written twice")
                })?;
            pairs.sort_unstable();
            if pairs.windows(2).any(|two| two[0].0 == two[1].0) {
                return Err(format!("entry {n} has a parameter twice"));
            }
            let longest = pairs.iter().map(|(_, value)| value.len()).max().unwrap_or(0);
            if longest < MIN_SECRET_BYTES {
                return Err(format!(
                    "the longest value of entry {n} has {longest} bytes; expected at least {MIN_SECRET_BYTES}"
                ));
            }
            let place = CredentialPlace::Query(pairs.iter().map(|(parameter, _)| (*parameter).to_owned()).collect());
            let values: Vec<&str> = pairs.iter().map(|(_, value)| *value).collect();
            let value = canonical_query(pairs.iter().copied());
            self.push(Scheme::Query, "POLYSINK_QUERY", name, place, value.as_bytes(), &values.join("\n"));
        }
        Ok(())
    }

    /// Reads `POLYSINK_OAUTH`: comma-separated, each `name=client_id:client_secret`.
    pub fn add_oauth(&mut self, list: &SecretString) -> Result<(), String> {
        self.clients = OAuthClient::parse_list(list)?;
        Ok(())
    }

    /// The first secret of a `POLYSINK_SECRETS` list, without its name, for `send`.
    pub fn first_secret(list: &SecretString) -> Option<SecretString> {
        let (_, item) = list_items(list).next()?;
        Some(bearer_item(&item).1.into())
    }
}

/// Name and secret of an entry of `POLYSINK_SECRETS`.
fn bearer_item(item: &str) -> (&str, &str) {
    named_item(item).map_or((UNNAMED, item), |(name, secret)| (name, secret.trim_start()))
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_token)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, secrets};
    use super::*;

    #[test]
    fn a_single_comma_in_a_secret_is_an_error_that_says_to_write_it_twice() {
        let secret =
            |presented: &'static str| move |name: &str| (name == "authorization").then_some(presented.as_bytes());
        let list = secrets("a=one,,secret,b=,,two,,,,secrets,,\nc=three=secret");
        for (presented, name) in [("one,secret", "a"), (",two,,secrets,", "b"), ("three=secret", "c")] {
            assert_eq!(list.matching(secret(presented), "", NOW).expect("it is right"), name);
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
}
