//! Whom to notify, and of what.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{SecretSlice, SecretString};
use strum::VariantArray as _;
use url::Url;

use super::settings::{NOTIFY, NOTIFY_KINDS};
use super::{Reader, Setting};
use crate::model::NoticeKind;
use crate::verify::{is_loopback, list_items, named_item};

/// Bytes of a key, by the specification of Standard Webhooks.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Sinks for notices, and their kinds.
#[derive(Debug, Clone)]
pub struct NotifyConfig {
    pub sinks: Vec<SinkConfig>,
    pub kinds: Vec<NoticeKind>,
}

/// A sink for notices. `Debug` does not show its URL, which is a secret of Slack's webhooks.
#[derive(Clone)]
pub struct SinkConfig {
    pub name: String,
    pub url: Url,
    /// The key of its signatures; `None` for an incoming webhook of Slack.
    pub key: Option<SecretSlice<u8>>,
}

impl std::fmt::Debug for SinkConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinkConfig").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Settings of what sends notices.
pub const NOTIFY_SETTINGS: &[&Setting] = &[&NOTIFY, &NOTIFY_KINDS];

impl NotifyConfig {
    /// Reads [`NOTIFY_SETTINGS`]; `None` without a sink.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let kinds = reader.get(&NOTIFY_KINDS, parse_kinds);
        let list = reader.secret(&NOTIFY)?;
        match parse_sinks(&list) {
            Ok(sinks) => Some(Self { sinks, kinds }),
            Err(message) => {
                reader.error(NOTIFY.name, message);
                None
            }
        }
    }
}

/// Comma-separated words.
fn parse_kinds(text: &str) -> Result<Vec<NoticeKind>, String> {
    let mut kinds = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let known = || NoticeKind::VARIANTS.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let kind = word.parse().map_err(|_| format!("not a list of kinds: `{word}` is none of {}", known()))?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Comma-separated, each `name=KEY@URL` or `name=slack@URL`. A comma in a URL is written twice. The errors show neither
/// URL nor key.
fn parse_sinks(list: &SecretString) -> Result<Vec<SinkConfig>, String> {
    let mut sinks: Vec<SinkConfig> = Vec::new();
    for (n, item) in list_items(list) {
        let (name, rest) = named_item(&item).ok_or_else(|| {
            format!("sink {n} has no name; write `name=KEY@URL`, or `name=slack@URL` for an incoming webhook of Slack")
        })?;
        let of_sink = |why: String| format!("sink {n}, {name}: {why}");
        let (how, url) = rest.trim().split_once('@').ok_or_else(|| {
            of_sink("neither a key nor `slack` stands before its URL; write `name=KEY@URL`".to_owned())
        })?;
        let key = if how == "slack" { None } else { Some(parse_key(how).map_err(of_sink)?) };
        let url = parse_url(url, key.is_none()).map_err(of_sink)?;
        if sinks.iter().any(|sink| sink.name == name) {
            return Err(format!("sink {n} has the name of another one, {name}"));
        }
        sinks.push(SinkConfig { name: name.to_owned(), url, key });
    }
    if sinks.is_empty() { Err("holds no sink".to_owned()) } else { Ok(sinks) }
}

fn parse_key(text: &str) -> Result<SecretSlice<u8>, String> {
    let expected = "its key is not base64 of 24 to 64 bytes; make one with `openssl rand -base64 32`";
    let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok();
    bytes.filter(|bytes| KEY_BYTES.contains(&bytes.len())).map(Into::into).ok_or_else(|| expected.to_owned())
}

/// * `is_secret`: whether nobody on the way may read it
fn parse_url(text: &str, is_secret: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "its URL is not valid; expected https://host/path".to_owned())?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) || !is_secret => Ok(url),
        "http" => Err("its URL is not https; anyone on the way could read it, and post in its place".to_owned()),
        _ => Err("its URL is not one of http; expected https://host/path".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn sinks_are_signed_or_slacks() {
        let list = format!(
            "ops=whsec_{KEY}@https://example.com/in?a=1,,2, team=slack@https://hooks.slack.com/services/T/B/x\n\
             local={KEY}@http://alerts.internal:8080/"
        );
        let sinks = parse_sinks(&list.into()).expect("all are good");
        let names: Vec<&str> = sinks.iter().map(|sink| sink.name.as_str()).collect();
        assert_eq!(names, ["ops", "team", "local"]);
        assert_eq!(sinks[0].url.as_str(), "https://example.com/in?a=1,2");
        assert_eq!(sinks[0].key.as_ref().map(|key| key.expose_secret().len()), Some(24));
        assert!(sinks[1].key.is_none());
        assert!(!format!("{sinks:?}").contains("services"), "{sinks:?}");
    }

    #[test]
    fn sinks_that_cannot_be_are_refused_without_their_secrets() {
        for bad in [
            "",
            " , ",
            "slack@https://hunter2.example.com/",
            "a=https://hunter2.example.com/",
            "a=hunter2@https://example.com/",
            "a=whsec_aHVudGVyMg==@https://example.com/hunter2",
            "a=slack@http://example.com/hunter2",
            "a=slack@ftp://example.com/hunter2",
            "a=slack@hunter2",
            "a=slack@https://example.com/,a=slack@https://example.com/hunter2",
        ] {
            let error = parse_sinks(&bad.into()).expect_err(bad);
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn kinds_are_a_list_of_known_words() {
        assert_eq!(parse_kinds("disk, spool,disk"), Ok(vec![NoticeKind::Disk, NoticeKind::Spool]));
        let error = parse_kinds("disks").expect_err("it is none");
        assert!(error.contains("`disks` is none of quiet, runs, schema, misfits, rejections, spool, disk"), "{error}");
    }
}
