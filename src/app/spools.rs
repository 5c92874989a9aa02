//! The spools of earlier runs: where they are, and whether deliveries wait in them.
//!
//! A service that is started with another `POLYSINK_SPOOL`, or with `off`, still stores what it has acknowledged. So
//! the data folder remembers where spools are, besides the default place, which is always looked at.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::files::write_private;
use crate::writer::spool::{OpenError, Spool, SpoolOptions, has_spool};

/// The file in the data folder with the folders of spools, one on each line.
const LIST: &str = "spool-folders";

/// The folders of spools that may hold deliveries.
#[derive(Debug)]
pub struct SpoolFolders {
    data_dir: PathBuf,
    /// Folders that could not be looked into.
    unknown: Vec<PathBuf>,
    spools: Vec<(PathBuf, Spool)>,
}

impl SpoolFolders {
    /// Opens the spools of earlier runs in which deliveries wait, and remembers the current one.
    ///
    /// # Errors
    ///
    /// If one of them cannot be used.
    ///
    /// * `current`: the folder of this run, and its spool
    pub fn open(data_dir: &Path, current: Option<(PathBuf, Spool)>) -> anyhow::Result<Self> {
        let same = |folder: &Path| fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let mut seen: BTreeSet<PathBuf> = current.iter().map(|(folder, _)| same(folder)).collect();
        let mut folders =
            Self { data_dir: data_dir.to_owned(), unknown: Vec::new(), spools: current.into_iter().collect() };
        for folder in folders.listed()?.into_iter().chain([folders.default()]) {
            if seen.insert(same(&folder)) {
                folders.look_into(folder)?;
            }
        }
        folders.save();
        Ok(folders)
    }

    fn look_into(&mut self, folder: PathBuf) -> anyhow::Result<()> {
        if !has_spool(&folder) {
            if !folder.exists() && folder != self.default() {
                tracing::warn!(
                    folder = %folder.display(),
                    list = %self.data_dir.join(LIST).display(),
                    "the spool's folder of an earlier run is not there, and deliveries may wait in it: mount it and \
                     start again, or remove its line from the list"
                );
                self.unknown.push(folder);
            }
            return Ok(());
        }
        let spool = match Spool::open(SpoolOptions { folder: folder.clone(), max: 0 }) {
            // It belongs to another service, which stores what is in it.
            Err(OpenError::InUse(_)) => {
                self.unknown.push(folder);
                return Ok(());
            }
            opened => opened?,
        };
        let status = spool.status();
        if let Some(error) = status.error {
            anyhow::bail!("deliveries may wait in the spool of an earlier run in {}: {error}", folder.display());
        }
        if status.totals.entries == 0 {
            spool.close();
            return Ok(());
        }
        tracing::warn!(
            folder = %folder.display(),
            deliveries = status.totals.entries,
            "deliveries wait in the spool of an earlier run, and are stored from there"
        );
        self.spools.push((folder, spool));
        Ok(())
    }

    /// The spools that are open, with their folders: the current one, and then those of earlier runs.
    pub fn spools(&self) -> &[(PathBuf, Spool)] {
        &self.spools
    }

    /// Forgets the spools in which nothing waits, at the end of a run.
    pub fn finish(mut self) {
        self.spools.retain(|(_, spool)| spool.status().totals.entries > 0);
        self.save();
    }

    fn default(&self) -> PathBuf {
        self.data_dir.join("spool")
    }

    fn listed(&self) -> anyhow::Result<Vec<PathBuf>> {
        let path = self.data_dir.join(LIST);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn save(&self) {
        let open = self.spools.iter().map(|(folder, _)| folder);
        let folders: Vec<&PathBuf> = open.chain(&self.unknown).filter(|folder| **folder != self.default()).collect();
        let path = self.data_dir.join(LIST);
        let saved = if folders.is_empty() {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        } else {
            let lines: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
            let folder = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.data_dir);
            folder.and_then(|()| write_private(&path, &lines.join("\n")))
        };
        if let Err(error) = saved {
            tracing::warn!(
                file = %path.display(),
                %error,
                "cannot remember where the spool is: if POLYSINK_SPOOL is changed while it holds deliveries, they will \
                 not be found"
            );
        }
    }
}
