//! The user that PostgreSQL runs as, and folders that this user can use.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::unistd::{User, geteuid};

use super::{At as _, LocalPgError};

/// The user that owns the cluster.
#[derive(Debug, Clone)]
pub enum FileOwner {
    /// The user who started polysink.
    Ourselves,
    /// `postgres`: polysink runs as root, which PostgreSQL refuses.
    Other { uid: u32, gid: u32 },
}

impl FileOwner {
    pub fn for_this_process() -> Result<Self, LocalPgError> {
        if !geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let user = User::from_name("postgres").ok().flatten().ok_or(LocalPgError::NoPostgresUser)?;
        Ok(Self::Other { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
    }

    /// Creates the data folder and its missing parents, so that the owner can enter it.
    pub fn prepare_data_dir(&self, data_dir: &Path) -> Result<(), LocalPgError> {
        let mode = match self {
            Self::Ourselves => 0o700,
            // Others may pass through to what they own, but list nothing.
            Self::Other { .. } => 0o711,
        };
        let missing: Vec<&Path> = data_dir.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.iter().rev() {
            DirBuilder::new().mode(mode).create(folder).at("cannot create the folder", folder)?;
            set_mode(folder, mode)?; // the umask may have taken bits away
        }
        let meta = fs::metadata(data_dir).at("cannot read", data_dir)?;
        if !meta.is_dir() {
            return Err(LocalPgError::NotAFolder(data_dir.to_owned()));
        }
        if let Self::Other { .. } = self {
            match self.check_way_to(data_dir) {
                // A folder that is ours or empty gets our mode. Any other belongs to another user and keeps its mode.
                Err(LocalPgError::ClosedFolder { closed, .. })
                    if closed == data_dir && meta.uid() == 0 && is_ours_or_empty(data_dir)? =>
                {
                    set_mode(data_dir, meta.mode() & 0o7777 | 0o011)?;
                    self.check_way_to(data_dir)?;
                }
                other => other?,
            }
        }
        Ok(())
    }

    /// Asks the system, as the owner, whether each folder down to `data_dir` can be entered.
    fn check_way_to(&self, data_dir: &Path) -> Result<(), LocalPgError> {
        let mut way: Vec<&Path> = data_dir.ancestors().filter(|folder| !folder.as_os_str().is_empty()).collect();
        way.reverse();
        let script = r#"for folder; do cd "$folder" 2>/dev/null || { printf %s "$folder"; exit 1; }; done"#;
        let mut command = self.command(Path::new("/bin/sh"), Path::new("/"));
        let output = command.arg("-c").arg(script).arg("sh").args(way).output();
        let output = output.at("cannot run", Path::new("/bin/sh"))?;
        if output.status.success() {
            return Ok(());
        }
        let closed = PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&output.stdout));
        Err(LocalPgError::ClosedFolder { closed, data_dir: data_dir.to_owned() })
    }

    /// A folder that only the owner can use, created if missing.
    pub fn private_dir(&self, path: &Path) -> Result<(), LocalPgError> {
        if !path.exists() {
            DirBuilder::new().mode(0o700).create(path).at("cannot create the folder", path)?;
            self.give(path)?;
        }
        Ok(())
    }

    /// Whether `path` is a folder of the owner's, closed to all others, and not a link.
    pub fn owns_privately(&self, path: &Path) -> bool {
        let uid = match self {
            Self::Ourselves => geteuid().as_raw(),
            Self::Other { uid, .. } => *uid,
        };
        fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir() && meta.uid() == uid && meta.mode() & 0o7777 == 0o700)
    }

    /// Makes the owner the owner of `path`.
    pub fn give(&self, path: &Path) -> Result<(), LocalPgError> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(*uid), Some(*gid)).at("cannot change the owner of", path),
        }
    }

    /// A command that runs as the owner in `dir`, without PGPORT and the like in its environment, and without the
    /// terminal's Ctrl-C.
    pub fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(dir)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .process_group(0)
            .stdin(Stdio::null());
        if let Self::Other { uid, gid } = self {
            command.uid(*uid).gid(*gid); // std drops root's other groups too
        }
        command
    }
}

/// Whether only root could have put a program there: the file, and each folder above it, is root's and not writable for
/// others.
pub fn is_roots_alone(program: &Path) -> bool {
    let closed = |path: &Path| {
        // In a folder with the sticky bit, others can add files, but not change root's.
        fs::metadata(path).is_ok_and(|meta| meta.uid() == 0 && (meta.mode() & 0o002 == 0 || meta.mode() & 0o1000 != 0))
    };
    fs::canonicalize(program).is_ok_and(|program| program.ancestors().all(closed))
}

fn is_ours_or_empty(data_dir: &Path) -> Result<bool, LocalPgError> {
    let mut inside = fs::read_dir(data_dir).at("cannot read", data_dir)?;
    Ok(data_dir.join(super::LOCK_FILE).exists() || inside.next().is_none())
}

/// Runs a command to its end. An error has its output.
pub fn run(command: &mut Command) -> Result<Output, LocalPgError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().at("cannot run", Path::new(&program))?;
    if output.status.success() {
        return Ok(output);
    }
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    Err(LocalPgError::Program { program, output: String::from_utf8_lossy(&text).trim().to_owned() })
}

fn set_mode(path: &Path, mode: u32) -> Result<(), LocalPgError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).at("cannot set the permissions of", path)
}
