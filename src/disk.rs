//! The space on the disk of a folder.

use std::path::Path;

use nix::sys::statvfs::statvfs;

/// A disk's space, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct DiskSpace {
    /// For those who are not root.
    pub free: u64,
    pub size: u64,
}

impl DiskSpace {
    /// `None` if the folder is not there.
    pub fn of(folder: &Path) -> Option<Self> {
        let disk = statvfs(folder).ok()?;
        let unit = disk.fragment_size();
        Some(Self { free: disk.blocks_available().saturating_mul(unit), size: disk.blocks().saturating_mul(unit) })
    }
}
