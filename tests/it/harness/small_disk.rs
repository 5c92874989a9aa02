//! A disk that runs full.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::{postgres, run};

/// A file system in memory of a fixed size.
pub struct SmallDisk {
    dir: TempDir,
}

impl SmallDisk {
    /// Mounts one; `None` if this user may not.
    pub fn mount(mebibytes: usize) -> Option<Self> {
        let dir = postgres::folder();
        let options = format!("size={mebibytes}m,mode=711");
        let mounted = run(Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(dir.path()));
        if denied(&mounted) {
            return super::skip("this user may not mount file systems");
        }
        assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
        Some(Self { dir })
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut file = File::options().append(true).create(true).open(self.filler()).expect("it can be made");
        let mut piece = vec![0; 1 << 20];
        while !piece.is_empty() {
            match file.write(&piece) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => piece.truncate(piece.len() / 2),
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Gives back what [`Self::fill`] took.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).expect("it was filled");
    }

    fn filler(&self) -> std::path::PathBuf {
        self.dir.path().join("filler")
    }
}

fn denied(mounted: &Output) -> bool {
    let errors = String::from_utf8_lossy(&mounted.stderr);
    !mounted.status.success() && (errors.contains("permission denied") || errors.contains("must be superuser"))
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is open keeps it until it is closed.
        run(Command::new("umount").arg("--lazy").arg(self.dir.path()));
    }
}
