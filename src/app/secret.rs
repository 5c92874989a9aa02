//! The secret of local mode: generated once, kept in the data folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::SecretString;
use uuid::Uuid;

use super::files::write_private;

/// A secret and the file that holds it.
#[derive(Debug)]
pub struct LocalSecret {
    path: PathBuf,
    value: SecretString,
}

impl LocalSecret {
    /// The file in a data folder.
    pub fn path_in(data_dir: &Path) -> PathBuf {
        data_dir.join("secret")
    }

    /// Reads the secret of an earlier start; `None` if there is none.
    pub fn find(data_dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = Self::path_in(data_dir);
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().is_empty() => anyhow::bail!("{} is empty; remove it", path.display()),
            Ok(text) => Ok(Some(Self { value: text.trim().into(), path })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Reads the secret of an earlier start, or writes a new one to a file that only its owner can read.
    pub fn find_or_make(data_dir: &Path) -> anyhow::Result<Self> {
        if let Some(found) = Self::find(data_dir)? {
            return Ok(found);
        }
        // Two random UUIDs: 244 bits from the system's generator.
        let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let path = Self::path_in(data_dir);
        write_private(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, value: text.into() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn value(&self) -> &SecretString {
        &self.value
    }
}
