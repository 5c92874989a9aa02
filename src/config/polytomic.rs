//! How to ask Polytomic's API.

use secrecy::SecretString;
use url::Url;

use super::settings::{AUTO_IDENTITY, POLYTOMIC_KEY, POLYTOMIC_URL};
use super::{Reader, Setting, value};
use crate::verify::{MIN_SECRET_BYTES, is_loopback, list_items, named_item};

/// The API of Polytomic, and the keys for it.
#[derive(Debug, Clone)]
pub struct PolytomicConfig {
    /// Encrypted, or on this machine.
    pub url: Url,
    /// One for each organization, with the name of its connections' secrets. A single one may have no name, and is that
    /// of all connections.
    pub keys: Vec<(Option<String>, SecretString)>,
    /// Whether the service configures new syncs as their models in Polytomic say.
    pub auto_identity: bool,
}

/// Settings of what asks Polytomic's API.
pub const POLYTOMIC_SETTINGS: &[&Setting] = &[&POLYTOMIC_KEY, &POLYTOMIC_URL];

impl PolytomicConfig {
    /// Reads [`POLYTOMIC_SETTINGS`], and how new syncs are configured; `None` without a key.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.get(&POLYTOMIC_URL, parse_url);
        let auto_identity = reader.get(&AUTO_IDENTITY, value::boolean);
        let list = reader.secret(&POLYTOMIC_KEY)?;
        match parse_keys(&list) {
            Ok(keys) => Some(Self { url, keys, auto_identity }),
            Err(message) => {
                reader.error(POLYTOMIC_KEY.name, message);
                None
            }
        }
    }
}

/// `https://app.polytomic.com`, or that of a self-hosted Polytomic. Without TLS it must be on this machine: anyone on
/// the way could read the key.
fn parse_url(text: &str) -> Result<Url, String> {
    let expected = || "not a valid URL of Polytomic; expected https://app.polytomic.com, for example".to_owned();
    let url = Url::parse(text).map_err(|_| expected())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL with credentials; set the key in POLYSINK_POLYTOMIC_KEY instead".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(expected());
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err("not encrypted; expected https, so that nobody on the way can read the key".to_owned()),
        _ => Err(expected()),
    }
}

/// Comma-separated, each `name=key`; a single one may have no name. A comma in a key is written twice. The errors never
/// show a value.
fn parse_keys(list: &SecretString) -> Result<Vec<(Option<String>, SecretString)>, String> {
    let items: Vec<(usize, String)> = list_items(list).collect();
    let mut keys: Vec<(Option<String>, SecretString)> = Vec::new();
    for (n, item) in &items {
        let (name, key) =
            named_item(item).map_or((None, item.as_str()), |(name, key)| (Some(name.to_owned()), key.trim()));
        if name.is_none() && items.len() > 1 {
            return Err(format!("key {n} of {} has no name; write `name=key`", items.len()));
        }
        if key.len() < MIN_SECRET_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "key {n} is not a key of Polytomic's API: at least {MIN_SECRET_BYTES} letters, digits and signs, no \
                 spaces"
            ));
        }
        if keys.iter().any(|(known, _)| *known == name) {
            return Err(format!("key {n} has the name of another one"));
        }
        keys.push((name, key.into()));
    }
    if keys.is_empty() { Err("holds no key".to_owned()) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn keys(list: &str) -> Result<Vec<(Option<String>, String)>, String> {
        let keys = parse_keys(&list.into())?;
        Ok(keys.into_iter().map(|(name, key)| (name, key.expose_secret().to_owned())).collect())
    }

    #[test]
    fn a_key_alone_is_for_polytomics_cloud() {
        let lookup = |name: &str| (name == "POLYSINK_POLYTOMIC_KEY").then(|| "abcdef123456".to_owned());
        let config = Reader::read(&lookup, PolytomicConfig::read).expect("it is enough");
        assert_eq!(config.map(|config| config.url.to_string()).as_deref(), Some("https://app.polytomic.com/"));
        assert!(Reader::read(&|_| None, PolytomicConfig::read).expect("nothing is wrong").is_none());
    }

    #[test]
    fn a_single_key_may_have_no_name() {
        assert_eq!(keys("abcdef123456"), Ok(vec![(None, "abcdef123456".to_owned())]));
        assert_eq!(keys("dGVzdC1rZXk="), Ok(vec![(None, "dGVzdC1rZXk=".to_owned())]));
        let several = [("prod", "abcdef123456"), ("staging", "zyx=987,654")];
        let several = several.map(|(name, key)| (Some(name.to_owned()), key.to_owned())).to_vec();
        assert_eq!(keys("prod=abcdef123456, staging=zyx=987,,654"), Ok(several));
    }

    #[test]
    fn keys_that_cannot_be_are_refused_without_being_shown() {
        for bad in ["", " , ", "short", "prod=abcdef1,other-key-1", "a=abcdef1,a=abcdef2", "abcdef words", "abcdefü"] {
            let error = keys(bad).expect_err(bad);
            assert!(!error.contains("abcdef"), "{error}");
        }
    }

    #[test]
    fn the_api_is_encrypted_or_on_this_machine() {
        for good in
            ["https://app.polytomic.com", "https://polytomic.example.com/base/", "http://127.0.0.1:8", "http://[::1]:1"]
        {
            parse_url(good).expect(good);
        }
        for bad in [
            "http://app.polytomic.com",
            "app.polytomic.com",
            "https://user:secret@app.polytomic.com",
            "https://app.polytomic.com?key=1",
            "file:///etc/passwd",
            "http://127.0.0.1.example.com",
            "",
        ] {
            let error = parse_url(bad).expect_err(bad);
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
