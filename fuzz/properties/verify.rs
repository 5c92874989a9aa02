//! Timestamps, credentials and addresses.

use std::net::IpAddr;

use chrono::{DateTime, Datelike as _, TimeDelta};
use polysink::verify::{Credentials, Networks, Stale, client_address, sent_at};

use super::halves;

/// `verify::sent_at`. The first line is the header, the second the time now, in seconds since 1970.
pub fn timestamp(data: &[u8]) {
    let (header, now) = halves(data);
    let seconds = std::str::from_utf8(now).ok().and_then(|now| now.trim().parse().ok()).unwrap_or(1_622_588_136);
    let Some(now) = DateTime::from_timestamp(seconds, 0) else { return };
    let tolerance = TimeDelta::seconds(300);
    let unchecked = sent_at(Some(header), now, TimeDelta::zero()).expect("with the check off everything passes");
    match (sent_at(Some(header), now, tolerance), unchecked) {
        (Ok(Some(sent)), Some(read)) => assert!(sent == read && (now - sent).abs() <= tolerance, "{sent} at {now}"),
        (Err(Stale::Unreadable), None) => {}
        (Err(Stale::Old { age, .. }), Some(sent)) => assert!(age > tolerance && now - sent == age, "{sent} at {now}"),
        (Err(Stale::Future { ahead, .. }), Some(sent)) => {
            assert!(ahead > tolerance && sent - now == ahead, "{sent} at {now}");
        }
        (checked, read) => panic!("{checked:?}, and without the check {read:?}"),
    }
    if let Some(sent) = unchecked {
        let again = sent_at(Some(sent.to_rfc3339().as_bytes()), now, TimeDelta::zero());
        assert!(again == Ok(Some(sent)) || !(0..=9999).contains(&sent.year()), "{sent} became {again:?}");
    }
}

/// `verify::Credentials`. The first line is a list of secrets, the rest what a request presents.
pub fn credentials(data: &[u8]) {
    let (list, presented) = halves(data);
    let Ok(list) = std::str::from_utf8(list) else { return };
    let mut credentials = Credentials::default();
    if credentials.add_secrets(&list.into()).is_err() || credentials.is_empty() {
        return;
    }
    let now = DateTime::UNIX_EPOCH;
    let accepts =
        |value: &[u8]| credentials.matching(|name| (name == "authorization").then_some(value), "", now).is_ok();
    // Two commas are one of a secret.
    let list = list.replace(",,", "\u{e000}");
    let secrets: Vec<String> =
        list.split([',', '\n']).map(|item| without_name(&item.replace('\u{e000}', ",")).to_owned()).collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).filter(|secret| !secret.is_empty()).collect();
    for secret in &secrets {
        assert!(accepts(format!("Bearer {secret}").as_bytes()), "{secret:?} is not accepted");
        assert!(accepts(format!(" bearer   {secret} ").as_bytes()), "{secret:?} is not accepted with spaces");
        assert!(!accepts(format!("Bearer {secret}x").as_bytes()) || secrets.contains(&format!("{secret}x").as_str()));
        assert!(!accepts(format!("Basic {secret}").as_bytes()), "{secret:?} is accepted as basic credentials");
    }
    // Whatever is accepted ends in a secret.
    if accepts(presented) {
        let presented = presented.trim_ascii();
        assert!(secrets.iter().any(|secret| presented.ends_with(secret.as_bytes())), "{presented:?} for {secrets:?}");
    }
    assert!(!accepts(b"") && !accepts(b"Bearer") && !accepts(b"Bearer "));
    let names: Vec<&str> = credentials.names().collect();
    assert_eq!(format!("{credentials:?}"), format!("{names:?}"), "only names are shown");
}

/// A secret of the list. Written apart from `verify`, from the settings' documentation.
fn without_name(item: &str) -> &str {
    let item = item.trim();
    match item.split_once('=') {
        Some((name, secret))
            if name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') =>
        {
            secret.trim()
        }
        _ => item,
    }
}

/// `verify::client_address`. Each line is a header, `X-Forwarded-For: …` or `Forwarded: …`, as a trusted proxy sends
/// it.
pub fn forwarded(data: &[u8]) {
    let trusted: Networks = "10.0.0.0/8,fd00::/8".parse().expect("the list is good");
    let proxy: IpAddr = "10.0.0.1".parse().expect("it is an address");
    let stranger: IpAddr = "198.51.100.9".parse().expect("it is an address");
    let (mut usual, mut standard) = (Vec::new(), Vec::new());
    let blank = |value: &[u8]| String::from_utf8_lossy(value).split(',').all(|element| element.trim().is_empty());
    for line in data.split(|byte| *byte == b'\n') {
        match (line.strip_prefix(b"X-Forwarded-For: "), line.strip_prefix(b"Forwarded: ")) {
            (Some(value), _) if !blank(value) => usual.push(value.to_vec()),
            (_, Some(value)) if !blank(value) => standard.push(value.to_vec()),
            _ => {}
        }
    }
    let client = |peer, usual: &[Vec<u8>], standard: &[Vec<u8>]| {
        client_address(peer, &trusted, usual.iter().map(Vec::as_slice), standard.iter().map(Vec::as_slice))
    };
    assert_eq!(client(stranger, &usual, &standard), stranger, "only a proxy's word counts");
    let found = client(proxy, &usual, &standard);
    if trusted.contains(found) {
        return;
    }
    // What is to the left was there when the request came to the proxies: a client can write anything there.
    for claim in ["192.0.2.66", "nonsense", "10.0.0.66"] {
        let claimed = [vec![claim.as_bytes().to_vec()], usual.clone()].concat();
        if !usual.is_empty() {
            assert_eq!(client(proxy, &claimed, &standard), found, "by X-Forwarded-For: {claim}");
        }
        let claimed = [vec![format!("for={claim};proto=https").into_bytes()], standard.clone()].concat();
        if !standard.is_empty() {
            assert_eq!(client(proxy, &usual, &claimed), found, "by Forwarded: for={claim}");
        }
        if usual.is_empty() != standard.is_empty() {
            let other = claim.parse::<IpAddr>().ok().filter(|other| *other != found);
            let both = if usual.is_empty() {
                client(proxy, &[claim.as_bytes().to_vec()], &standard)
            } else {
                client(proxy, &usual, &[format!("for={claim}").into_bytes()])
            };
            assert!(both == proxy || other.is_none() && both == found, "{both} by a header that no proxy wrote");
        }
    }
}
