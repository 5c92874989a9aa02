//! The signature of Polytomic's organization events: an HMAC of the raw body under a chosen secret.
//!
//! The documentation names neither the digest nor the encoding, so all that are usual are accepted; [`SignatureForm`]
//! says which one was seen.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::{MIN_SECRET_BYTES, list_items};

/// The path to which events are posted.
pub const EVENTS_PATH: &str = "/webhooks/polytomic/events";

/// The header with the signature, in lower case.
pub const SIGNATURE: &str = "polytomic-signature";

/// The secrets of the organizations' events, one for each. `Debug` does not show them.
#[derive(Debug, Clone)]
pub struct EventSecrets(Vec<SecretString>);

/// How a signature was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureForm {
    /// `sha256`, `sha512` or `sha1`.
    pub digest: &'static str,
    /// `hex`, `base64` or `base64url`.
    pub encoding: &'static str,
    /// Whether the digest's name stood before it, as in `sha256=…`.
    pub is_prefixed: bool,
}

impl std::fmt::Display for SignatureForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let prefix = if self.is_prefixed { ", with its name before it" } else { "" };
        write!(f, "{} in {}{prefix}", self.digest, self.encoding)
    }
}

impl EventSecrets {
    /// Reads a comma-separated list. A comma in a secret is written twice.
    ///
    /// # Errors
    ///
    /// A sentence, which never shows a value.
    pub fn parse(list: &SecretString) -> Result<Self, String> {
        let mut secrets = Vec::new();
        for (n, item) in list_items(list) {
            if item.len() < MIN_SECRET_BYTES {
                return Err(format!("secret {n} has {} bytes; expected at least {MIN_SECRET_BYTES}", item.len()));
            }
            secrets.push(item.into());
        }
        if secrets.is_empty() { Err("holds no secret".to_owned()) } else { Ok(Self(secrets)) }
    }

    /// How the body is signed with one of them; `None` if it is not. Takes as long whatever the signature has.
    ///
    /// * `signature`: the header's value
    /// * `body`: as it came over the wire
    pub fn form(&self, signature: &[u8], body: &[u8]) -> Option<SignatureForm> {
        let text = std::str::from_utf8(signature).ok()?.trim();
        let (name, rest) = text.split_once('=').filter(|(name, _)| is_digest(name)).unwrap_or(("", text));
        let presented = decoded(rest);
        let mut found = None;
        for secret in &self.0 {
            for (digest, expected) in signatures(secret, body) {
                let is_named = name.is_empty() || name.eq_ignore_ascii_case(digest);
                for (encoding, bytes) in &presented {
                    if is_named && bool::from(bytes.ct_eq(&expected)) {
                        found = Some(SignatureForm { digest, encoding, is_prefixed: !name.is_empty() });
                    }
                }
            }
        }
        found
    }
}

/// The signatures of a body by each digest.
fn signatures(secret: &SecretString, body: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    fn signature<M: Mac + hmac::digest::KeyInit>(key: &[u8], body: &[u8]) -> Vec<u8> {
        let mac = <M as Mac>::new_from_slice(key).expect("an HMAC takes keys of any length");
        mac.chain_update(body).finalize().into_bytes().to_vec()
    }
    let key = secret.expose_secret().as_bytes();
    [
        ("sha256", signature::<Hmac<Sha256>>(key, body)),
        ("sha512", signature::<Hmac<Sha512>>(key, body)),
        ("sha1", signature::<Hmac<Sha1>>(key, body)),
    ]
}

fn is_digest(name: &str) -> bool {
    ["sha256", "sha512", "sha1"].iter().any(|digest| name.eq_ignore_ascii_case(digest))
}

/// All that a text can be read as.
fn decoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let unpadded = text.trim_end_matches('=');
    let hex = (text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| {
        let digits = text.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
        digits.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
    });
    let all = [
        ("hex", hex),
        ("base64", STANDARD_NO_PAD.decode(unpadded).ok()),
        ("base64url", URL_SAFE_NO_PAD.decode(unpadded).ok()),
    ];
    all.into_iter().filter_map(|(encoding, bytes)| Some((encoding, bytes?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"type":"sync.completed"}"#;

    fn secrets() -> EventSecrets {
        EventSecrets::parse(&"another organization's,a secret of ours".into()).expect("they are long enough")
    }

    /// By sha256, sha512 and sha1.
    fn signed(secret: &str) -> [Vec<u8>; 3] {
        signatures(&secret.into(), BODY).map(|(_, bytes)| bytes)
    }

    /// RFC 4231, test case 2; RFC 2202, test case 2.
    #[test]
    fn digests_are_those_of_the_standards() {
        let [sha256, sha512, sha1] = signatures(&"Jefe".into(), b"what do ya want for nothing?");
        assert_eq!(hex(&sha256.1), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(hex(&sha512.1).starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"));
        assert_eq!(hex(&sha1.1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn every_usual_form_is_accepted() {
        let [sha256, sha512, sha1] = signed("a secret of ours");
        let base64 = base64::engine::general_purpose::STANDARD.encode(&sha256);
        for (signature, form) in [
            (hex(&sha256), "sha256 in hex"),
            (hex(&sha256).to_uppercase(), "sha256 in hex"),
            (format!("sha256={}", hex(&sha256)), "sha256 in hex, with its name before it"),
            (format!("SHA256={base64}"), "sha256 in base64, with its name before it"),
            (hex(&sha1), "sha1 in hex"),
            (hex(&sha512), "sha512 in hex"),
        ] {
            let seen = secrets().form(signature.as_bytes(), BODY).expect(&signature);
            assert_eq!(seen.to_string(), form, "{signature}");
        }
        for signature in [base64.clone(), base64.trim_end_matches('=').to_owned(), URL_SAFE_NO_PAD.encode(&sha256)] {
            assert_eq!(secrets().form(signature.as_bytes(), BODY).expect(&signature).digest, "sha256");
        }
    }

    #[test]
    fn other_signatures_are_refused() {
        let ([sha256, ..], [right, ..]) = (signed("another secret"), signed("a secret of ours"));
        for bad in [
            String::new(),
            "sha256=".to_owned(),
            hex(&sha256),
            hex(&right)[..62].to_owned(),
            format!("sha512={}", hex(&right)),
            format!("md5={}", hex(&right)),
            format!("{}00", hex(&right)),
            "\u{fc}".to_owned(),
        ] {
            assert_eq!(secrets().form(bad.as_bytes(), BODY), None, "{bad}");
        }
        assert_eq!(secrets().form(hex(&right).as_bytes(), b"another body"), None);
        EventSecrets::parse(&"short".into()).expect_err("it can be guessed");
        EventSecrets::parse(&" , ".into()).expect_err("there is none");
    }
}
