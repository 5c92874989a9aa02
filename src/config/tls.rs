//! The settings of TLS on the public listener.

use super::Reader;
use super::settings::{TLS_CERT, TLS_KEY};
use crate::tls::TlsFiles;

/// Reads them; `None` without TLS. The files are not read.
pub fn tls(reader: &mut Reader<'_>) -> Option<TlsFiles> {
    let file = |text: &str| Ok(std::path::absolute(text).unwrap_or_else(|_| text.into()));
    match (reader.optional(&TLS_CERT, file), reader.optional(&TLS_KEY, file)) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            reader.error(TLS_KEY.name, format!("is not set, and {} is; TLS needs both", TLS_CERT.name));
            None
        }
        (None, Some(_)) => {
            reader.error(TLS_CERT.name, format!("is not set, and {} is; TLS needs both", TLS_KEY.name));
            None
        }
    }
}
