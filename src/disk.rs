//! The space on the disk of a folder.

use std::fmt;
use std::path::Path;

use nix::sys::statvfs::statvfs;

/// Free space below this is too little: a share of the disk, in percent, and bytes.
const LITTLE_PERCENT: u64 = 10;
const VERY_LITTLE: u64 = 512 << 20;

/// A disk's space, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct DiskSpace {
    /// For those who are not root.
    pub free: u64,
    pub size: u64,
}

impl fmt::Display for DiskSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [free, size] = [self.free, self.size].map(|bytes| bytesize::ByteSize::b(bytes).display().iec());
        write!(f, "{free} of {size} free")
    }
}

impl DiskSpace {
    /// `None` if the folder is not there.
    pub fn of(folder: &Path) -> Option<Self> {
        let disk = statvfs(folder).ok()?;
        let unit = disk.fragment_size();
        Some(Self { free: disk.blocks_available().saturating_mul(unit), size: disk.blocks().saturating_mul(unit) })
    }

    /// Whether someone should make room.
    pub fn is_low(self) -> bool {
        self.is_very_low() || self.free.saturating_mul(100) / self.size.max(1) < LITTLE_PERCENT
    }

    /// Whether it may be full at any moment.
    pub fn is_very_low(self) -> bool {
        self.free < VERY_LITTLE
    }
}
