//! Where the data is: the database and the data folder.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::settings::{DATA_DIR, DATABASE_URL};
use super::{Reader, Setting};

/// Where records are stored.
#[derive(Debug, Clone)]
pub enum Database {
    /// A server that polysink does not run.
    Url(Box<DatabaseUrl>),
    /// The private PostgreSQL in the data folder.
    Local,
}

/// A valid `DATABASE_URL`. `Debug` does not show it.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: SecretString,
    options: PgConnectOptions,
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl DatabaseUrl {
    fn parse(text: &SecretString) -> Result<Self, String> {
        let exposed = text.expose_secret();
        let expected = "expected postgres://user:password@host:5432/database";
        if !exposed.starts_with("postgres://") && !exposed.starts_with("postgresql://") {
            return Err(format!("is not a PostgreSQL URL; {expected}"));
        }
        // sqlx's message can quote a part of the URL, so it is left out.
        let options = exposed.parse().map_err(|_| format!("is not a valid URL; {}", advice(exposed)))?;
        Ok(Self { text: text.clone(), options })
    }

    /// The options for sqlx.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The URL itself, password included.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// What is probably wrong with a URL. It quotes nothing of it but the value of `sslmode`.
fn advice(url: &str) -> String {
    const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
    let query = url.rsplit_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mode = pairs.filter(|(name, _)| ["sslmode", "ssl-mode"].contains(name)).map(|(_, mode)| mode).next();
    if let Some(mode) = mode.filter(|mode| !MODES.contains(mode)) {
        let shown: String = mode.chars().filter(char::is_ascii_graphic).take(20).collect();
        return format!("sslmode `{shown}` is not one of {}", MODES.join(", "));
    }
    let authority = url.split_once("//").map_or("", |(_, rest)| rest);
    let before_host = authority.rsplit_once('@').map_or("", |(credentials, _)| credentials);
    if before_host.contains(['/', '?', '#', '@', '[', ']', ' ']) {
        return "in the user and password, write @ as %40, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D".to_owned();
    }
    "expected postgres://user:password@host:5432/database".to_owned()
}

/// The settings of every command that reads data.
#[derive(Debug, Clone)]
pub struct DataConfig {
    pub database: Database,
    pub data_dir: PathBuf,
}

/// The settings of a command that only reads or migrates.
pub const DATA_SETTINGS: &[&Setting] = &[&DATABASE_URL, &DATA_DIR];

impl DataConfig {
    /// Reads [`DATA_SETTINGS`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let url = reader.secret(&DATABASE_URL);
        let database = match url.map(|url| DatabaseUrl::parse(&url)) {
            None => Database::Local,
            Some(Ok(url)) => Database::Url(Box::new(url)),
            Some(Err(message)) => {
                reader.error(DATABASE_URL.name, message);
                Database::Local
            }
        };
        Self { database, data_dir: data_dir(reader) }
    }
}

pub(super) fn data_dir(reader: &mut Reader<'_>) -> PathBuf {
    let path = match reader.optional(&DATA_DIR, |path| Ok(PathBuf::from(path))) {
        Some(path) => path,
        None => default_data_dir(&mut |name| reader.raw(name)).unwrap_or_else(|| {
            reader.error(DATA_DIR.name, "has no default because there is no home folder; set it");
            PathBuf::new()
        }),
    };
    std::path::absolute(&path).unwrap_or(path)
}

/// For root, where a service keeps its state; for other users, the platform's folder for user data.
fn default_data_dir(lookup: &mut dyn FnMut(&str) -> Option<String>) -> Option<PathBuf> {
    if nix::unistd::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/polysink"));
    }
    // The closure first, so that tests decide; then the library, which knows the platforms.
    if let Some(data_home) = lookup("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        return Some(data_home.join("polysink"));
    }
    etcetera::base_strategy::choose_native_strategy().ok().map(|native| native.data_dir().join("polysink"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        let error = DatabaseUrl::parse(&url.into()).err().unwrap_or_default();
        assert!(!error.contains("hunter"), "{error}");
        error
    }

    #[test]
    fn the_error_says_what_to_change() {
        assert!(error("mysql://u:hunter2@h/d").contains("is not a PostgreSQL URL"));
        assert!(error("postgres://u:hunter2@h/d?sslmode=verify").contains("sslmode `verify` is not one of disable,"));
        for password in ["hunter/2", "hunter#2", "hunter?2"] {
            let error = error(&format!("postgres://u:{password}@host:5432/d"));
            assert!(error.contains("@ as %40") && error.contains("/ as %2F"), "{password}: {error}");
        }
        assert!(error("postgres://u:hunter2@host:port/d").contains("expected postgres://user:password@host"));
        assert_eq!(error("postgres://u:hunter%2F2@host:5432/d?sslmode=require"), "");
    }
}
