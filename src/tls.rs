//! TLS of the public listener: certificate and key are read from files, and again when these change. Connections that
//! are open then stay as they are.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Error as RustlsError, ServerConfig};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// How long before its end a certificate is a warning: renewal is usually a month before.
pub const ENDS_SOON: TimeDelta = TimeDelta::days(14);

/// How often a certificate that ends soon is said in the log.
const SAID_EVERY: TimeDelta = TimeDelta::days(1);

/// The files of the settings, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those between it and its root.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {}: {error}", file.display())]
    Unreadable { file: PathBuf, error: io::Error },
    #[error("{} has no certificate; expected PEM, with a line -----BEGIN CERTIFICATE-----", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} has a certificate that cannot be read: {why}", file.display())]
    BadCertificate { file: PathBuf, why: String },
    #[error("{} has no private key; expected PEM, with a line -----BEGIN PRIVATE KEY-----", .0.display())]
    NoKey(PathBuf),
    #[error("the key in {} is encrypted; write it without a password: openssl pkey -in OLD -out NEW", .0.display())]
    EncryptedKey(PathBuf),
    #[error("the key in {} cannot be used: {why}", file.display())]
    BadKey { file: PathBuf, why: String },
    #[error(
        "the key in {} does not belong to the certificate in {}; with several certificates, the server's own has to be \
         the first",
        key.display(), certificate.display()
    )]
    Mismatch { certificate: PathBuf, key: PathBuf },
}

/// A certificate with its key, ready to serve.
#[derive(Debug)]
pub struct TlsIdentity {
    config: Arc<ServerConfig>,
    /// SHA-256 of both files.
    digest: [u8; 32],
    pub ends_at: DateTime<Utc>,
    /// The host names and addresses that it is for.
    pub names: Vec<String>,
}

