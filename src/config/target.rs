//! The settings of `send` and `health`.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;

use super::data::data_dir;
use super::settings::{DATA_DIR, LISTEN, SECRETS, TLS_CERT, TLS_KEY, WEBHOOK_PATH};
use super::tls::tls;
use super::{Reader, Setting, value};
use crate::verify::Credentials;

/// How to reach the service that these settings describe.
#[derive(Debug, Clone)]
pub struct Target {
    pub listen: SocketAddr,
    /// Whether it speaks HTTPS.
    pub tls: bool,
    pub webhook_path: String,
    /// The first of the configured secrets.
    pub secret: Option<SecretString>,
    pub data_dir: PathBuf,
}

/// Those that `send` and `health` read.
pub const TARGET: &[&Setting] = &[&LISTEN, &TLS_CERT, &TLS_KEY, &WEBHOOK_PATH, &SECRETS, &DATA_DIR];

impl Target {
    /// Reads [`TARGET`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let secret = reader.secret(&SECRETS).and_then(|list| {
            let mut credentials = Credentials::default();
            match credentials.add_secrets(&list) {
                Ok(()) => Credentials::first_secret(&list),
                Err(message) => {
                    reader.error(SECRETS.name, message);
                    None
                }
            }
        });
        Self {
            listen: reader.get(&LISTEN, value::listen),
            tls: tls(reader).is_some(),
            webhook_path: reader.get(&WEBHOOK_PATH, value::path),
            secret,
            data_dir: data_dir(reader),
        }
    }
}
