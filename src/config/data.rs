//! Where the data is: the database and the data folder.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use super::settings::{DATA_DIR, DATABASE_URL, DIRECT_URL, POOLER};
use super::{DatabaseUrl, Reader, Setting};

/// Where records are stored.
#[derive(Debug, Clone)]
pub enum Database {
    /// A server that polysink does not run.
    Url(Box<ServerUrls>),
    /// The private PostgreSQL in the data folder.
    Local,
}

/// How to reach a server that polysink does not run.
#[derive(Debug, Clone)]
pub struct ServerUrls {
    pub url: DatabaseUrl,
    /// Whether it leads through a transaction pooler.
    pub transaction_pooler: bool,
    /// The way without the pooler.
    pub direct: Option<DatabaseUrl>,
}

/// The settings of every command that reads data.
#[derive(Debug, Clone)]
pub struct DataConfig {
    pub database: Database,
    pub data_dir: PathBuf,
}

/// The settings of a command that only reads or migrates.
pub const DATA_SETTINGS: &[&Setting] = &[&DATABASE_URL, &POOLER, &DIRECT_URL, &DATA_DIR];

impl DataConfig {
    /// Reads [`DATA_SETTINGS`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let mut url = |setting: &Setting| {
            let url = DatabaseUrl::parse(&reader.secret(setting)?);
            url.map_err(|message| reader.error(setting.name, message)).ok()
        };
        let (main, direct) = (url(&DATABASE_URL), url(&DIRECT_URL));
        let transaction_pooler = reader.get(&POOLER, |text| match text {
            "session" => Ok(false),
            "transaction" => Ok(true),
            _ => Err("neither `session` nor `transaction`".to_owned()),
        });
        let database = match main {
            Some(url) => {
                let direct = direct.filter(|_| transaction_pooler);
                Database::Url(Box::new(ServerUrls { url, transaction_pooler, direct }))
            }
            None => Database::Local,
        };
        Self { database, data_dir: data_dir(reader) }
    }
}

pub(super) fn data_dir(reader: &mut Reader<'_>) -> PathBuf {
    let path = match reader.optional(&DATA_DIR, |path| Ok(PathBuf::from(path))) {
        Some(path) => path,
        None => default_data_dir(&mut |name| reader.raw(name)).unwrap_or_else(|| {
            reader.error(DATA_DIR.name, "has no default because the user has no home folder; set it");
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