impl TlsFiles {
    /// Reads both.
    ///
    /// # Errors
    ///
    /// [`TlsError`], which names the file and never shows its content.
    pub fn read(&self) -> Result<TlsIdentity, TlsError> {
        let (certificate, key) = (read(&self.certificate)?, read(&self.key)?);
        let digest = Sha256::new().chain_update(Sha256::digest(&certificate)).chain_update(&key).finalize().into();
        let chain = self.chain(&certificate)?;
        let own = chain.first().ok_or_else(|| TlsError::NoCertificate(self.certificate.clone()))?;
        let (_, own) = X509Certificate::from_der(own).map_err(|error| self.bad_certificate(error))?;
        let ends_at =
            DateTime::from_timestamp(own.validity().not_after.timestamp(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let names = names(&own);
        let config = self.config(chain.clone(), self.private_key(&key)?)?;
        Ok(TlsIdentity { config: Arc::new(config), digest, ends_at, names })
    }

    fn bad_certificate(&self, why: impl ToString) -> TlsError {
        TlsError::BadCertificate { file: self.certificate.clone(), why: why.to_string() }
    }

    fn chain(&self, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().map_err(|error| self.bad_certificate(error))
    }

    fn private_key(&self, text: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(text).map_err(|error| match error {
            // OpenSSL's older form says so in a line of its own.
            _ if String::from_utf8_lossy(text).contains("ENCRYPTED") => TlsError::EncryptedKey(self.key.clone()),
            pem::Error::NoItemsFound => TlsError::NoKey(self.key.clone()),
            error => TlsError::BadKey { file: self.key.clone(), why: error.to_string() },
        })
    }

    fn config(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for these versions");
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(|error| match error {
            RustlsError::InconsistentKeys(_) => {
                TlsError::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            RustlsError::InvalidCertificate(why) => self.bad_certificate(why),
            error => TlsError::BadKey { file: self.key.clone(), why: error.to_string() },
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|error| TlsError::Unreadable { file: file.to_owned(), error })
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let names = alternatives.iter().flat_map(|names| &names.value.general_names);
    let host = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(host) => Some((*host).to_owned()),
        GeneralName::IPAddress([a, b, c, d]) => Some(Ipv4Addr::new(*a, *b, *c, *d).to_string()),
        GeneralName::IPAddress(bytes) => Some(Ipv6Addr::from(<[u8; 16]>::try_from(*bytes).ok()?).to_string()),
        _ => None,
    };
    names.filter_map(host).collect()
}

/// The identity that new connections get. Clones share it.
#[derive(Debug, Clone)]
pub struct Tls(watch::Receiver<Arc<TlsIdentity>>);

impl Tls {
    pub fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.0.borrow().config).into()
    }

    pub fn ends_at(&self) -> DateTime<Utc> {
        self.0.borrow().ends_at
    }
}

/// How often the files are looked at.
#[derive(Debug, Clone, Copy)]
pub struct TlsPace {
    /// Between two looks.
    pub look: Duration,
}

impl Default for TlsPace {
    fn default() -> Self {
        Self { look: Duration::from_secs(10) }
    }
}

/// Reads the files again when they change.
#[derive(Debug)]
pub struct TlsWatch {
    files: TlsFiles,
    current: watch::Sender<Arc<TlsIdentity>>,
    pace: TlsPace,
    now: fn() -> DateTime<Utc>,
    /// Why the files could not be used when they were last read.
    error: Option<String>,
    said_at: Option<DateTime<Utc>>,
}

impl TlsWatch {
    /// Reads the files for the first time.
    ///
    /// * `now`: returns the time
    pub fn start(files: TlsFiles, pace: TlsPace, now: fn() -> DateTime<Utc>) -> Result<(Self, Tls), TlsError> {
        let (current, receiver) = watch::channel(Arc::new(files.read()?));
        let mut started = Self { files, current, pace, now, error: None, said_at: None };
        started.say_if_it_ends_soon();
        Ok((started, Tls(receiver)))
    }

    /// Looks again and again, forever. Files that cannot be used change nothing: the identity of before stays.
    pub async fn run(mut self) {
        loop {
            sleep(self.pace.look).await;
            let files = self.files.clone();
            // A disk may take long.
            match tokio::task::spawn_blocking(move || files.read()).await {
                Ok(read) => self.take(read),
                Err(error) => tracing::debug!(%error, "reading the TLS files panicked"),
            }
            self.say_if_it_ends_soon();
        }
    }

    fn take(&mut self, read: Result<TlsIdentity, TlsError>) {
        match read {
            Ok(identity) => {
                self.error = None;
                if identity.digest != self.current.borrow().digest {
                    let (names, ends_at) = (identity.names.join(", "), identity.ends_at);
                    tracing::info!(names, %ends_at, "new connections get the new TLS certificate");
                    self.current.send_replace(Arc::new(identity));
                    self.said_at = None;
                }
            }
            Err(error) => {
                let error = error.to_string();
                if self.error.as_ref() != Some(&error) {
                    tracing::warn!(
                        error,
                        "the TLS files have changed and cannot be used; the certificate of before stays"
                    );
                    self.error = Some(error);
                }
            }
        }
    }

    fn say_if_it_ends_soon(&mut self) {
        let (now, ends_at) = ((self.now)(), self.current.borrow().ends_at);
        if now + ENDS_SOON < ends_at || self.said_at.is_some_and(|said_at| now < said_at + SAID_EVERY) {
            return;
        }
        self.said_at = Some(now);
        let certificate = self.files.certificate.display();
        if now < ends_at {
            let days = (ends_at - now).num_days();
            tracing::warn!(%certificate, %ends_at, days, "the TLS certificate ends soon; renew it");
        } else {
            tracing::error!(%certificate, %ends_at, "the TLS certificate has ended; clients refuse it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pem {
        certificate: String,
        key: String,
    }

    fn pem(name: &str) -> Pem {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("it can be made");
        Pem { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    /// Files with these contents.
    fn files(folder: &Path, certificate: &str, key: &str) -> TlsFiles {
        let files = TlsFiles { certificate: folder.join("tls.crt"), key: folder.join("tls.key") };
        std::fs::write(&files.certificate, certificate).expect("it can be written");
        std::fs::write(&files.key, key).expect("it can be written");
        files
    }

    fn error(certificate: &str, key: &str) -> String {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let error = files(folder.path(), certificate, key).read().expect_err("they cannot be used");
        error.to_string().replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn files_that_cannot_be_used_are_refused_with_what_to_do() {
        let (one, other) = (pem("one.example.com"), pem("other.example.com"));
        let chain = format!("{}{}", other.certificate, one.certificate);
        let cut = one.certificate.replacen("-----END", "-----EN", 1);
        let old = format!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{}",
            "AAAA\n-----END RSA PRIVATE KEY-----\n"
        );
        for (certificate, key, part) in [
            ("", &one.key, "tls.crt has no certificate"),
            ("\u{0}\u{30}DER", &one.key, "tls.crt has no certificate"),
            (&one.key, &one.key, "tls.crt has no certificate"),
            (&cut, &one.key, "tls.crt has a certificate that cannot be read"),
            (&one.certificate.replace("MII", "AII"), &one.key, "tls.crt has a certificate that cannot be read"),
            (&one.certificate, &String::new(), "tls.key has no private key"),
            (&one.certificate, &one.certificate, "tls.key has no private key"),
            (&one.certificate, &one.key.replace("PRIVATE", "ENCRYPTED PRIVATE"), "openssl pkey"),
            (&one.certificate, &old, "tls.key is encrypted"),
            (&one.certificate, &other.key, "the key in tls.key does not belong to the certificate in tls.crt"),
            (&chain, &one.key, "has to be the first"),
        ] {
            let error = error(certificate, key);
            assert!(error.contains(part), "{error}, and not: {part}");
            assert!(!error.contains("MII") && !error.contains("MIG"), "it shows no content: {error}");
        }
        let nowhere = TlsFiles { certificate: "/nowhere/tls.crt".into(), key: "/nowhere/tls.key".into() };
        assert!(nowhere.read().expect_err("it is not there").to_string().starts_with("cannot read /nowhere/tls.crt"));
    }

    #[test]
    fn a_chain_is_served_and_its_first_certificate_tells_the_end_and_the_names() {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let (one, other) = (pem("one.example.com"), pem("other.example.com"));
        let chain = format!("# a comment\n{}{}", one.certificate, other.certificate);
        let identity = files(folder.path(), &chain, &one.key).read().expect("they are good");
        assert_eq!(identity.names, ["one.example.com"]);
        assert!(identity.ends_at.to_rfc3339().starts_with("4096-01-01"), "rcgen's default: {}", identity.ends_at);
    }

    #[test]
    fn files_that_change_are_taken_once_both_are_good() {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let (one, other) = (pem("one.example.com"), pem("other.example.com"));
        let written = files(folder.path(), &one.certificate, &one.key);
        let (mut watch, tls) =
            TlsWatch::start(written.clone(), TlsPace::default(), || DateTime::UNIX_EPOCH).expect("they are good");
        let names = || tls.0.borrow().names.join(", ");
        // The half of a renewal.
        std::fs::write(&written.certificate, &other.certificate).expect("it can be written");
        watch.take(written.read());
        assert_eq!((names().as_str(), watch.error.is_some()), ("one.example.com", true));
        std::fs::write(&written.key, &other.key).expect("it can be written");
        watch.take(written.read());
        assert_eq!((names().as_str(), watch.error.is_some()), ("other.example.com", false));
        let before = Arc::as_ptr(&tls.0.borrow());
        watch.take(written.read());
        assert_eq!(Arc::as_ptr(&tls.0.borrow()), before, "nothing has changed");
    }
}
