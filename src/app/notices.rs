//! Notices: the sinks of the settings, and what is looked at for them.

use std::path::PathBuf;

use super::{host, now};
use crate::config::{Database, NotifyConfig, ServeConfig, SinkConfig};
use crate::notify::{Notifier, NotifyOptions, NotifyPace, SendError, Sink, SinkFormat};
use crate::store::Store;
use crate::writer::Queue;

/// The sinks that the settings name.
pub fn sinks(configs: Vec<SinkConfig>) -> Vec<Sink> {
    let sink =
        |SinkConfig { name, url, key }| Sink { name, url, format: key.map_or(SinkFormat::Slack, SinkFormat::Signed) };
    configs.into_iter().map(sink).collect()
}

/// The folders whose disks are looked at, and what each is for.
pub(super) fn watched_folders(config: &ServeConfig) -> Vec<(&'static str, PathBuf)> {
    let spool = config.spool.as_ref().map(|spool| ("spool", spool.folder.clone()));
    let is_local = matches!(config.data.database, Database::Local);
    let data = is_local.then(|| ("data", config.data.data_dir.clone()));
    spool.into_iter().chain(data).collect()
}

/// Who tells people what they should know.
///
/// * `folders`: [`watched_folders`]
pub(super) fn notifier(
    config: NotifyConfig,
    pace: NotifyPace,
    store: &Store,
    queue: Queue,
    folders: Vec<(&'static str, PathBuf)>,
) -> Result<Notifier, SendError> {
    let NotifyConfig { sinks: configs, kinds } = config;
    let (store, sinks, host) = (store.clone(), sinks(configs), host());
    Notifier::new(NotifyOptions { store, queue, sinks, kinds, folders, host, now, pace })
}
