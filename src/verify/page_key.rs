//! Texts that only this service can have made: sessions of the admin pages, and the marks of their forms.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

/// The key of the signatures. Two services with the same admin token have the same one.
#[derive(Clone)]
pub struct PageKey([u8; 32]);

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey")
    }
}

impl PageKey {
    /// * `seed`: secret
    pub fn new(seed: &[u8]) -> Self {
        let mut mac = mac_of(seed);
        mac.update(b"polysink admin pages");
        Self(mac.finalize().into_bytes().into())
    }

    /// A text that says that someone was let in, until a time.
    ///
    /// * `purpose`: what for; the text is good for nothing else
    /// * `nonce`: makes it differ from others
    pub fn seal(&self, purpose: &str, nonce: Uuid, until: DateTime<Utc>) -> String {
        let claim = format!("{}.{}", until.timestamp(), nonce.simple());
        let signature = URL_SAFE_NO_PAD.encode(self.mac(purpose, &claim).finalize().into_bytes());
        format!("{claim}.{signature}")
    }

    /// Whether a text was made by [`PageKey::seal`] for that purpose, and its time is not over.
    pub fn opens(&self, purpose: &str, sealed: &str, now: DateTime<Utc>) -> bool {
        let Some((claim, signature)) = sealed.rsplit_once('.') else { return false };
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let is_signed = signature.is_ok_and(|bytes| self.mac(purpose, claim).verify_slice(&bytes).is_ok());
        let until = claim.split('.').next().and_then(|until| until.parse::<i64>().ok());
        is_signed && until.is_some_and(|until| now.timestamp() < until)
    }

    fn mac(&self, purpose: &str, claim: &str) -> Hmac<Sha256> {
        let mut mac = mac_of(&self.0);
        // The length keeps a purpose from running into the claim.
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(claim.as_bytes());
        mac
    }
}

fn mac_of(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key has any length")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_sealed_text_opens_for_its_purpose_in_its_time_and_with_its_key() {
        let (key, now) = (PageKey::new(b"secret"), DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let sealed = key.seal("session", Uuid::from_u128(7), now + TimeDelta::hours(1));
        assert!(key.opens("session", &sealed, now));
        assert!(!key.opens("session", &sealed, now + TimeDelta::hours(1)), "its time is over");
        assert!(!key.opens("form", &sealed, now), "it is for something else");
        assert!(!PageKey::new(b"other").opens("session", &sealed, now), "another key");
        let later = sealed.replacen(|c: char| c.is_ascii_digit(), "9", 1);
        assert!(!key.opens("session", &later, now), "a time that was changed");
        for odd in ["", ".", "..", "1.2", "9999999999.00.zz", "9999999999.00.é0", &sealed[1..], &sealed[..9]] {
            assert!(!key.opens("session", odd, now), "{odd}");
        }
        assert_ne!(sealed, key.seal("session", Uuid::from_u128(8), now + TimeDelta::hours(1)));
    }
}
